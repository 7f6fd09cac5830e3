"""The cursor of one branch of an execution: the execution itself, a branch of a Parallel, an iteration of a Map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR, REFERENCE_PATH_CONFLICT, RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.timestamps import format_timestamp
from everypath.asl.tree import ErrorHandlingState, State
from everypath.engine.context import RunContext
from everypath.engine.data import to_text
from everypath.history.outcome import Failure
from everypath.history.resume_point import ResumePoint

_UNTRUNCATED = {"truncated": False}


class Cursor:
    """One branch of an execution, and the state that it is in; writes the branch's events.

    Parameters
    ----------
    run : RunContext
        The execution.
    last : int
        The event that the next one follows from.
    variables : dict
        The variables that are visible here; what is assigned inside stays inside.
    item : dict or None
        ``Map`` of the context object, inside an iteration.

    Attributes
    ----------
    resume_point : ResumePoint or None
        Where the branch was in the current state when its execution was interrupted, until that is resumed.
    stages : dict or None
        Where the data is kept after each stage of its way through a state, by TestState's names of the stages; None
        where nobody asks for it.
    on_http_exchange : callable or None
        Called with what an HTTP Task has sent and received; None where nobody asks for it.
    """

    __slots__ = (
        "entered_at",
        "entered_id",
        "entered_previous",
        "item",
        "last",
        "on_http_exchange",
        "resume_point",
        "retry_count",
        "run",
        "stages",
        "state",
        "token",
        "variables",
    )

    def __init__(
        self,
        run: RunContext,
        last: int = 0,
        variables: dict[str, Any] | None = None,
        item: dict[str, Any] | None = None,
    ) -> None:
        self.run = run
        self.last = last
        self.variables = variables if variables is not None else {}
        self.item = item
        self.state: State | None = None
        self.entered_at = 0.0
        self.entered_id = 0
        self.entered_previous = 0
        self.retry_count = 0
        self.token: str | None = None
        self.resume_point: ResumePoint | None = None
        self.stages: dict[str, Any] | None = None
        self.on_http_exchange: Callable[[Any], None] | None = None

    def child(self, last: int, item: dict[str, Any] | None = None) -> Cursor:
        """Return the cursor of a branch that starts inside the state that this one is in."""
        return Cursor(self.run, last, dict(self.variables), item or self.item)

    def add(self, kind: str, details_key: str | None = None, details: Any = None) -> int:
        """Append an event that follows from the last one of this branch, and return its id."""
        self.last = self.run.history.add(kind, self.last, details_key, details)
        return self.last

    def enter(self, state: State, value: Any) -> None:
        """Enter a state with its raw input."""
        run = self.run
        self.state = state
        self.retry_count = 0
        self.token = None
        self.resume_point = None
        self.entered_at = run.scheduler.clock.now()
        self.entered_previous = self.last
        run.path.append(state.name)
        run.transitions += 1
        # The first state's input is the execution's, as it was written (recorded).
        text = run.text(value) if self.last or self.item else run.input_text
        details = {"name": state.name, "input": text, "inputDetails": _UNTRUNCATED}
        # Event 2, too, follows from nothing: ExecutionStarted has no followers (recorded).
        self.entered_id = self.add(f"{type(state).__name__}StateEntered", "stateEnteredEventDetails", details)

    def resume_at(self, state: State, resume_point: ResumePoint) -> None:
        """Be in a state that was entered before an interruption."""
        self.state = state
        self.resume_point = resume_point
        self.retry_count = len(resume_point.retried)
        self.token = None
        self.entered_at = resume_point.entered_at
        self.entered_id = resume_point.entered
        self.entered_previous = resume_point.entered_previous
        self.last = resume_point.last
        self.variables.update(resume_point.assigned)

    def take_resume_point(self) -> ResumePoint | None:
        """Return the resume point, the first time that it is asked for."""
        resume_point, self.resume_point = self.resume_point, None
        return resume_point

    def leave(self, state: State, output: Any, assigned: dict[str, Any]) -> None:
        """Leave the state with its output and the variables that it assigns."""
        details: dict[str, Any] = {
            "name": state.name,
            "output": self.run.text(output),
            "outputDetails": _UNTRUNCATED,
        }
        if assigned:
            details["assignedVariables"] = {name: to_text(value) for name, value in assigned.items()}
            details["assignedVariablesDetails"] = _UNTRUNCATED
            self.variables.update(assigned)
        self.add(f"{type(state).__name__}StateExited", "stateExitedEventDetails", details)
        self.state = None

    def scope(self, value: Any) -> Scope:
        """Return what an expression of the current state sees, with `value` as its input."""
        return Scope(value, self.context, self.variables, self.run.random, self.run.scheduler.clock.now)

    def context(self) -> dict[str, Any]:
        """Return the context object."""
        run, state = self.run, self.state
        assert state is not None
        entered: dict[str, Any] = {"Name": state.name, "EnteredTime": format_timestamp(self.entered_at)}
        if isinstance(state, ErrorHandlingState):
            entered["RetryCount"] = self.retry_count
        context: dict[str, Any] = {
            "Execution": run.execution_context(),
            "StateMachine": {"Id": run.identity.state_machine_arn, "Name": run.identity.state_machine_name},
            "State": entered,
        }
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        if self.item is not None:
            context["Map"] = self.item
        return context

    def failure(self, error: StateError, *, evaluated_late: bool = False) -> Failure:
        """Turn what an expression of the current state raised into the state's failure.

        Parameters
        ----------
        evaluated_late : bool
            Whether the state had begun its work: an EvaluationFailed event then follows from its StateEntered event,
            and otherwise from the event before that (both recorded).
        """
        assert self.state is not None
        if (
            error.error == REFERENCE_PATH_CONFLICT
        ):  # its cause does not say of which state it is (users of AWS report it)
            return Failure(error.error, error.cause)
        place = f"the state '{self.state.name}' (entered at the event id #{self.entered_id})"
        cause = f"An error occurred while executing {place}. {error.cause or ''}"
        if error.error == QUERY_EVALUATION_ERROR:
            details = {"error": error.error, "cause": cause, "state": self.state.name}
            if error.location:
                details["location"] = error.location
            if self.last == self.entered_id and not evaluated_late:
                self.last = self.entered_previous
            self.add("EvaluationFailed", "evaluationFailedEventDetails", details)
        return Failure(error.error, cause, fatal=error.error == RUNTIME)
