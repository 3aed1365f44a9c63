# SPDX-License-Identifier: BSD-3-Clause
"""table.md, for docs/figures.md: headlines, then a table a part."""
import contract


def millions(n):
    return "-" if n is None else f"{n / 1e6:.2f}"


def text_of(value, form="{}"):
    return "-" if value is None else form.format(value)


def rows_micro(results):
    yield ["case", "counter cycles, least", "median", "instructions", "ns"]
    for r in results:
        yield [r["case"], text_of(r["cyc_per_pkt_tsc"], "{:.0f}"), text_of(r["cyc_per_pkt_median"], "{:.0f}"),
               text_of(r["instr_per_pkt"]), text_of(r["ns_per_pkt"], "{:.1f}")]


def rows_links(results):
    yield ["link and requests", "M/s", "5tswap, M/s", "ratio", "spread", "pairs kept", "beside ntpwired's own", "pairs kept"]
    for r in results:
        beside = r["beside"]
        yield [r["case"], millions(r["mrr_pps"]), millions(r["ref5tswap_pps"]), text_of(r["ratio_to_ref"], "{:.3f}"),
               f"{r['ratio_min']:.3f} to {r['ratio_max']:.3f}", f"{r['kept']} of {r['runs']}",
               *((f"{beside['ratio_to_ref']:.3f} of {beside['question']}", f"{beside['kept']} of {beside['runs']}") if beside
                 else ("-", "-"))]


def percentiles(values):
    return f"{values['p50'] / 1e3:.2f}, {values['p99'] / 1e3:.2f}" if values else "-"


def rows_search(results):
    yield ["link", "NDR, M/s", "PDR 0.5 %, M/s", "NDR / PDR", *(f"round trip at {load} %: p50, p99, us" for load in
                                                               ("0", "10", "50", "90")), "residency at 50 %: p50, p99, us", "lost at 80 % under as much junk, %"]
    for r in results:
        ndr, pdr = r["ndr_pps"], r["pdr05_pps"]
        trips = r["lat_ns"] or {}
        yield [r["case"], millions(ndr), millions(pdr), f"{ndr / pdr:.3f}" if ndr and pdr else "-",
               *(percentiles(trips.get(load)) for load in ("0", "10", "50", "90")), percentiles(r["residency_ns"].get("50")),
               text_of((r["flood"] or {}).get("lost_percent"), "{:.3f}")]


def rows_scaling(results):
    yield ["workers", "M/s", "to one", "spread", "pairs kept", "counter cycles a packet, feeding included"]
    for r in results:
        spread = f"{r['ratio_min']:.3f} to {r['ratio_max']:.3f}" if r["ratio_to_one"] else "-"
        yield [r["case"], millions(r["mrr_pps"]), text_of(r["ratio_to_one"], "{:.3f}"), spread,
               f"{r['kept']} of {r['runs']}", text_of(r["cyc_per_pkt_tsc"], "{:.0f}")]


def rows_peers(results):
    yield ["server", "answered, k/s", "offered, k/s", "lost, %", "to chronyd", "spread", "rounds kept",
           "at most 0.5 % lost up to, k/s", "to chronyd", "residency, p50, us", "T2 early, T3 late, at 20 k/s"]
    for r in results:
        if r["mrr_pps"] is None:
            yield [r["case"], *"-" * 10]
            continue
        spread = f"{r['ratio_min']:.2f} to {r['ratio_max']:.2f}" if r["ratio_to_chronyd"] else "-"
        yield [r["case"], f"{r['mrr_pps'] / 1e3:.0f}", f"{r['offered_pps'] / 1e3:.0f}", f"{r['lost_percent']:.1f}",
               text_of(r["ratio_to_chronyd"], "{:.2f}"), spread, f"{r['kept']} of {r['runs']}",
               f"{r['pdr05_pps'] / 1e3:.0f}" if r["pdr05_pps"] else "-",
               "{ratio_to_ref:.2f}, {ratio_min:.2f} to {ratio_max:.2f}".format(**r["pdr05_to_chronyd"])
               if r.get("pdr05_to_chronyd") else "-",
               f"{r['residency_p50_ns'] / 1e3:.1f}",
               "-" if r["t3_err_ns"] is None else f"{r['early_t2_count']}, {r['late_t3_count']}"]


def rows_accuracy(results):
    yield ["server", "client's mode", "median offset, us", "standard deviation, us", "median delay, us", "T3 to its receipt: quartiles, us",
           "measurements", "rounds kept", "ntpwired's spread to it, all rounds"]
    for r in results:
        o, beside = r["offset_ns"], r["ntpwired_sd_to_it"]
        yield [r["server"], r["client_mode"], f"{o['median'] / 1e3:+.2f}", f"{o['sd'] / 1e3:.2f}", f"{r['delay_ns']['median'] / 1e3:.1f}",
               ", ".join(f"{q / 1e3:.2f}" for q in r["reply_ns"]), r["measurements"], f"{r['kept']} of {r['runs']}",
               f"{beside['median']:.2f}, {beside['min']:.2f} to {beside['max']:.2f}" if beside else "-"]


ROWS = {"micro": rows_micro, "links": rows_links, "search": rows_search, "scaling": rows_scaling, "peers": rows_peers,
        "accuracy": rows_accuracy}


def lines_of(rows):
    head, *body = rows
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in body:
        yield "| " + " | ".join(map(str, row)) + " |"


def notes_of(results):
    """Cases of which nothing was measured, or not the server."""
    said = [f"{r['case']} was not measured: {r['not_measured']['mrr_pps']}" for r in results
            if len(r["not_measured"]) >= len(contract.FIELDS) - 1]
    said += [f"{r['case']}: {r['not_measured'][field]}" for r in results if r["part"] == "search"
             for field in ("ndr_pps", "lat_ns") if field in r["not_measured"]]
    said += ["{case}: {soak_s} s at {soak[rate_pps]} requests a second, {soak[lost]} of {soak[requests]} lost, in "
             "{soak[seconds_with_loss]} of its seconds".format(**r) for r in results if r.get("soak")]
    said += [f"{r['case']}: {100 * r['interleaved_share']:.1f} % of the replies were in interleaved mode" for r in results
             if r["interleaved_share"] is not None]
    limited = [r["case"] for r in results if r.get("generator_limited_runs") or "ntpwired" in (r.get("at_the_links_limit") or [])]
    if limited:
        said.append(f"link or generator were the limit for {'; '.join(limited)}: the server could be faster")
    return said


def sentences(part, results):
    """What is to be said below a part's table."""
    return [f"{s}." for s in [part["sentence"], *notes_of(results)] if s]


def machine_sentence(report):
    m = report["machine"]
    threads = " (threads of one)" if m["cores_are_threads_of_one"] else ""
    return (f"{report['command']}, {report['date'][:10]}, revision {m['revision']}: {m['cpu']}, {m['cores']} cores{threads}, "
            f"{m['system']}, kernel {m['kernel']}.")


def part_lines(name, part, results):
    yield f"### {name}"
    yield ""
    if results and name in ROWS:
        yield from lines_of(ROWS[name](results))
        yield ""
    for sentence in sentences(part, results):
        yield sentence
        yield ""


def markdown(report):
    """The whole table.md."""
    lines = [machine_sentence(report), ""]
    lines += [f"- {sentence}" for sentence in report["headlines"]] + [""]
    for name, part in report["parts"].items():
        results = [r for r in report["results"] if r["part"] == name]
        lines += part_lines(name, part, results)
    return "\n".join(lines).rstrip() + "\n"
