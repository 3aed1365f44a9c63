# SPDX-License-Identifier: BSD-3-Clause
"""SVG plots by gnuplot: one a question, from a part's results."""
import shutil
import statistics

from steps import process_output

HEAD = """set terminal svg size 860,{height} dynamic noenhanced background '#ffffff' font 'sans-serif,13'
set output '{output}'
set border 3 lc '#555555'
set tics nomirror
set grid lc '#dddddd'
set key outside top left horizontal
"""
COLOURS = ["#1b6ca8", "#c8553d", "#588157", "#8d6a9f", "#b08900", "#555555"]


def is_possible():
    return shutil.which("gnuplot") is not None


def word(text):
    """A string for gnuplot, taken as it is."""
    return '"' + str(text).replace('"', "'") + '"'


def block(name, rows):
    return f"${name} << END\n" + "".join(" ".join(map(str, row)) + "\n" for row in rows) + "END\n"


def draw(folder, name, body, height=420):
    script = folder / f"{name}.gnuplot"
    script.write_text(HEAD.format(output=folder / f"{name}.svg", height=height) + body)
    process_output(["gnuplot", script], 30)
    script.unlink()
    return f"{name}.svg"


def bars(folder, name, label, rows):
    """rows: (text, value); horizontal, the first on top."""
    rows = [(len(rows) - i, value, word(text)) for i, (text, value) in enumerate(rows)]
    body = block("data", rows) + (
        f"set xlabel {word(label)}\nset xrange [0:*]\nset yrange [0.4:{len(rows) + 0.6}]\nset key off\n"
        "set style fill solid\nset boxwidth 0.6\nset grid noytics\n"
        f"plot $data using ($2/2):1:($2/2):(0.3):ytic(3) with boxxyerror lc '{COLOURS[0]}', "
        "$data using 2:1:(sprintf(' %g', $2)) with labels left\n")
    return draw(folder, name, body, 90 + 26 * len(rows))


def lines(folder, name, labels, series, more=""):
    """series: {name: rows of x, y}. labels: of the axes."""
    body = "".join(block(f"d{i}", rows) for i, rows in enumerate(series.values()))
    body += f"set xlabel {word(labels[0])}\nset ylabel {word(labels[1])}\n{more}\nplot "
    body += ", ".join(f"$d{i} using 1:2 with linespoints pt 7 ps 0.4 lw 1.5 lc '{COLOURS[i % len(COLOURS)]}' "
                      f"title {word(text)}" for i, text in enumerate(series))
    return draw(folder, name, body + "\n")


def plot_micro(folder, results):
    yield bars(folder, "micro", "counter cycles a packet, least", [(r["case"], r["cyc_per_pkt_tsc"]) for r in results]), \
        "What the core's functions cost, without input and output."
    yield bars(folder, "instructions", "instructions a packet", [(r["case"], r["instr_per_pkt"]) for r in results]), \
        "Instructions, counted by callgrind: the same on every run."


def plot_links(folder, results):
    points = [(i + 1, pair["ratio"]) for i, r in enumerate(results) for pair in r["pairs"] if pair["kept"]]
    medians = [(i + 1, r["ratio_to_ref"], word(r["case"])) for i, r in enumerate(results)]
    body = block("points", points) + block("medians", medians) + (
        f"set xrange [0.5:{len(results) + 0.5}]\nset yrange [0:*]\nset xtics rotate by -25\n"
        "set ylabel 'ntpwired / 5tswap'\nset rmargin 12\n"
        f"plot $points using 1:2 with points pt 7 ps 0.5 lc '#999999' title 'pairs', $medians using 1:2:xtic(3) "
        f"with points pt 5 ps 1.2 lc '{COLOURS[1]}' title 'median', 1 with lines lc '#555555' notitle\n")
    yield draw(folder, "links", body, 480), "One worker against testpmd's 5tswap on the same link, each pair of runs."


def plot_search(folder, results):
    searched = {r["case"]: [(t["offered_pps"] / 1e6, t["lost_percent"]) for t in
                            sorted(r["trials"], key=lambda t: t["offered_pps"])] for r in results if r["trials"]}
    if searched:
        yield lines(folder, "loss", ("offered, million a second", "lost, percent"), searched), \
            "The search for the highest rate without loss."
    yield from plot_latency(folder, results)


def plot_latency(folder, results):
    at = {"p50": 0, "p90": 1, "p99": 2, "p99_9": 3, "p99_99": 4}
    series = {f"{r['transport']}, {load} %": [(x, values[p]) for p, x in at.items() if values.get(p)]
              for r in results for load, values in (r["lat_ns"] or {}).items() if values}
    if series:
        ticks = ", ".join(f"'{text}' {x}" for text, x in
                          zip(("50", "90", "99", "99.9", "99.99"), at.values()))
        yield lines(folder, "latency", ("percentile", "round trip, ns"), series,
                    f"set logscale y\nset xtics ({ticks})"), "Round trips by percentile, at shares of the rate without loss."


def plot_peers(folder, results):
    measured = [r for r in results if r["mrr_pps"]]
    if measured:
        yield bars(folder, "peers", "thousand answers a second, asked as fast as the veth pair takes it",
                   [(r["case"], round(r["mrr_pps"] / 1e3)) for r in measured]), "Each server alone on the same veth pair."
    ladder = {r["case"]: [(s["offered_pps"] / 1e3, s["answered_pps"] / 1e3) for s in r["ladder"]] +
              [(r["offered_pps"] / 1e3, r["mrr_pps"] / 1e3)] for r in measured if r["ladder"]}
    if ladder:
        yield lines(folder, "ladder", ("offered, thousand a second", "answered, thousand a second"), ladder), \
            "Answers against offered load."


def plot_accuracy(folder, results):
    series = {}
    for r in results:
        offsets = sorted(o / 1e3 for o, _ in r["samples"])
        series[f"{r['server']}, {r['client_mode']}"] = [(o, (i + 0.5) / len(offsets)) for i, o in enumerate(offsets)]
    if not series:
        return
    spread = 6 * max(statistics.median(abs(o) for o, _ in rows) for rows in series.values())
    yield lines(folder, "accuracy", ("offset that the client saw, us", "share of measurements"), series,
                f"set xrange [{-spread:.3f}:{spread:.3f}]\nset yrange [0:1]\nset key top left inside vertical"), \
        "The true offset is 0: server and client have the same clock."


def plot_scaling(folder, results):
    yield bars(folder, "scaling", "million packets a second",
               [(r["case"], round(r["mrr_pps"] / 1e6, 2)) for r in results]), "Workers that feed themselves."


PLOTS = {"micro": plot_micro, "scaling": plot_scaling, "links": plot_links, "search": plot_search, "peers": plot_peers,
         "accuracy": plot_accuracy}


def draw_part(folder, part, results):
    """(file, caption) of every plot of a part."""
    return list(PLOTS[part](folder, results)) if results else []
