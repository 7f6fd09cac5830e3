"""The state machine: what all steps together are rendered to."""

from __future__ import annotations

import json
from typing import Any, TypedDict, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import QueryLanguage, check_field_names, in_order, render_fields
from everypath.steps.state import State, Step, reachable, render_states, require_step
from everypath.steps.validation import ANY_STATES, validate_definition


class MachineFields(TypedDict, total=False):
    """The optional fields of a state machine."""

    comment: str
    query_language: QueryLanguage
    timeout_seconds: int
    version: str


class StateMachine(sdk.Graph):
    """A definition in the making: everything that `start` leads to.

    It is rendered when asked, not when made: what steps are told later counts. It is a ``Graph`` of the SDK,
    so that the SDK's ``Workflow`` takes it.

    Parameters
    ----------
    start : State or Chain
        Where executions start.
    comment : str, optional
        For readers.
    query_language : {'JSONPath', 'JSONata'}, optional
        The language of all states that do not say theirs; AWS takes ``JSONPath``.
    timeout_seconds : int, optional
        Seconds after which an execution ends as TIMED_OUT.
    version : str, optional
        The version of the Amazon States Language; there is ``1.0`` only.

    Raises
    ------
    StepError
        When a value is not what AWS takes.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "State machine structure in Amazon States Language".
    """

    FIELDS = MachineFields.__optional_keys__

    def __init__(self, start: Step, **fields: Unpack[MachineFields]) -> None:
        check_field_names("StateMachine", fields, self.FIELDS)
        require_step("StateMachine: StartAt", start)
        # Not the SDK's constructor, which renders the states and keeps that: a later next() would be lost.
        self.fields = {**fields}
        self.branch = start
        validate_definition(self._render_fields() | ANY_STATES)

    @property
    def states(self) -> dict[str, Any]:
        """The rendered states by name, as the SDK's ``Graph`` has them."""
        states: dict[str, Any] = self.to_definition()["States"]
        return states

    def contains(self, state: sdk.State) -> bool:
        """Whether the start leads to `state`; states inside other states do not count."""
        return any(found is state for found in reachable(self.branch))

    def to_definition(self) -> dict[str, Any]:
        """Return the definition as data.

        Returns
        -------
        dict
            What `json.dumps` takes; every call makes a new one.

        Raises
        ------
        StepError
            When AWS would refuse it, a state has no next step, two states have one name, or one state is used in
            two branches.
        """
        _check_names(self.branch, {})
        definition = in_order(self._render_fields() | render_states(self.branch))
        validate_definition(definition)
        return definition

    def to_dict(self) -> dict[str, Any]:
        """Return `to_definition`, under the name that the SDK calls it by."""
        return self.to_definition()

    def to_json(self, pretty: bool = True) -> str:
        """Return the definition as text, the same for the same steps, byte for byte.

        Parameters
        ----------
        pretty
            Whether to indent by two blanks and end with a line feed, as a file should; else it is one line.

        Raises
        ------
        StepError
            As `to_definition`.
        """
        definition = self.to_definition()
        if not pretty:
            return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
        return json.dumps(definition, ensure_ascii=False, indent=2) + "\n"

    def _render_fields(self) -> dict[str, Any]:
        return render_fields("StateMachine: ", self.fields)

    def __repr__(self) -> str:
        return f"StateMachine(start={self.branch.state_id!r})"

    def __str__(self) -> str:
        return repr(self)


def _check_names(start: Step, names: dict[str, State]) -> None:
    """Refuse what the definition, where a state is no more than its name, cannot show.

    Parameters
    ----------
    start
        Where a state machine, a branch or an item processor starts.
    names
        The states met so far by name.

    Raises
    ------
    StepError
        When two states have one name, or one state is used in two branches.
    """
    states = reachable(start)
    for state in states:
        other = names.get(state.state_id)
        if other is state:
            raise StepError(
                f"{state.label} is used in two branches, or inside and outside of one: "
                "a transition cannot leave its branch"
            )
        if other is not None:
            raise StepError(
                f"two states are called {state.state_id!r} ({other.TYPE} and {state.TYPE}): names must be unique"
            )
        names[state.state_id] = state
    for state in states:
        for inner in state.inner_starts():
            _check_names(inner, names)
