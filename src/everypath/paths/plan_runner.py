"""Runs plans, and says where a run has not gone as planned."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.asl.tree import Choice, StateMachine
from everypath.engine.task_call import Tasks
from everypath.paths.data import Data
from everypath.paths.needs import Deviation, described, is_inside, lacks_data, lacks_items, same_visit
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.play import Played, play
from everypath.paths.scripted_tasks import ScriptedTasks
from everypath.paths.tolerance import MANY_ITEMS

#: How much more often than planned a task is visited before its execution is stopped: a loop does not end by itself.
PATIENCE = 2 * MANY_ITEMS


class PlanRunner:
    """Where the plans of one definition are run.

    Parameters
    ----------
    tree : StateMachine
        A playable definition.
    behind : Tasks, optional
        Who really makes attempts that succeed.

    Attributes
    ----------
    runs : int
        How many there were since somebody set it to 0.
    """

    def __init__(self, tree: StateMachine, behind: Tasks | None) -> None:
        self.runs = 0
        self._tree = tree
        self._behind = behind

    def run(self, plan: Plan, data: Data, patience: int | None = PATIENCE) -> Played:
        """Run a plan once; see `ScriptedTasks` for the patience."""
        self.runs += 1
        outcomes = plan.outcomes
        for (state, number), planned in data.outcomes.items():
            others = [*outcomes.get(state, ()), *[PlannedOutcome()] * (number + 1)]
            outcomes = outcomes | {state: [*others[:number], planned, *others[number + 1 :]]}
        return play(self._tree, data.input, ScriptedTasks(outcomes, data.results, self._behind, data.items, patience))

    def deviation(self, plan: Plan, played: Played) -> Deviation | None:
        """The first deviation that has no other one inside of it: a container fails with what it contains."""
        found = list(self.deviations(plan, played))
        for one in found:
            if not any(other is not one and is_inside(other.visit, one.visit) for other in found):
                return one
        return None

    def deviations(self, plan: Plan, played: Played) -> Iterator[Deviation]:
        """All deviations, in the order of the visits."""
        counts: dict[str, int] = {}
        for visit, exit in zip(played.trace.visits, played.trace.exits, strict=True):
            state = visit.state
            number = counts[state.name] = counts.get(state.name, -1) + 1
            planned = plan.exits.get(state.name) if isinstance(state, Choice) else None
            if planned:
                wanted = planned[min(number, len(planned) - 1)]
                if wanted != exit and (visit.exited is not None or visit.failed or not played.execution.succeeded):
                    yield Deviation(visit, number, wanted, f"no data was found for which {described(wanted, state)}")
            elif lacks_items(visit, plan.items.get(state.name, 0)):
                items = plan.items[state.name]
                yield Deviation(
                    visit, number, None, f"no data was found with which {state.name} has {items} items", items
                )
            elif lacks_data(visit, exit, played):
                what = f"no data was found with which {state.name} works: {played.execution.cause or ''}".rstrip(": ")
                yield Deviation(visit, number, None, what)

    def goes(self, plan: Plan, played: Played, deviation: Deviation) -> bool:
        """Whether the visit that deviated now goes as planned, and none before it deviates."""
        found = self.deviation(plan, played)
        if found is None:
            return True
        if found.visit.state.name == deviation.visit.state.name and found.number == deviation.number:
            return bool(found.items) and not deviation.items  # it works now, but for the number of its items
        again = same_visit(played, deviation)
        if again is not None and is_inside(again, found.visit):
            return True
        if again is not None and is_inside(found.visit, again):
            begun = bool(deviation.visit.attempts) and deviation.visit.attempts[-1].error is None
            return not begun and all(other.visit is not again for other in self.deviations(plan, played))
        counts: dict[str, int] = {}
        for visit in played.trace.visits:
            name = visit.state.name
            counts[name] = counts.get(name, -1) + 1
            if name == found.visit.state.name and counts[name] == found.number:
                return False
            if name == deviation.visit.state.name and counts[name] == deviation.number:
                return True
        return False
