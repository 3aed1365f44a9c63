# SPDX-License-Identifier: BSD-3-Clause
"""table.md, for the README: headlines, then a table a part."""


def millions(n):
    return "-" if n is None else f"{n / 1e6:.2f}"


def text_of(value, form="{}"):
    return "-" if value is None else form.format(value)


def rows_micro(results):
    yield ["case", "counter cycles, least", "median", "instructions", "ns"]
    for r in results:
        yield [r["case"], text_of(r["cyc_per_pkt_tsc"], "{:.0f}"), text_of(r["cyc_per_pkt_median"], "{:.0f}"),
               text_of(r["instr_per_pkt"]), text_of(r["ns_per_pkt"], "{:.0f}")]


def rows_links(results):
    yield ["link and requests", "M/s", "5tswap, M/s", "ratio", "spread", "pairs kept", "NDR, M/s", "PDR, M/s",
           "p50, p99 at 50 %"]
    for r in results:
        at_half = (r["lat_ns"] or {}).get("50")
        yield [r["case"], millions(r["mrr_pps"]), millions(r["ref5tswap_pps"]), text_of(r["ratio_to_ref"], "{:.3f}"),
               f"{r['ratio_min']:.3f} to {r['ratio_max']:.3f}", f"{r['kept']} of {r['runs']}", millions(r["ndr_pps"]),
               millions(r["pdr05_pps"]), f"{at_half['p50']:.0f}, {at_half['p99']:.0f} ns" if at_half else "-"]


def rows_scaling(results):
    yield ["workers", "M/s", "to one", "spread", "pairs kept", "counter cycles a packet, feeding included"]
    for r in results:
        spread = f"{r['ratio_min']:.3f} to {r['ratio_max']:.3f}" if r["ratio_to_one"] else "-"
        yield [r["workers"], millions(r["mrr_pps"]), text_of(r["ratio_to_one"], "{:.3f}"), spread,
               f"{r['kept']} of {r['runs']}", text_of(r["cyc_per_pkt_tsc"], "{:.0f}")]


ROWS = {"micro": rows_micro, "links": rows_links, "scaling": rows_scaling}


def lines_of(rows):
    head, *body = rows
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in body:
        yield "| " + " | ".join(map(str, row)) + " |"


def notes_of(results):
    """What was not measured of a part, each reason once with the fields it is said of."""
    by_reason = {}
    for r in results:
        for field, why in r["not_measured"].items():
            by_reason.setdefault(why, dict())[field] = None
    return [f"not measured: {', '.join(fields)}: {why}" for why, fields in by_reason.items()]


def part_lines(name, part, results):
    yield f"### {name}"
    yield ""
    if results and name in ROWS:
        yield from lines_of(ROWS[name](results))
        yield ""
    if part["sentence"]:
        yield f"{part['sentence']}."
        yield ""


def markdown(report):
    """The whole table.md."""
    m = report["machine"]
    lines = [f"`{report['command']}`, {report['date'][:10]}, revision {m['revision']}: {m['cpu']}, {m['cores']} cores"
             f"{' (threads of one)' if m['cores_are_threads_of_one'] else ''}, {m['system']}, kernel {m['kernel']}.", ""]
    lines += [f"- {sentence}" for sentence in report["headlines"]] + [""]
    for name, part in report["parts"].items():
        results = [r for r in report["results"] if r["part"] == name]
        lines += part_lines(name, part, results)
    return "\n".join(lines).rstrip() + "\n"
