# SPDX-License-Identifier: BSD-3-Clause
"""index.html: the tables of table.md with plots, and why each field that is null is null."""
import html

import plots
import table

STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { border: 1px solid #ccc; padding: .25rem .6rem; text-align: right }
th:first-child, td:first-child { text-align: left }
th { background: #f3f3f3 }
figure { margin: 1.5rem 0 } img { max-width: 100%; height: auto } figcaption, .small { color: #555; font-size: 14px }
"""


def table_html(rows):
    head, *body = rows
    yield "<table><tr>" + "".join(f"<th>{html.escape(str(cell))}</th>" for cell in head) + "</tr>"
    for row in body:
        yield "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
    yield "</table>"


def reasons_html(results):
    """Each reason once, with the fields it is said of."""
    fields = {}
    for r in results:
        for field, why in r["not_measured"].items():
            fields.setdefault(why, {})[field] = None
    if fields:
        yield "<details><summary>Fields that are null</summary><ul class=small>"
        for why, names in fields.items():
            yield f"<li>{', '.join(names)}: {html.escape(why)}</li>"
        yield "</ul></details>"


def part_html(folder, name, part, results):
    yield f"<h2>{name}</h2>"
    if results:
        yield from table_html(table.ROWS[name](results))
    for sentence in table.sentences(part, results):
        yield f"<p>{html.escape(sentence)}</p>"
    for file, caption in plots.draw_part(folder, name, results) if plots.is_possible() else []:
        yield f'<figure><img src="{file}" alt="{html.escape(caption)}"><figcaption>{html.escape(caption)}</figcaption></figure>'
    yield from reasons_html(results)


def page(folder, report):
    """The whole page; its plots are written into the folder."""
    lines = ["<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
             f"<title>ntpwire: report of {report['date'][:10]}</title><style>{STYLE}</style>",
             "<h1>ntpwire, measured</h1>", f"<p>{html.escape(table.machine_sentence(report))}</p>", "<ul>"]
    lines += [f"<li>{html.escape(sentence)}</li>" for sentence in report["headlines"]]
    lines.append("</ul>")
    if not plots.is_possible():
        lines.append("<p>No plots: gnuplot is not installed (Debian: gnuplot-nox).</p>")
    for name, part in report["parts"].items():
        lines += part_html(folder, name, part, [r for r in report["results"] if r["part"] == name])
    lines.append("<p class=small>Everything is in <a href=results.json>results.json</a>; the tables alone in "
                 "<a href=table.md>table.md</a>.</p></html>")
    return "\n".join(lines) + "\n"
