"""Which executions are over sooner than a thread could be found for them.

To hand an execution to another thread and to ask for its status until it is over takes several times as long as to run
three states; so what certainly is over soon runs in the event loop's thread, before its start is answered. Nothing
else does: every other client would wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from everypath.asl import tree

#: The most states, and characters of input, of an execution that certainly is over soon.
MOST_STATES, LONGEST_INPUT = 20, 10_000

#: What reaches nothing outside, has nothing inside, and takes no longer than its JSONPath.
_KINDS = (tree.Pass, tree.Choice, tree.Wait, tree.Succeed, tree.Fail)


def is_brief(machine: tree.StateMachine) -> bool:
    """Whether every execution with a short input is over soon, where the clock is virtual.

    It reaches nothing outside, comes to no state twice, and has no JSONata, which can compute for as long as it likes.
    """
    states = machine.graph.states
    if len(states) > MOST_STATES or machine.jsonata:
        return False
    if any(state.jsonata or not isinstance(state, _KINDS) for state in states.values()):
        return False
    try:
        TopologicalSorter({name: list(_following(state)) for name, state in states.items()}).prepare()
    except CycleError:
        return False
    return True


def _following(state: tree.State) -> Iterator[str]:
    if state.next is not None:
        yield state.next
    if isinstance(state, tree.Choice):
        for branch in state.choices:
            yield branch.next
