"""Coverage of state machines, as text, JSON and HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from everypath.coverage.collector import COUNTED, Coverage, percent, total

HEADERS = ("Machine", *(kind.capitalize() for kind in COUNTED), "Cover")


def coverage_text(machines: Sequence[Coverage]) -> str:
    """Return a table like that of pytest-cov, and below it what is missing, with its place."""
    from tabulate import tabulate

    rows = [_row(one) for one in machines]
    if len(machines) > 1:
        rows.append(("TOTAL", *([""] * len(COUNTED)), _percent(total(machines))))
    align = ("left", *("right",) * (len(HEADERS) - 1))
    lines = [tabulate(rows, HEADERS, tablefmt="simple", colalign=align, disable_numparse=True)]
    for one in machines:
        missing = one.missing()
        if missing:
            lines += ["", f"{one.name}: no test takes", *(f"  {gap.name}  ({gap.place})" for gap in missing)]
        if one.impossible:
            names = {element.id: element for element in one.elements}
            lines += ["", f"{one.name}: not counted, because nothing can take it"]
            lines += [f"  {names[id].name}  ({names[id].place}): {why}" for id, why in one.impossible.items()]
    return "\n".join(lines)


def coverage_json(machines: Sequence[Coverage]) -> str:
    """Return the report as JSON text."""
    data = {"percent": total(machines), "machines": [one.to_dict() for one in machines]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def coverage_html(machines: Sequence[Coverage]) -> str:
    """Return the report as a page that needs nothing else."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in HEADERS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in _row(one)) + "</tr>\n" for one in machines
    )
    gaps = "".join(_gaps(one) for one in machines)
    return _PAGE.format(total=_percent(total(machines)), head=head, rows=rows, gaps=gaps)


def _gaps(one: Coverage) -> str:
    items = "".join(
        f'<li class="{"taken" if element.id in one.covered else "missing"}">{html.escape(element.name)}'
        f" <code>{html.escape(element.place)}</code></li>\n"
        for element in one.counted()
    )
    return f"<h2>{html.escape(one.name)}</h2>\n<ul>\n{items}</ul>\n"


def _row(one: Coverage) -> tuple[str, ...]:
    shares = [one.share(kind) for kind in COUNTED]
    cells = [f"{covered}/{number}" if number else "-" for covered, number in shares]
    return (one.name, *cells, _percent(percent(*one.share())))


def _percent(value: float) -> str:
    return f"{value:g}%"


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>everypath coverage</title>
<style>
body {{ font-family: sans-serif; margin: 2em; }}
table {{ border-collapse: collapse; }}
td, th {{ border: 1px solid #999; padding: .3em .6em; text-align: right; }}
td:first-child, th:first-child {{ text-align: left; }}
.taken::marker {{ content: "\\2713  "; }}
.missing {{ color: #a00; font-weight: bold; }}
.missing::marker {{ content: "\\2717  "; }}
</style>
</head>
<body>
<h1>everypath coverage: {total}</h1>
<table>
<tr>{head}</tr>
{rows}</table>
{gaps}</body>
</html>
"""
