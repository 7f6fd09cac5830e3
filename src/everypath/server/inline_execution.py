"""Which executions run inline: in the event loop's thread, before StartExecution is answered.

To hand an execution to another thread, and to poll its status until it has ended, takes several times as long as to run
three states. So executions that certainly end soon run inline, and no others: every other client would wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from everypath.asl import tree

#: The most states, and the most characters of input, of an execution that runs inline.
MAX_STATES, MAX_INPUT = 20, 10_000

#: The states that call nothing, contain no states, and take no longer than their JSONPath.
_STATES = (tree.Pass, tree.Choice, tree.Wait, tree.Succeed, tree.Fail)


def runs_inline(machine: tree.StateMachine) -> bool:
    """Whether every execution with a short input ends soon, on the virtual clock.

    It calls nothing, enters no state twice, and has no JSONata, which can compute for any length of time.
    """
    states = machine.graph.states
    if len(states) > MAX_STATES or machine.jsonata:
        return False
    if any(state.jsonata or not isinstance(state, _STATES) for state in states.values()):
        return False
    try:
        TopologicalSorter({name: list(_successors(state)) for name, state in states.items()}).prepare()
    except CycleError:
        return False
    return True


def _successors(state: tree.State) -> Iterator[str]:
    if state.next is not None:
        yield state.next
    if isinstance(state, tree.Choice):
        for branch in state.choices:
            yield branch.next
