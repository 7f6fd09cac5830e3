"""The Choice state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict, Unpack

from everypath.steps import _sdk
from everypath.steps._block import Fields, check_field_names
from everypath.steps._fields import Payload, Template, in_order
from everypath.steps._state_fields import AssigningFields
from everypath.steps.errors import StepError
from everypath.steps.rules import check_rule, render_rule
from everypath.steps.state import AnyStep, Part, State, Step, require_step


class BranchFields(TypedDict, total=False):
    """The optional fields of one branch of a Choice."""

    assign: Template
    output: Payload
    comment: str


class Branch(Fields, _sdk.BaseRule):
    """One entry of a Choice's Choices: a rule or a condition, and what is done when it holds."""

    FIELDS = BranchFields.__optional_keys__ | {"condition", "variable"}

    def __init__(self, rule: _sdk.BaseRule | str, **fields: Unpack[BranchFields]) -> None:
        # JSONata has one field for what JSONPath has many: a string can only be a condition.
        super().__init__(**{"condition" if isinstance(rule, str) else "variable": rule}, **fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as the Amazon States Language writes it, without Next."""
        result = super().to_dict()
        rule = result.pop("Variable", None)
        return result if rule is None else {**render_rule(rule), **result}


class Choice(State, _sdk.Choice):
    """A step that goes on by the first branch whose rule or condition holds.

    Parameters
    ----------
    **fields
        What every state takes, see `State`. In JSONata, `output` and `assign` are for the case that no branch
        holds.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Choice workflow state".
    """

    TYPE = "Choice"
    FIELDS = AssigningFields.__optional_keys__
    choices: list[tuple[Branch, Any]]

    def __init__(self, state_id: str, **fields: Unpack[AssigningFields]) -> None:
        super().__init__(state_id, fields)

    def add_choice(self, rule: _sdk.BaseRule | str, next_step: Step, **fields: Unpack[BranchFields]) -> None:
        """Add a branch after those the state has.

        Parameters
        ----------
        rule : BaseRule or str
            In JSONPath a rule of `ChoiceRule`, in JSONata a condition such as ``{% $states.input.total > 10
            %}``.
        next_step : State or Chain
            Where to go on when it holds.
        **fields
            ``assign`` (variables to set, by name), ``output`` (JSONata: what the next step gets) and
            ``comment``.

        Raises
        ------
        StepError
            When a value is not what AWS takes; the state is then as it was.
        """
        place = f"Choices[{len(self.choices)}]"
        check_field_names(f"{self.label}: {place}", fields, BranchFields.__optional_keys__)
        require_step(f"{self.label}: {place}.Next", next_step)
        self.replace("choices", [*self.choices, (Branch(rule, **fields), next_step)])

    def default_choice(self, next_step: Step) -> None:
        """Say where to go on when no branch holds; without it, that is the error States.NoChoiceMatched.

        Raises
        ------
        StepError
            When the state has another default already.
        """
        require_step(f"{self.label}: Default", next_step)
        if self.default is not None and self.default is not next_step:
            raise StepError(
                f"{self.label} has {self.default.state_id!r} as its default already, got {next_step.state_id!r} too"
            )
        self.default = next_step

    def next(self, next_step: AnyStep) -> AnyStep:
        """Set the default, as in the SDK: in a chain, the step after a Choice is its default."""
        self.default_choice(next_step)
        return next_step

    def parts(self) -> Iterator[Part]:
        """Yield the state itself and every branch."""
        yield from super().parts()
        for position, (branch, _) in enumerate(self.choices):
            if "variable" in branch.fields:
                check_rule(f"{self.label}: Choices[{position}]", branch.fields["variable"])
            yield f"Choices[{position}].", branch

    def targets(self) -> list[tuple[str, Any]]:
        """Return the branches and the default: the field each is in, and the step it leads to."""
        branches = [(f"Choices[{i}].Next", next_step) for i, (_, next_step) in enumerate(self.choices)]
        return branches + ([("Default", self.default)] if self.default is not None else [])

    def check_complete(self) -> None:
        """Refuse a Choice without branches.

        Raises
        ------
        StepError
            When there was no `add_choice`.
        """
        if not self.choices:
            raise StepError(f"{self.label} has no choices: call .add_choice(…)")

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it."""
        choices = [branch.to_dict() | {"Next": next_step.state_id} for branch, next_step in self.choices]
        default = {"Default": self.default.state_id} if self.default is not None else {}
        return in_order(super().to_dict() | {"Choices": choices} | default)
