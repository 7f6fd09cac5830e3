"""What all eight states share: a name, fields, and what comes next."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, TypedDict, TypeVar

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Block, Payload, QueryLanguage, Template, check_field_names, in_order
from everypath.steps.handlers import Catch, Handler, Retry, refuse_namesakes
from everypath.steps.validation import ANY_STATES, validate_state

Step: TypeAlias = "State | sdk.Chain"
"""Where a transition can lead: a state, or a chain of them (to its first state)."""
AnyStep = TypeVar("AnyStep", bound="State | sdk.Chain")
RenderInner: TypeAlias = "Callable[[Step | None], dict[str, Any]]"
"""Renders the states inside of a state, by the step that they start at."""


class StateFields(TypedDict, total=False):
    """The fields of every state."""

    comment: str
    query_language: QueryLanguage


class DataFields(StateFields, total=False):
    """The fields of every state but Fail."""

    input_path: str | None
    output_path: str | None
    output: Payload


class AssigningFields(DataFields, total=False):
    """The fields of every state but Succeed and Fail."""

    assign: Template


class ResultFields(AssigningFields, total=False):
    """The fields of the states that have a result: Task, Pass, Parallel and Map."""

    parameters: Template
    result_path: str | None


class WorkFields(ResultFields, total=False):
    """The fields of the states that can fail: Task, Parallel and Map."""

    result_selector: Template


class State(Block, sdk.State):
    """The base of the eight states; use those.

    Every state takes, where its type has it:

    Parameters
    ----------
    state_id : str
        The state's name, 1 to 80 characters, unique in its state machine.
    comment : str, optional
        For readers.
    query_language : {'JSONPath', 'JSONata'}, optional
        The language of this state's expressions. Without it, the state machine's.
    input_path, output_path : str or None, optional
        JSONPath: what of the input the state sees, and what of the output it passes on. None stands for
        JSON's null.
    parameters : dict, optional
        JSONPath: the effective input, a payload template.
    result_selector : dict, optional
        JSONPath: what of the result to keep, a payload template.
    result_path : str or None, optional
        JSONPath: where in the input to put the result; None drops the result.
    output : JSON, optional
        JSONata: what the next state gets.
    assign : dict, optional
        Variables to set, by name.
    retry : Retry or list of Retry, optional
        What to run again; Task, Parallel and Map only.
    catch : Catch or list of Catch, optional
        Where to go on after an error; Task, Parallel and Map only.
    end : bool, optional
        Whether the execution (or the branch) ends here. Otherwise say what comes next, with `next`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: ASL specification (https://states-language.net), State Types; AWS Step Functions Developer Guide,
    "Discovering workflow states".
    """

    TYPE: ClassVar[str]
    #: Whether the type has Next and End.
    HAS_NEXT: ClassVar[bool] = True

    def __init__(
        self,
        state_id: str,
        fields: Mapping[str, object],
        *,
        retry: Retry | Sequence[Retry] = (),
        catch: Catch | Sequence[Catch] = (),
        end: bool = False,
    ) -> None:
        label = f"{self.TYPE} {state_id!r}"
        if not isinstance(state_id, str):
            raise StepError(f"{label}: the name must be a string")
        check_field_names(label, fields, self.FIELDS, others=self._keywords())
        # Not the constructor that the SDK has for this type: it checks values too, and does not name the step.
        sdk.State.__init__(self, state_id, self.TYPE, **fields)
        self.end = end
        self.retries = self._list_of(Retry, retry)
        self.catches = self._list_of(Catch, catch)
        self._validate()

    @property
    def label(self) -> str:
        """The state's type and name, as messages begin with it: ``Task 'Call API'``."""
        return f"{self.TYPE} {self.state_id!r}"

    def add_retry(self, retry: Retry | Sequence[Retry]) -> None:
        """Add retriers after those the state has.

        Raises
        ------
        StepError
            When one does not fit, or when this type of state has none; the state is then as it was.
        """
        self.replace("retries", [*self.retries, *self._list_of(Retry, retry)])

    def add_catch(self, catch: Catch | Sequence[Catch]) -> None:
        """Add catchers after those the state has.

        Raises
        ------
        StepError
            When one does not fit, or when this type of state has none; the state is then as it was.
        """
        self.replace("catches", [*self.catches, *self._list_of(Catch, catch)])

    def update_parameters(self, params: Template) -> None:
        """Set `parameters` in place of what the state had.

        Raises
        ------
        StepError
            When they do not fit, or when this type of state has none; the state is then as it was.
        """
        check_field_names(self.label, {"parameters": params}, self.FIELDS)
        self.replace("fields", {**self.fields, "parameters": params})

    def next(self, next_step: AnyStep) -> AnyStep:
        """Say what comes after this state, at any time before the definition is made.

        Returns
        -------
        State or Chain
            `next_step`, so that calls can follow each other: ``a.next(b).next(c)``.

        Raises
        ------
        StepError
            When the state ends the execution, or goes on to another step already.
        """
        require_step(f"{self.label}: Next", next_step)
        if self.end:
            raise StepError(f"{self.label} ends the execution: it cannot go on to {next_step.state_id!r}")
        if self.next_step is not None and self.next_step is not next_step:
            raise StepError(
                f"{self.label} goes on to {self.next_step.state_id!r} already: "
                f"it cannot go on to {next_step.state_id!r} too"
            )
        self.next_step = next_step
        return next_step

    def targets(self) -> list[Step]:
        """Return the step that every transition out of this state leads to."""
        following = [] if self.next_step is None else [self.next_step]
        return following + [catch.next_step for catch in self.catches]

    def inner_starts(self) -> list[Step]:
        """Return the steps that the branches of this state, or its item processor, start at."""
        return []

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, with everything inside it.

        Raises
        ------
        StepError
            When nobody said what comes next.
        """
        return in_order(self.render_body(render_states) | self.render_transition())

    def render_body(self, render_inner: RenderInner) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, but for what comes next."""
        body = self.render(f"{self.label}: ")
        for name, handlers in (("Retry", self.retries), ("Catch", self.catches)):
            if handlers:
                body[name] = [
                    handler.render(f"{self.label}: {name}[{position}].") for position, handler in enumerate(handlers)
                ]
        return body

    def render_transition(self) -> dict[str, Any]:
        """Return what comes next.

        Raises
        ------
        StepError
            When there is neither `next` nor ``end=True``, which the SDK takes for an end.
        """
        if self.next_step is not None:
            return {"Next": self.next_step.state_id}
        if self.end:
            return {"End": self.end}
        raise StepError(f"{self.label} has no next step: call .next(…), or make it with end=True")

    def replace(self, attribute: str, value: Any) -> None:
        """Set an attribute of this state, or leave it as it was when the state would not fit with it.

        Raises
        ------
        StepError
            When it does not fit.
        """
        before = getattr(self, attribute)
        setattr(self, attribute, value)
        try:
            self._validate()
        except StepError:
            setattr(self, attribute, before)
            raise

    def _validate(self) -> None:
        for position, catch in enumerate(self.catches):
            require_step(f"{self.label}: Catch[{position}].Next", catch.next_step)
        # What is told to the state later is not known yet: what comes next, and the states inside it.
        transition = {"End": self.end or True} if self.HAS_NEXT else {}
        validate_state(self.state_id, self.render_body(lambda _: ANY_STATES) | transition)
        refuse_namesakes(f"{self.label}: Retry", self.retries)
        refuse_namesakes(f"{self.label}: Catch", self.catches)

    def _list_of(self, kind: type[Handler], given: object) -> list[Any]:
        handlers = list(given) if isinstance(given, Sequence) else [given]
        for handler in handlers:
            if not isinstance(handler, kind):
                ours = f"everypath.steps.{kind.__name__}"
                raise StepError(f"{self.label}: {kind.__name__} must be {ours} or a list of it, got {handler!r}")
        return handlers

    @classmethod
    def _keywords(cls) -> frozenset[str]:
        parameters = inspect.signature(cls.__init__).parameters.values()
        return frozenset(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)


def require_step(place: str, step: object) -> None:
    """Refuse what a transition cannot lead to.

    Raises
    ------
    StepError
        When `step` is neither one of these states nor a chain of them.
    """
    if isinstance(step, sdk.Chain):
        if not step.steps:
            raise StepError(f"{place} must be a state or a chain, got a chain without states")
        for inner in step.steps:
            require_step(place, inner)
    elif isinstance(step, sdk.State) and not isinstance(step, State):
        name = type(step).__name__
        raise StepError(f"{place} must be a state of everypath.steps, got the SDK's own {name} {step.state_id!r}")
    elif not isinstance(step, State):
        raise StepError(f"{place} must be a state or a chain, got {step!r}")


def reachable(start: Step) -> list[State]:
    """Return the states that `start` leads to, in the order in which a reader meets them.

    That is: depth first, first what comes next, then the catchers in their order. The SDK walks in the same
    order, but by recursion, which ends at a thousand states.

    Raises
    ------
    StepError
        When a chain holds a state that nothing leads to: it would be left out of the definition.
    """
    found: dict[int, State] = {}
    chains: dict[int, sdk.Chain] = {}
    waiting: list[Step] = [start]
    while waiting:
        step = waiting.pop()
        if isinstance(step, sdk.Chain):
            chains[id(step)] = step
        state = _first(step)
        if id(state) not in found:
            found[id(state)] = state
            waiting.extend(reversed(state.targets()))
    for chain in chains.values():
        for before, after in zip(chain.steps, chain.steps[1:], strict=False):
            if id(_first(after)) not in found:
                raise StepError(f"a chain has {after.state_id!r} after {before.state_id!r}, but no state leads to it")
    return list(found.values())


def render_states(start: Step | None) -> dict[str, Any]:
    """Return ``StartAt`` and ``States`` of a state machine, a branch or an item processor; neither without a start.

    Raises
    ------
    StepError
        When nobody said what comes after a state.
    """
    if start is None:
        return {}
    return {
        "StartAt": start.state_id,
        "States": {state.state_id: state.to_dict() for state in reachable(start)},
    }


def _first(step: Any) -> State:
    while isinstance(step, sdk.Chain):
        step = step.steps[0]
    assert isinstance(step, State)
    return step
