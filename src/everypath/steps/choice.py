"""The Choice state, and the rules by which it decides in JSONPath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypedDict, TypeVar, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Payload, Template, check_field_names, in_order, render_fields, render_json
from everypath.steps.sdk import Placeholder
from everypath.steps.state import AnyStep, AssigningFields, RenderInner, State, Step, require_step

Variable: TypeAlias = str | Placeholder
"""A path such as ``$.status``, ``$$.Execution.Name`` or ``$variable``, or one of the SDK's placeholders."""
_T = TypeVar("_T")


class Rule(sdk.Rule):
    """One comparison.

    The SDK's own refuses wrong values too, but cannot say in which step; this one is checked by the Choice it
    is given to.

    Parameters
    ----------
    variable : str or Placeholder
        A path to what is compared.
    operator : str
        The operator's name in the Amazon States Language.
    value : str, int, float or bool
        What it is compared with; a path for the operators that end in ``Path``.
    """

    def __init__(self, variable: Variable, operator: str, value: Any) -> None:
        self.variable = variable
        self.operator = operator
        self.value = value

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the Amazon States Language writes it."""
        return render_rule("Rule", self)


class Operator(Generic[_T]):
    """A comparison operator, by the name it has in `ChoiceRule`; calling it makes a rule."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __call__(self, variable: Variable, value: _T) -> Rule:
        """Return the rule that compares `variable` with `value`."""
        return Rule(variable, self.name, value)


class ChoiceRule(sdk.ChoiceRule):
    """The operators, by the names that the language gives them: ``ChoiceRule.StringEquals("$.status", "ok")``.

    Notes
    -----
    Source: ASL specification, "Choice State", Data-test expressions.
    """

    StringEquals = Operator[str]()
    StringEqualsPath = Operator[Variable]()
    StringLessThan = Operator[str]()
    StringLessThanPath = Operator[Variable]()
    StringGreaterThan = Operator[str]()
    StringGreaterThanPath = Operator[Variable]()
    StringLessThanEquals = Operator[str]()
    StringLessThanEqualsPath = Operator[Variable]()
    StringGreaterThanEquals = Operator[str]()
    StringGreaterThanEqualsPath = Operator[Variable]()
    StringMatches = Operator[str]()
    NumericEquals = Operator[float]()
    NumericEqualsPath = Operator[Variable]()
    NumericLessThan = Operator[float]()
    NumericLessThanPath = Operator[Variable]()
    NumericGreaterThan = Operator[float]()
    NumericGreaterThanPath = Operator[Variable]()
    NumericLessThanEquals = Operator[float]()
    NumericLessThanEqualsPath = Operator[Variable]()
    NumericGreaterThanEquals = Operator[float]()
    NumericGreaterThanEqualsPath = Operator[Variable]()
    BooleanEquals = Operator[bool]()
    BooleanEqualsPath = Operator[Variable]()
    TimestampEquals = Operator[str]()
    TimestampEqualsPath = Operator[Variable]()
    TimestampLessThan = Operator[str]()
    TimestampLessThanPath = Operator[Variable]()
    TimestampGreaterThan = Operator[str]()
    TimestampGreaterThanPath = Operator[Variable]()
    TimestampLessThanEquals = Operator[str]()
    TimestampLessThanEqualsPath = Operator[Variable]()
    TimestampGreaterThanEquals = Operator[str]()
    TimestampGreaterThanEqualsPath = Operator[Variable]()
    IsNull = Operator[bool]()
    IsPresent = Operator[bool]()
    IsNumeric = Operator[bool]()
    IsString = Operator[bool]()
    IsBoolean = Operator[bool]()
    IsTimestamp = Operator[bool]()

    @classmethod
    def And(cls, rules: Sequence[sdk.BaseRule]) -> sdk.CompoundRule:  # noqa: N802 - the language's own word
        """Return the rule that holds when all `rules` do."""
        return _compound("And", rules)

    @classmethod
    def Or(cls, rules: Sequence[sdk.BaseRule]) -> sdk.CompoundRule:  # noqa: N802 - the language's own word
        """Return the rule that holds when one of `rules` does."""
        return _compound("Or", rules)

    @classmethod
    def Not(cls, rule: sdk.BaseRule) -> sdk.NotRule:  # noqa: N802 - the language's own word
        """Return the rule that holds when `rule` does not."""
        result = sdk.NotRule(sdk.BaseRule())
        result.rule = rule
        return result


class BranchFields(TypedDict, total=False):
    """The optional fields of one branch of a Choice."""

    assign: Template
    output: Payload
    comment: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One entry of a Choice's Choices, but for its Next: what must hold, and what is done then."""

    rule: sdk.BaseRule | str
    fields: BranchFields

    def render(self, place: str) -> dict[str, Any]:
        """Return the entry as the Amazon States Language writes it; `place` is what messages call it."""
        fields = render_fields(f"{place}.", self.fields)
        # JSONata has one field for what JSONPath has many: a string can only be a condition.
        if isinstance(self.rule, str):
            return in_order({"Condition": self.rule, **fields})
        return {**render_rule(place, self.rule), **in_order(fields)}


class Choice(State, sdk.Choice):
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
    HAS_NEXT = False
    FIELDS = AssigningFields.__optional_keys__
    choices: list[tuple[Branch, Any]]

    def __init__(self, state_id: str, **fields: Unpack[AssigningFields]) -> None:
        self.choices = []
        self.default = None
        super().__init__(state_id, fields)

    def add_choice(self, rule: sdk.BaseRule | str, next_step: Step, **fields: Unpack[BranchFields]) -> None:
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
        self.replace("choices", [*self.choices, (Branch(rule, fields), next_step)])

    def default_choice(self, next_step: Step) -> None:
        """Say where to go on when no branch holds; without it, the execution fails with States.Runtime.

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

    def targets(self) -> list[Step]:
        """Return the steps that the branches lead to, and the default."""
        default = [] if self.default is None else [self.default]
        return [next_step for _, next_step in self.choices] + default

    def render_body(self, render_inner: RenderInner) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, but for its default."""
        choices = [
            branch.render(f"{self.label}: Choices[{position}]") | {"Next": next_step.state_id}
            for position, (branch, next_step) in enumerate(self.choices)
        ]
        return super().render_body(render_inner) | {"Choices": choices}

    def render_transition(self) -> dict[str, Any]:
        """Return where to go on when no branch holds, if that was said."""
        return {} if self.default is None else {"Default": self.default.state_id}


def render_rule(place: str, rule: object) -> dict[str, Any]:
    """Return a rule, made here or by the SDK, as the Amazon States Language writes it.

    Raises
    ------
    StepError
        When it is none, or a value is none that JSON has; the message names the place, such as
        ``Choice 'Ready?': Choices[0].And[1]``.
    """
    if isinstance(rule, sdk.CompoundRule):
        rules = enumerate(rule.rules)
        return {rule.operator: [render_rule(f"{place}.{rule.operator}[{index}]", inner) for index, inner in rules]}
    if isinstance(rule, sdk.NotRule):
        return {"Not": render_rule(f"{place}.Not", rule.rule)}
    if not isinstance(rule, sdk.Rule):
        raise StepError(f"{place} must be a choice rule, got {rule!r}")
    return {
        "Variable": _render_operand(f"{place}.Variable", rule.variable),
        str(rule.operator): _render_operand(f"{place}.{rule.operator}", rule.value),
    }


def _render_operand(place: str, value: object) -> Any:
    return value.to_jsonpath() if isinstance(value, Placeholder) else render_json(place, value)


def _compound(operator: str, rules: Sequence[sdk.BaseRule]) -> sdk.CompoundRule:
    # Filled in afterwards: the SDK's constructor refuses what is no rule, but cannot say in which step.
    result = sdk.CompoundRule(operator, [])
    result.rules = list(rules)
    return result
