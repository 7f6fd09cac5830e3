"""The states that neither call anything nor run other states: Pass, Wait, Choice, Succeed and Fail.

They have neither Retry nor Catch: an error in one ends the branch that it is in.
"""

from __future__ import annotations

from typing import Any

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR, RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.timestamps import parse_timestamp
from everypath.asl.tree import Choice, Fail, Pass, Succeed, Wait
from everypath.engine import dataflow
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step, leave
from everypath.history.outcome import Failure

#: The longest delay of a Wait until a timestamp: what a Java int holds (recorded: 24,855 days pass, 24,856 do not).
MAX_WAIT_SECONDS = 2**31 - 1


async def run_pass(state: Pass, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Pass state: its result is ``Result``, ``Parameters``, or its input."""
    try:
        if state.jsonata:
            output, assigned = dataflow.pass_on(state, cursor, value)
        else:
            result = state.result if state.has_result else dataflow.arguments(state, cursor, value)
            output, assigned = dataflow.finish(state, cursor, value, result)
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, state.next)


async def run_succeed(state: Succeed, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Succeed state."""
    try:
        output, assigned = dataflow.pass_on(state, cursor, value)
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, None)


async def run_wait(state: Wait, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Wait state; a timestamp in the past is not waited for."""
    try:
        seconds = _seconds(state, cursor, dataflow.effective_input(state, cursor, value))
    except StateError as error:
        return cursor.failure(error, evaluated_late=state.timestamp is not None)
    resume_point = cursor.take_resume_point()
    if resume_point is not None and not resume_point.redriven and state.seconds is not None:
        seconds -= cursor.run.scheduler.clock.now() - resume_point.entered_at
    await cursor.run.scheduler.sleep(seconds)
    try:
        output, assigned = dataflow.pass_on(state, cursor, value)
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, state.next)


def _seconds(state: Wait, cursor: Cursor, value: Any) -> float:
    scope = cursor.scope(value)
    if state.seconds is not None:
        return float(state.seconds.evaluate(scope))
    assert state.timestamp is not None
    text = state.timestamp.evaluate(scope)
    moment = parse_timestamp(text)
    if moment is None:
        raise _bad_timestamp(state, text)
    seconds = max(moment - cursor.run.scheduler.clock.now(), 0.0)
    if seconds > MAX_WAIT_SECONDS:
        raise StateError(RUNTIME, "Wait state delay is too long.")
    return seconds


def _bad_timestamp(state: Wait, text: Any) -> StateError:
    """Return the error of a text that is no timestamp, as recorded for both query languages."""
    if state.timestamp_path is not None:
        return StateError(
            RUNTIME,
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
            f"{state.timestamp_path} == {text}",
        )
    return StateError(
        QUERY_EVALUATION_ERROR,
        f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}",
        location="Timestamp",
    )


async def run_choice(state: Choice, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Choice state.

    Where no rule matches and there is no Default, it fails with ``States.Runtime`` (measured on AWS in 2026); the
    specification has ``States.NoChoiceMatched``.
    """
    try:
        value = dataflow.effective_input(state, cursor, value)
        scope = cursor.scope(value)
        matched = next((choice for choice in state.choices if choice.rule(scope)), None)
        if matched is None and state.next is None:
            raise StateError(
                RUNTIME, "Failed to transition out of the state. The state does not point to a next state."
            )
        output, assigned = dataflow.choose(state, matched, cursor, value)
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, state.next if matched is None else matched.next)


async def run_fail(state: Fail, cursor: Cursor, value: Any) -> Failure:
    """Run a Fail state."""
    # A Fail has no InputPath, but TestState shows the input after it all the same (recorded).
    scope = cursor.scope(dataflow.effective_input(state, cursor, value))
    try:
        error = None if state.error is None else state.error.evaluate(scope)
        cause = None if state.cause is None else state.cause.evaluate(scope)
    except StateError as raised:
        return cursor.failure(raised)
    return Failure(error, cause)
