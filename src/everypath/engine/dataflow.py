"""How data flows through a state: InputPath to OutputPath in JSONPath, Arguments to Output in JSONata.

All functions but `leave` raise `StateError` where an expression fails; the state turns that into its failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl.tree import Catcher, ChoiceRule, State, WithResult
from everypath.engine.cursor import Cursor
from everypath.engine.data import limit_exceeded, too_large
from everypath.history.outcome import Failure

Assigned = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """How a state was left: with an output, and towards the next state; `next` is None at the end."""

    output: Any
    next: str | None


def effective_input(state: State, cursor: Cursor, value: Any) -> Any:
    """Return the raw input after ``InputPath``."""
    effective = value if state.input_path is None else state.input_path.evaluate(cursor.scope(value))
    if cursor.stages is not None and not state.jsonata:
        cursor.stages["afterInputPath"] = effective
    return effective


def arguments(state: WithResult, cursor: Cursor, value: Any) -> Any:
    """Return what the state's work is given: ``Parameters`` applied to the effective input, or ``Arguments``."""
    value = effective_input(state, cursor, value)
    given = value if state.parameters is None else state.parameters.evaluate(cursor.scope(value))
    if cursor.stages is not None:
        cursor.stages["afterArguments" if state.jsonata else "afterParameters"] = given
    return given


def finish(state: State, cursor: Cursor, value: Any, result: Any) -> tuple[Any, Assigned]:
    """Return the output of a state that made a result of its raw input `value`, and what it assigns.

    ResultPath puts the result into the raw input, before InputPath (specification, "InputPath and OutputPath").
    """
    if state.jsonata:
        return _query(state, cursor, value, result, default=result)
    if isinstance(state, WithResult):
        if state.result_selector is not None:
            result = state.result_selector.evaluate(cursor.scope(result))
        if cursor.stages is not None:
            cursor.stages["afterResultSelector"] = result
        assigned = _assigned(state, cursor, result)
        if not state.keeps_result:
            result = value
        elif state.result_path is not None:
            result = state.result_path.put(value, result)
        if cursor.stages is not None:
            cursor.stages["afterResultPath"] = result
    else:
        assigned = _assigned(state, cursor, result)
    return _output_path(state, cursor, result), assigned


def pass_on(state: State, cursor: Cursor, value: Any) -> tuple[Any, Assigned]:
    """Return the output of a state that makes no result (Wait, Succeed), and what it assigns."""
    if state.jsonata:
        scope = cursor.scope(value)
        output = value if state.output is None else state.output.evaluate(scope)
        return output, {} if state.assign is None else state.assign.evaluate(scope)
    value = effective_input(state, cursor, value)
    return _output_path(state, cursor, value), _assigned(state, cursor, value)


def choose(state: State, rule: ChoiceRule | None, cursor: Cursor, value: Any) -> tuple[Any, Assigned]:
    """Return the output of a Choice and what it assigns, by the rule that matched, or by the state where none did."""
    taken: ChoiceRule | State = state if rule is None else rule
    if state.jsonata:
        scope = cursor.scope(value)
        output = value if taken.output is None else taken.output.evaluate(scope)
        return output, {} if taken.assign is None else taken.assign.evaluate(scope)
    assigned = {} if taken.assign is None else taken.assign.evaluate(cursor.scope(value))
    return _output_path(state, cursor, value), assigned


def catch(state: State, catcher: Catcher, cursor: Cursor, value: Any, error: Any) -> tuple[Any, Assigned]:
    """Return what a catcher passes on and assigns; OutputPath and ResultSelector do not apply to it (recorded)."""
    if state.jsonata:
        scope = cursor.scope(value)
        scope.error_output, scope.has_error_output = error, True
        output = error if catcher.output is None else catcher.output.evaluate(scope)
        return output, {} if catcher.assign is None else catcher.assign.evaluate(scope)
    assigned = {} if catcher.assign is None else catcher.assign.evaluate(cursor.scope(error))
    if not catcher.keeps_result:
        return value, assigned
    return (error if catcher.result_path is None else catcher.result_path.put(value, error)), assigned


def leave(state: State, cursor: Cursor, output: Any, assigned: Assigned, following: str | None) -> Step | Failure:
    """Leave a state, unless its output is too large: that is a failure which nothing can catch (recorded)."""
    if too_large(cursor.run.text(output)):
        return limit_exceeded(state.name, fatal=True)
    cursor.leave(state, output, assigned)
    return Step(output, following)


def _query(state: State, cursor: Cursor, value: Any, result: Any, default: Any) -> tuple[Any, Assigned]:
    if state.output is None and state.assign is None:
        return default, {}
    scope = cursor.scope(value)
    scope.result, scope.has_result = result, True
    assigned = {} if state.assign is None else state.assign.evaluate(scope)
    return default if state.output is None else state.output.evaluate(scope), assigned


def _assigned(state: State, cursor: Cursor, result: Any) -> Assigned:
    assigned: Assigned = {} if state.assign is None else state.assign.evaluate(cursor.scope(result))
    return assigned


def _output_path(state: State, cursor: Cursor, value: Any) -> Any:
    return value if state.output_path is None else state.output_path.evaluate(cursor.scope(value))
