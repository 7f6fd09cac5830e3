"""The Parallel state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from everypath.steps import _sdk
from everypath.steps._fields import Payload, in_order
from everypath.steps._graph import render_scope
from everypath.steps._state_fields import WorkFields
from everypath.steps.errors import StepError
from everypath.steps.handlers import Catch, Retry
from everypath.steps.state import State, Step, require_step


class ParallelFields(WorkFields, total=False):
    """The optional fields of a Parallel."""

    arguments: Payload


class Parallel(State, _sdk.Parallel):
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
        super().__init__(state_id, fields, retry=retry, catch=catch, end=end)
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

    def scopes(self) -> list[tuple[str, Any]]:
        """Return the branches: the field each is in, and the step it starts at."""
        return [(f"Branches[{position}]", branch) for position, branch in enumerate(self.branches)]

    def check_complete(self) -> None:
        """Refuse a Parallel without branches or without a next step.

        Raises
        ------
        StepError
            When one of them is missing.
        """
        super().check_complete()
        if not self.branches:
            raise StepError(f"{self.label} has no branches: give branches=[…], or call .add_branch(…)")

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, with everything inside it."""
        return in_order(super().to_dict() | {"Branches": [render_scope(branch) for branch in self.branches]})
