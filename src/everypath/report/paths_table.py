"""The cases of a definition as a table of text that can be committed and reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from everypath.history.log import MAX_EVENTS
from everypath.paths.cases import Enumeration
from everypath.paths.measure import Row, rows

HEADERS = (
    "State", "Path", "Error", "Attempts", "Outcome", "Final state", "Time (s)", "Transitions", "Events",
    "$ per million", "Input",
)  # fmt: skip
ALIGN = ("left",) * 3 + ("right",) + ("left",) * 2 + ("right",) * 4 + ("left",)


def paths_table(enumeration: Enumeration, name: str) -> str:
    """Return the table, the worst cases, the equivalent errors behind each ``+N``, and what no case reaches."""
    from tabulate import tabulate

    measured = rows(enumeration)
    cells = [_cells(row) for row in measured]
    table = tabulate(cells, HEADERS, tablefmt="simple", colalign=ALIGN, disable_numparse=True)
    parts = [
        _title(enumeration, name),
        "\n".join(line.rstrip() for line in table.splitlines()),
        *_notes(enumeration, measured),
    ]
    return "\n\n".join(parts)


def _title(enumeration: Enumeration, name: str) -> str:
    covered = len(enumeration.elements) - len(enumeration.unreachable)
    title = f"{name}: {len(enumeration.cases)} cases take {covered} of {len(enumeration.elements)} elements"
    undecided = sum(case.undecided is not None for case in enumeration.cases)
    if undecided:
        title += f"; {undecided} of the cases {'is' if undecided == 1 else 'are'} undecided"
    if enumeration.reduced:
        title += (
            "\nThere would be too many cases: some case takes each element, but not every error has a case of its own."
        )
    return title


def _cells(row: Row) -> tuple[str, ...]:
    case = row.case
    more = f" +{len(case.errors) - 1}" if len(case.errors) > 1 else ""
    return (
        case.state or "-",
        case.what,
        f"{row.error}{more}" if row.error else "-",
        str(row.attempts),
        row.status,
        row.final_state,
        f"{row.seconds:g}",
        str(row.transitions),
        str(row.events),
        f"{row.cost:.2f}",
        row.input or "-",
    )


def _notes(enumeration: Enumeration, measured: Sequence[Row]) -> Iterator[str]:
    decided = [row for row in measured if row.case.undecided is None]
    if decided:
        longest = max(decided, key=lambda row: row.seconds)
        most = max(decided, key=lambda row: row.transitions)
        yield (
            f"Worst seen: {longest.seconds:g} s ({_case_name(longest)}); {most.transitions} transitions,"
            f" {most.events} of {MAX_EVENTS:,} events ({_case_name(most)})"
        )
    equivalent = _equivalent_errors(measured)
    if equivalent:
        yield "\n".join(["Equivalent errors (first one thrown):", *equivalent])
    undecided = [f"  {_case_name(row)}: {row.case.undecided}" for row in measured if row.case.undecided is not None]
    if undecided:
        yield "\n".join(["Undecided, because no data was found:", *undecided])
    if enumeration.unreachable:
        yield "\n".join(["Not reached:", *_missing_by_reason(enumeration)])


def _missing_by_reason(enumeration: Enumeration) -> Iterator[str]:
    """The elements that no case takes; those that one reason is behind stand together."""
    groups: dict[str, list[str]] = {}
    for one in enumeration.unreachable:
        groups.setdefault(one.reason, []).append(f"{one.element.name} ({one.element.place})")
    for reason, names in groups.items():
        if len(names) == 1:
            yield f"  {names[0]}: {reason}"
        else:
            yield f"  {reason}:"
            yield from (f"    {name}" for name in dict.fromkeys(names))


def _equivalent_errors(measured: Sequence[Row]) -> list[str]:
    """The errors behind each ``+N``, with the states that have them in common."""
    states: dict[tuple[str, ...], dict[str, None]] = {}
    for row in measured:
        if len(row.case.errors) > 1:
            states.setdefault(row.case.errors, {})[row.case.state] = None
    return [f"  {', '.join(names)}: {', '.join(errors)}" for errors, names in states.items()]


def _case_name(row: Row) -> str:
    return f"{row.case.state}: {row.case.what}" if row.case.state else row.case.what
