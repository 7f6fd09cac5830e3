"""The states that do no work of their own: Pass, Wait, Succeed and Fail."""

from __future__ import annotations

from typing import Any, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Json
from everypath.steps.state import AnyStep, AssigningFields, DataFields, ResultFields, State, StateFields


class PassFields(ResultFields, total=False):
    """The optional fields of a Pass."""

    result: Json


class WaitFields(AssigningFields, total=False):
    """The fields of a Wait."""

    seconds: int | str
    seconds_path: str
    timestamp: str
    timestamp_path: str


class FailFields(StateFields, total=False):
    """The optional fields of a Fail."""

    error: str
    error_path: str
    cause: str
    cause_path: str


class Pass(State, sdk.Pass):
    """A step that passes its input on, or a fixed result instead.

    Parameters
    ----------
    result : JSON, optional
        JSONPath: the result, as it stands. In JSONata use `output`.
    **fields
        What every state takes, see `State`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Pass workflow state".
    """

    TYPE = "Pass"
    FIELDS = PassFields.__optional_keys__

    def __init__(self, state_id: str, *, end: bool = False, **fields: Unpack[PassFields]) -> None:
        super().__init__(state_id, fields, end=end)


class Wait(State, sdk.Wait):
    """A step that waits; it takes exactly one of the four ways to say how long.

    Parameters
    ----------
    seconds : int or str
        Seconds; in JSONata also an expression.
    seconds_path : str
        JSONPath: where in the input to find them.
    timestamp : str
        The moment to wait for, an RFC 3339 timestamp such as ``2026-03-14T01:59:00Z``; in JSONata also an
        expression.
    timestamp_path : str
        JSONPath: where in the input to find it.
    **fields
        What every state takes, see `State`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Wait workflow state".
    """

    TYPE = "Wait"
    FIELDS = WaitFields.__optional_keys__

    def __init__(self, state_id: str, *, end: bool = False, **fields: Unpack[WaitFields]) -> None:
        super().__init__(state_id, fields, end=end)


class _Ending(State):
    """A state that ends the execution by what it is."""

    HAS_NEXT = False

    def next(self, next_step: AnyStep) -> AnyStep:
        """Refuse: nothing comes after the end.

        Raises
        ------
        StepError
            Always.
        """
        raise StepError(f"{self.label} ends the execution: it cannot go on to another step")

    def render_transition(self) -> dict[str, Any]:
        """Return nothing: the state is an end by its type."""
        return {}


class Succeed(_Ending, sdk.Succeed):
    """A step that ends the execution, or the branch, well.

    Parameters
    ----------
    **fields
        What every state takes, see `State`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Succeed workflow state".
    """

    TYPE = "Succeed"
    FIELDS = DataFields.__optional_keys__

    def __init__(self, state_id: str, **fields: Unpack[DataFields]) -> None:
        super().__init__(state_id, fields)


class Fail(_Ending, sdk.Fail):
    """A step that ends the execution as failed.

    Parameters
    ----------
    error : str, optional
        The error's name; in JSONata also an expression.
    error_path : str, optional
        JSONPath: a path to the name, or an intrinsic function that makes it.
    cause : str, optional
        What happened, for readers; in JSONata also an expression.
    cause_path : str, optional
        JSONPath: a path to the cause, or an intrinsic function that makes it.
    **fields
        ``comment`` and ``query_language``.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Fail workflow state".
    """

    TYPE = "Fail"
    FIELDS = FailFields.__optional_keys__

    def __init__(self, state_id: str, **fields: Unpack[FailFields]) -> None:
        super().__init__(state_id, fields)
