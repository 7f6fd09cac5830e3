"""Collects what the runs of a test suite take of each state machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from everypath.asl.tree import StateMachine
from everypath.coverage.elements import Element, elements
from everypath.coverage.trace import covered

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.engine.context import RunContext
    from everypath.history.execution import Execution

#: What is counted; errors that nothing handles are cases of ``everypath paths``, not duties of a test suite.
COUNTED = ("states", "transitions", "retriers recovered", "retriers exhausted", "catchers", "timeouts")


@dataclass(slots=True)
class Coverage:
    """The coverage of one state machine.

    Parameters
    ----------
    name : str
        The machine's name.
    elements : tuple of Element
        What there is to take.
    impossible : dict of str to str
        The ids of elements that no error can reach, with the reason; they are not counted.
    covered : set of str
        The ids of the elements that runs took.
    runs : int
        How many runs there were.
    """

    name: str
    elements: tuple[Element, ...]
    impossible: dict[str, str]
    covered: set[str] = field(default_factory=set)
    runs: int = 0

    def counted(self, kind: str = "") -> list[Element]:
        """The elements that count, of one kind or of all."""
        return [one for one in self.elements if one.id not in self.impossible and kind in ("", one.kind)]

    def missing(self) -> list[Element]:
        """The elements that count and were not taken."""
        return [one for one in self.counted() if one.id not in self.covered]

    def share(self, kind: str = "") -> tuple[int, int]:
        """How many of the elements that count were taken, and how many there are."""
        counted = self.counted(kind)
        return sum(one.id in self.covered for one in counted), len(counted)

    def to_dict(self) -> dict[str, Any]:
        """The report as data."""
        kinds = {kind: self.share(kind) for kind in COUNTED}
        covered, total = self.share()
        return {
            "machine": self.name,
            "runs": self.runs,
            "percent": percent(covered, total),
            "kinds": {kind: {"taken": covered, "total": total} for kind, (covered, total) in kinds.items()},
            "missing": [asdict(one) for one in self.missing()],
            "impossible": self.impossible,
        }


class Collector:
    """Collects what runs take, as plain data, so that processes can send it to each other.

    Parameters
    ----------
    impossible : callable
        Returns the ids of a definition's elements that no error can reach, each with the reason.
    """

    def __init__(self, impossible: Callable[[StateMachine], dict[str, str]]) -> None:
        self.machines: dict[str, Coverage] = {}
        self._impossible = impossible

    def add(self, machine: Machine, execution: Execution, children: Sequence[RunContext] = ()) -> None:
        """Count one run; an observer of `everypath.api`."""
        coverage = self.expect(machine)
        coverage.covered |= covered(machine.tree, execution, [child.history.events for child in children])
        coverage.runs += 1

    def expect(self, machine: Machine) -> Coverage:
        """Return the coverage of a machine, which is in the report even if nothing runs it."""
        key = f"{machine.template.path.resolve()} {machine.state_machine.logical_id}"
        tree = machine.tree
        if key not in self.machines:
            counted = tuple(one for one in elements(tree) if one.kind in COUNTED)
            self.machines[key] = Coverage(machine.name, counted, self._impossible(tree))
        return self.machines[key]

    def to_data(self) -> dict[str, Any]:
        """Return all that was collected, as JSON data."""
        return {
            key: {
                "name": one.name,
                "elements": [asdict(element) for element in one.elements],
                "impossible": one.impossible,
                "taken": sorted(one.covered),
                "runs": one.runs,
            }
            for key, one in self.machines.items()
        }

    def merge(self, data: Mapping[str, Any]) -> None:
        """Add what another process has collected."""
        for key, one in data.items():
            if key not in self.machines:
                found = tuple(Element(**element) for element in one["elements"])
                self.machines[key] = Coverage(one["name"], found, dict(one["impossible"]))
            self.machines[key].covered |= set(one["taken"])
            self.machines[key].runs += one["runs"]


def total(machines: Iterable[Coverage]) -> float:
    """Percentage of the elements of all machines together."""
    shares = [one.share() for one in machines]
    return percent(sum(covered for covered, _ in shares), sum(number for _, number in shares))


def percent(covered: int, number: int) -> float:
    """Percentage, rounded down so that only all is 100."""
    return 100.0 if not number else covered * 1000 // number / 10
