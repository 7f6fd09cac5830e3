"""Retriers and catchers: what a step does about an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack

from everypath.steps import _sdk
from everypath.steps._block import Fields, check_field_names
from everypath.steps._checks import check_fields
from everypath.steps._fields import Payload, Template, in_order
from everypath.steps.error_names import ErrorName, check_error_names, error_name
from everypath.steps.errors import StepError


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


class Retry(Fields, _sdk.Retry):
    """A retrier: on these errors, run the state again.

    Its values are checked by the step it is given to, whose name the message then carries.

    Parameters
    ----------
    error_equals : list of str or exception class
        The errors it is for. A class stands for its bare name. ``States.ALL`` must be alone, in the last
        retrier.
    interval_seconds : int, optional
        Seconds before the first retry, 1 to 99999999; AWS takes 1.
    max_attempts : int, optional
        Retries, 0 to 99999999, where 0 means none; AWS takes 3.
    backoff_rate : float, optional
        What each interval is multiplied by for the next one, 1.0 or more; AWS takes 2.0.
    max_delay_seconds : int, optional
        The longest interval, in seconds, 1 to 31622400 and more than `interval_seconds`.
    jitter_strategy : {'FULL', 'NONE'}, optional
        ``FULL`` waits for a random time up to the interval.
    comment : str, optional
        For readers.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "ErrorHandlingState errors in Step Functions workflows", Retry.
    """

    FIELDS = RetryFields.__optional_keys__ | {"error_equals"}

    def __init__(self, *, error_equals: Sequence[ErrorName], **fields: Unpack[RetryFields]) -> None:
        check_field_names("Retry", fields, self.FIELDS)
        super().__init__(error_equals=error_equals, **fields)

    def check(self, prefix: str, language: str | None) -> None:
        """Check every value; `prefix` is the place in the step, such as ``Task 'Call API': Retry[0].``."""
        check_error_names(f"{prefix}ErrorEquals", self.fields["error_equals"])
        check_fields(prefix, self.fields, language)
        interval, longest = self.fields.get("interval_seconds", 1), self.fields.get("max_delay_seconds")
        if longest is not None and longest <= interval:
            raise StepError(f"{prefix}MaxDelaySeconds must be more than IntervalSeconds ({interval}), got {longest}")

    def to_dict(self) -> dict[str, Any]:
        """Return the retrier as the Amazon States Language writes it."""
        return super().to_dict() | {"ErrorEquals": [error_name(error) for error in self.fields["error_equals"]]}


class Catch(Fields, _sdk.Catch):
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
    Source: AWS Step Functions Developer Guide, "ErrorHandlingState errors in Step Functions workflows", Catch.
    """

    FIELDS = CatchFields.__optional_keys__ | {"error_equals"}

    def __init__(
        self,
        *,
        error_equals: Sequence[ErrorName],
        next_step: _sdk.State | _sdk.Chain,
        **fields: Unpack[CatchFields],
    ) -> None:
        check_field_names("Catch", fields, self.FIELDS)
        super().__init__(next_step, error_equals=error_equals, **fields)

    def check(self, prefix: str, language: str | None) -> None:
        """Check every value; `prefix` is the place in the step, such as ``Task 'Call API': Catch[0].``."""
        check_error_names(f"{prefix}ErrorEquals", self.fields["error_equals"])
        check_fields(prefix, self.fields, language)

    def to_dict(self) -> dict[str, Any]:
        """Return the catcher as the Amazon States Language writes it."""
        names = [error_name(error) for error in self.fields["error_equals"]]
        return in_order(super().to_dict() | {"ErrorEquals": names, "Next": self.next_step.state_id})
