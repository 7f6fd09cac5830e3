"""Retriers and catchers: what a step does about an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Block, Payload, Template, check_field_names, in_order, render_fields

ErrorName: TypeAlias = str | type[BaseException]
"""An exception class, which stands for its bare name, or an error name such as ``States.ALL``."""


class RetryFields(TypedDict, total=False):
    """The optional fields of a retrier."""

    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int
    jitter_strategy: Literal["FULL", "NONE"]
    comment: str


class CatchFields(TypedDict, total=False):
    """The optional fields of a catcher."""

    result_path: str | None
    assign: Template
    output: Payload
    comment: str


class Handler(Block):
    """What retriers and catchers share: the errors that they are for."""

    def render(self, prefix: str) -> dict[str, Any]:
        """Return the fields as the Amazon States Language writes them, exception classes by their names."""
        names = error_names(f"{prefix}ErrorEquals", self.fields["error_equals"])
        return in_order(render_fields(prefix, {**self.fields, "error_equals": names}))


class Retry(Handler, sdk.Retry):
    """A retrier: on these errors, run the state again.

    Its values are checked by the step it is given to, whose name the message then carries.

    Parameters
    ----------
    error_equals : list of str or exception class
        The errors it is for. A class stands for its bare name. ``States.ALL`` must be alone, in the last
        retrier.
    interval_seconds : int, optional
        Seconds before the first retry; AWS takes 1.
    max_attempts : int, optional
        Retries, where 0 means none; AWS takes 3.
    backoff_rate : float, optional
        What each interval is multiplied by for the next one, 1.0 or more; AWS takes 2.0.
    max_delay_seconds : int, optional
        The longest interval, in seconds.
    jitter_strategy : {'FULL', 'NONE'}, optional
        ``FULL`` waits for a random time up to the interval.
    comment : str, optional
        For readers.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows", Retry.
    """

    FIELDS = RetryFields.__optional_keys__ | {"error_equals"}

    def __init__(self, *, error_equals: Sequence[ErrorName], **fields: Unpack[RetryFields]) -> None:
        check_field_names("Retry", fields, self.FIELDS)
        super().__init__(error_equals=error_equals, **fields)


class Catch(Handler, sdk.Catch):
    """A catcher: on these errors, when no retry is left, go on with another step.

    Its values are checked by the step it is given to, whose name the message then carries.

    Parameters
    ----------
    error_equals : list of str or exception class
        The errors it is for. A class stands for its bare name. ``States.ALL`` must be alone, in the last
        catcher.
    next_step : State or Chain
        Where to go on.
    result_path : str or None, optional
        JSONPath: where in the state's input to put ``{"Error", "Cause"}``. Without it the error replaces the
        input; None drops the error.
    assign : dict, optional
        Variables to set, by name.
    output : JSON, optional
        JSONata: what the next step gets; ``$states.errorOutput`` is the error.
    comment : str, optional
        For readers.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows", Catch.
    """

    FIELDS = CatchFields.__optional_keys__ | {"error_equals"}

    def __init__(
        self,
        *,
        error_equals: Sequence[ErrorName],
        next_step: sdk.State | sdk.Chain,
        **fields: Unpack[CatchFields],
    ) -> None:
        check_field_names("Catch", fields, self.FIELDS)
        super().__init__(next_step, error_equals=error_equals, **fields)

    def render(self, prefix: str) -> dict[str, Any]:
        """Return the catcher as the Amazon States Language writes it."""
        return super().render(prefix) | {"Next": self.next_step.state_id}


def error_names(place: str, errors: object) -> list[str]:
    """Return the names under which Step Functions sees `errors`.

    For an exception of a Python Lambda function that is the bare class name, never qualified by its module
    (awslambdaric, recorded).

    Raises
    ------
    StepError
        When it is no list of exception classes and names.
    """
    if isinstance(errors, str) or not isinstance(errors, Sequence):
        raise StepError(f"{place} must be a list of exception classes and error names, got {errors!r}")
    return [_error_name(place, error) for error in errors]


def refuse_namesakes(prefix: str, handlers: Sequence[Handler]) -> None:
    """Refuse exception classes that are told apart in Python and not by Step Functions.

    Parameters
    ----------
    prefix
        What stands before a handler's position in a message, such as ``Task 'Call API': Retry``.
    handlers
        All retriers, or all catchers, of one state.

    Raises
    ------
    StepError
        When two different classes have one name.
    """
    classes: dict[str, type[BaseException]] = {}
    for position, handler in enumerate(handlers):
        given: Iterable[ErrorName] = handler.fields["error_equals"]
        for error in given:
            if isinstance(error, type) and (first := classes.setdefault(error.__name__, error)) is not error:
                raise StepError(
                    f"{prefix}[{position}].ErrorEquals has a second class called {error.__name__!r} "
                    f"(from {first.__module__} and {error.__module__}): Step Functions sees the bare name only"
                )


def _error_name(place: str, error: object) -> str:
    if isinstance(error, type) and issubclass(error, BaseException):
        return error.__name__
    if isinstance(error, str):
        return error
    raise StepError(f"{place} must hold exception classes and error names, got {error!r}")
