"""What all eight states share: a name, checked fields, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, TypeVar, cast

from everypath.steps import _sdk
from everypath.steps._block import Fields, check_field_names
from everypath.steps._checks import check_fields
from everypath.steps._fields import QueryLanguage, Template, in_order
from everypath.steps.error_names import check_handlers
from everypath.steps.errors import StepError
from everypath.steps.handlers import Catch, Retry

Step: TypeAlias = "State | _sdk.Chain"
"""Where a transition can lead: a state, or a chain of them (to its first state)."""
AnyStep = TypeVar("AnyStep", bound="State | _sdk.Chain")
Part: TypeAlias = tuple[str, Fields]
"""A place inside a step, such as ``Retry[0].``, and what is there."""

_LONGEST_NAME = 80
_ENDS = frozenset({"end"})
_WORK = _ENDS | {"retry", "catch"}


class State(Fields, _sdk.State):
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
        if not isinstance(state_id, str) or not 1 <= len(state_id) <= _LONGEST_NAME:
            raise StepError(f"{label}: the name must be a string of 1 to {_LONGEST_NAME} characters")
        if not isinstance(end, bool):
            raise StepError(f"{label}: End must be True or False, got {end!r}")
        check_field_names(label, fields, self.FIELDS, others=_WORK if self._works else _ENDS)
        # Before the SDK's own constructor, whose messages do not name the step.
        check_fields(f"{label}: ", fields, cast("str | None", fields.get("query_language")))
        self.check_together(f"{label}: ", fields)
        super().__init__(state_id, **fields)
        self.end = end
        self.retries = self._list_of(Retry, retry)
        self.catches = self._list_of(Catch, catch)
        self.check()

    @property
    def _works(self) -> bool:
        return isinstance(self, (_sdk.Task, _sdk.Parallel, _sdk.Map))

    @property
    def label(self) -> str:
        """The state's type and name, as messages begin with it: ``Task 'Call API'``."""
        return f"{self.TYPE} {self.state_id!r}"

    @classmethod
    def check_together(cls, prefix: str, fields: Mapping[str, object]) -> None:
        """Check what several fields must keep to together; overridden by the types that have such rules."""

    def parts(self) -> Iterator[Part]:
        """Yield everything in this state that has fields to check: itself, its retriers, its catchers."""
        yield "", self
        for position, retry in enumerate(self.retries):
            yield f"Retry[{position}].", retry
        for position, catch in enumerate(self.catches):
            yield f"Catch[{position}].", catch

    def check(self, machine_language: QueryLanguage | None = None) -> None:
        """Check every value again, where it is known in the query language of the state machine.

        Raises
        ------
        StepError
            For the first value that does not fit.
        """
        language = self.fields.get("query_language", machine_language)
        self.check_together(f"{self.label}: ", self.fields)
        for place, part in self.parts():
            prefix = f"{self.label}: {place}"
            if isinstance(part, (Retry, Catch)):
                part.check(prefix, language)
            else:
                check_fields(prefix, part.fields, language)
        for kind, handlers in (("Retry", self.retries), ("Catch", self.catches)):
            check_handlers(f"{self.label}: ", kind, [handler.fields for handler in handlers])
        for position, catch in enumerate(self.catches):
            require_step(f"{self.label}: Catch[{position}].Next", catch.next_step)

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

    def targets(self) -> list[tuple[str, Any]]:
        """Return every transition out of this state: the field it is in, and the step it leads to."""
        following = [("Next", self.next_step)] if self.next_step is not None else []
        return following + [(f"Catch[{i}].Next", catch.next_step) for i, catch in enumerate(self.catches)]

    def scopes(self) -> list[tuple[str, Any]]:
        """Return the state machines inside this state: the field each is in, and the step it starts at."""
        return []

    def check_complete(self) -> None:
        """Refuse a state that nobody said the end of (AWS would refuse it; the SDK would make it an end).

        Raises
        ------
        StepError
            When there is neither `next` nor ``end=True``.
        """
        if self.next_step is None and not self.end:
            raise StepError(f"{self.label} has no next step: call .next(…), or make it with end=True")

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it.

        Raises
        ------
        StepError
            When the state is not finished.
        """
        self.check_complete()
        result = super().to_dict()
        if self.retries:
            result["Retry"] = [retry.to_dict() for retry in self.retries]
        if self.catches:
            result["Catch"] = [catch.to_dict() for catch in self.catches]
        if self.next_step is not None:
            result["Next"] = self.next_step.state_id
        elif self.end:
            result["End"] = True
        return in_order(result)

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
            self.check()
        except StepError:
            setattr(self, attribute, before)
            raise

    def _list_of(self, kind: type[Any], given: object) -> list[Any]:
        handlers = list(given) if isinstance(given, Sequence) else [given]
        if handlers and not self._works:
            raise StepError(f"{self.label}: {kind.__name__} is for Task, Parallel and Map only")
        for handler in handlers:
            if not isinstance(handler, kind):
                ours = f"everypath.steps.{kind.__name__}"
                raise StepError(f"{self.label}: {kind.__name__} must be {ours} or a list of it, got {handler!r}")
        return handlers


def require_step(place: str, step: object) -> None:
    """Refuse what a transition cannot lead to.

    Raises
    ------
    StepError
        When `step` is neither one of these states nor a chain of them.
    """
    if isinstance(step, _sdk.Chain):
        if not step.steps:
            raise StepError(f"{place} must be a state or a chain, got a chain without states")
        for inner in step.steps:
            require_step(place, inner)
    elif isinstance(step, _sdk.State) and not isinstance(step, State):
        name = type(step).__name__
        raise StepError(f"{place} must be a state of everypath.steps, got the SDK's own {name} {step.state_id!r}")
    elif not isinstance(step, State):
        raise StepError(f"{place} must be a state or a chain, got {step!r}")
