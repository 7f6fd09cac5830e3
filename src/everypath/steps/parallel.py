"""The Parallel state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Payload
from everypath.steps.handlers import Catch, Retry
from everypath.steps.state import RenderInner, State, Step, WorkFields, require_step


class ParallelFields(WorkFields, total=False):
    """The optional fields of a Parallel."""

    arguments: Payload


class Parallel(State, sdk.Parallel):
    """A step that runs branches at the same time, each on a copy of the input, and waits for all of them.

    Parameters
    ----------
    branches : list of State or Chain, optional
        The step each branch starts at; `add_branch` adds more. At least one is needed.
    arguments : JSON, optional
        JSONata: what every branch gets.
    **fields
        What every state takes, see `State`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Parallel workflow state".
    """

    TYPE = "Parallel"
    FIELDS = ParallelFields.__optional_keys__

    def __init__(
        self,
        state_id: str,
        *,
        branches: Sequence[Step] = (),
        retry: Retry | Sequence[Retry] = (),
        catch: Catch | Sequence[Catch] = (),
        end: bool = False,
        **fields: Unpack[ParallelFields],
    ) -> None:
        self.branches = []
        super().__init__(state_id, fields, retry=retry, catch=catch, end=end)
        if not isinstance(branches, Sequence):
            raise StepError(f"{self.label}: Branches must be a list of states and chains, got {branches!r}")
        for branch in branches:
            self.add_branch(branch)

    def add_branch(self, branch: Step) -> None:
        """Add a branch after those the state has; `branch` is the step it starts at.

        Raises
        ------
        StepError
            When it is neither a state nor a chain.
        """
        require_step(f"{self.label}: Branches[{len(self.branches)}]", branch)
        self.branches.append(branch)

    def inner_starts(self) -> list[Step]:
        """Return the steps that the branches start at."""
        return list(self.branches)

    def render_body(self, render_inner: RenderInner) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, but for what comes next."""
        branches = [render_inner(branch) for branch in self.branches]
        return super().render_body(render_inner) | {"Branches": branches}
