"""Evaluates JSONata: the library's evaluator, with what keeps it from being AWS's put right.

This is where the evaluator of ``jsonata-python`` 0.7.1 is worked around; its operators are in `operators`, its
functions in `builtins`, its parser in `parser` and its signatures in `signature`. The measure is the reference
implementation, jsonata 2.0.6, the version that AWS names. What is overridden here, and why:

- The library takes the state of an evaluation from whichever expression its thread parsed last, and looks callbacks
  up at every node. Here every evaluation has an engine of its own, so threads may share a syntax tree.
- Plain paths are followed without the evaluator, which also saves converting all of ``$states`` for one field.
- Calls of what is no function print to the terminal; the names in error messages are those of the last variable that
  held a function; partial application parses with a parser that threads share.
- ``{`` after an empty array changes that array, and transforms lose ``null``.
- AWS bounds an evaluation: 100 levels, and a time, which here is a number of steps so that it is the same everywhere
  (the levels were measured on AWS with TestState: floci-io/floci issue 2737).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from everypath.asl.jsonata.builtins import BUILTINS, Builtin
from everypath.asl.jsonata.messages import STACK_OVERFLOW, TIMEOUT, JsonataError, from_library
from everypath.asl.jsonata.operators import COMPARISONS, OPERATORS, as_list, negated, truth
from everypath.asl.jsonata.parser import HOISTED, Node, Parsed, parse_tree
from everypath.asl.jsonata.plain import ABSENT, UNKNOWN, Plain, below, states_fields
from everypath.asl.jsonata.text import clone
from everypath.asl.jsonata.values import is_function, to_engine
from everypath.asl.scope import Scope
from everypath.asl.utf16 import sort_key

_DEEPEST = 100
_MOST_STEPS = 5_000_000
_MISSING: Final[Any] = object()


def evaluate(parsed: Parsed, scope: Scope) -> Any:
    """Return the engine's value of an expression; None is JSONata's undefined.

    Raises
    ------
    JsonataError
        Where the evaluation fails.
    """
    engine = Engine(Variables(scope, parsed.states))
    try:
        return engine.eval(parsed.tree, None, engine.environment)
    except JException as error:
        raise from_library(error) from error
    except RecursionError as error:
        raise JsonataError(None, STACK_OVERFLOW) from error


class Variables(Jsonata.Frame):  # type: ignore[misc]
    """The outermost variables of one evaluation: ``$states``, the workflow's, and the functions.

    They are converted when an expression reads them, and only as much of them as it reads.

    Parameters
    ----------
    scope : Scope
        Where their values come from.
    states : frozenset of str or None
        The fields of ``$states`` that the expression names; None where it may see all of them.
    """

    def __init__(self, scope: Scope, states: frozenset[str] | None) -> None:
        super().__init__(None)
        self.scope = scope
        self.states = states

    def lookup(self, name: str) -> Any:
        """Return the engine's value of a variable; None where there is none."""
        found = self.bindings.get(name, _MISSING)
        if found is not _MISSING:
            return found
        if name == "states":
            found = to_engine(states_fields(self.scope, self.states))
        elif name in self.scope.variables:
            found = to_engine(self.scope.variables[name])
        else:
            return BUILTINS.get(name)
        self.bindings[name] = found
        return found

    def at(self, path: Plain, frame: Any) -> Any:
        """Return the engine's value at a plain path, seen from `frame`; `UNKNOWN` where it is not that plain."""
        while frame is not None:
            if path.variable in frame.bindings:
                found = below(frame.bindings[path.variable], path.names)
                return None if found is ABSENT else found
            frame = frame.parent
        found = path.find(self.scope)
        return None if found is ABSENT else to_engine(found)


class Engine(Jsonata):  # type: ignore[misc]
    """One evaluation of one expression."""

    parser = SimpleNamespace(dbg=False)

    def __init__(self, variables: Variables) -> None:
        self.environment = variables
        self.scope = variables.scope
        self._depth = 0
        self._steps = 0
        self._millis: int | None = None
        self._hoisted: Any = None

    @property
    def millis(self) -> int:
        """The time of the evaluation, one for all its calls of ``$now`` and ``$millis``."""
        if self._millis is None:
            self._millis = round(self.scope.now() * 1000)
        return self._millis

    def eval(self, expr: Node, input: Any, environment: Any) -> Any:
        """Return the value of a node of the syntax tree."""
        self._depth += 1
        self._steps += 1
        if self._depth > _DEEPEST:
            raise JsonataError(None, STACK_OVERFLOW)
        if self._steps > _MOST_STEPS:
            raise JsonataError(None, TIMEOUT)
        evaluate_node = _NODES.get(expr.type)
        result = None if evaluate_node is None else evaluate_node(self, expr, input, environment)
        if expr.predicate is not None:
            for item in expr.predicate:
                result = self.evaluate_filter(item.expr, result, environment)
        if expr.group is not None and expr.type != "path":
            result = self.evaluate_group_expression(expr.group, result, environment)
        self._depth -= 1
        if isinstance(result, Utils.JList) and result.sequence and not result.tuple_stream:
            return _unwrapped(result, expr.keep_array)
        return result

    def evaluate_path(self, expr: Node, input: Any, environment: Any) -> Any:
        """Follow a path; its plain beginning without evaluating it."""
        plain: Plain | None = getattr(expr, "plain", None)
        found = UNKNOWN if plain is None else self.environment.at(plain, environment)
        if plain is None or found is UNKNOWN or (found is None and expr.group is not None):
            return super().evaluate_path(expr, input, environment)
        if found is None or plain.rest is None:
            return found
        self._hoisted = found
        return super().evaluate_path(plain.rest, input, environment)

    def evaluate_variable(self, expr: Node, input: Any, environment: Any) -> Any:
        """Return the value of a variable, or of the context where it has no name."""
        if expr.value == HOISTED:
            return self._hoisted
        if expr.value == "":
            return super().evaluate_variable(expr, input, environment)
        return environment.lookup(expr.value)

    def evaluate_binary(self, expr: Node, input: Any, environment: Any) -> Any:
        """Apply an operator to two values."""
        operator = expr.value
        left = self.eval(expr.lhs, input, environment)
        if operator in ("and", "or"):
            return self._logical(operator, left, expr.rhs, input, environment)
        right = self.eval(expr.rhs, input, environment)
        if operator in OPERATORS:
            return OPERATORS[operator](left, right, operator)
        if operator in ("=", "!="):
            return self.evaluate_equality_expression(left, right, operator)
        if isinstance(left, str) and isinstance(right, str):
            left, right = sort_key(left), sort_key(right)
            return COMPARISONS[operator](left, right)
        return self.evaluate_comparison_expression(left, right, operator)

    def _logical(self, operator: str, left: Any, rhs: Node, input: Any, environment: Any) -> bool:
        if truth(left) is (operator == "or"):
            return operator == "or"
        try:
            return truth(self.eval(rhs, input, environment))
        except (JException, JsonataError) as error:
            # The reference implementation blames the operator, and so does AWS: 'Argument 2 of function "and"'.
            raise _blamed(error, operator, over=True) from error

    def evaluate_unary(self, expr: Node, input: Any, environment: Any) -> Any:
        """Negate a number, or make an array or an object."""
        if expr.value == "[":
            return self._array(expr, input, environment)
        if expr.value == "{":
            return self.evaluate_group_expression(expr, input, environment)
        return negated(self.eval(expr.expression, input, environment))

    def _array(self, expr: Node, input: Any, environment: Any) -> Any:
        made = Utils.JList()
        for item in expr.expressions:
            value = self.eval(item, input, environment)
            if isinstance(value, list) and item.value != "[":
                made.extend(value)
            elif value is not None:
                made.append(value)
        made.cons = expr.consarray
        return made

    def evaluate_group_expression(self, expr: Node, input: Any, environment: Any) -> Any:
        """Make an object of each group of values."""
        if isinstance(input, list) and not input:
            input = Utils.create_sequence()
        return super().evaluate_group_expression(expr, input, environment)

    def evaluate_condition(self, expr: Node, input: Any, environment: Any) -> Any:
        """Choose between two expressions."""
        if truth(self.eval(expr.condition, input, environment)):
            return self.eval(expr.then, input, environment)
        return None if expr._else is None else self.eval(expr._else, input, environment)

    def evaluate_function(self, expr: Node, input: Any, environment: Any, applyto_context: Any = Utils.NONE) -> Any:
        """Call a function, with the value left of ``~>`` as its first argument where there is one."""
        procedure = expr.procedure
        function = self.eval(procedure, input, environment)
        name = procedure.steps[0].value if procedure.type == "path" else procedure.value
        if function is None and procedure.type == "path" and environment.lookup(str(name)) is not None:
            raise JsonataError("T1005", token=name)
        arguments = [] if applyto_context is Utils.NONE else [applyto_context]
        arguments += [self.eval(argument, input, environment) for argument in expr.arguments]
        try:
            return self.apply(function, arguments, input, environment)
        except (JException, JsonataError) as error:
            raise _blamed(error, name) from error

    def apply_inner(self, proc: Any, args: Any, input: Any, environment: Any) -> Any:
        """Call a function; what it leaves to a tail call is not done yet."""
        if Functions.is_lambda(proc):
            return self.apply_procedure(proc, proc.signature.validate(args, input) if proc.signature else args)
        if isinstance(proc, Builtin):
            return proc.call_with(self, args, input)
        if not is_function(proc):
            raise JsonataError("T1006")
        return super().apply_inner(proc, args, input, environment)

    def partial_apply_native_function(self, native: Any, args: Any) -> Any:
        """Bind some arguments of a function that is not written in JSONata."""
        names = [f"${chr(ord('a') + index)}" for index in range(len(args))]
        made = self.evaluate_lambda(_lambda(", ".join(names)), None, self.environment)
        made.environment = self.create_frame(self.environment)
        made.environment.bind("\0native", native)
        return self.partial_apply_procedure(made, args)

    def evaluate_transform_expression(self, expr: Node, input: Any, environment: Any) -> Any:
        """Make a function of ``|pattern|update, deletions|``."""

        def transform(engine: Engine, value: Any) -> Any:
            return None if value is None else engine._transformed(expr, clone(value), environment)

        return Builtin("transform", "<(oa):o>", transform, 1)

    def _transformed(self, expr: Node, value: Any, environment: Any) -> Any:
        for match in as_list(self.eval(expr.pattern, value, environment)):
            update = self.eval(expr.update, match, environment)
            if update is not None and not isinstance(update, dict):
                raise JsonataError("T2011", value=update)
            deletions = None if expr.delete is None else self.eval(expr.delete, match, environment)
            if not all(isinstance(name, str) for name in as_list(deletions)):
                raise JsonataError("T2012", value=deletions)
            if isinstance(match, dict):
                match.update(update or {})
                for name in as_list(deletions):
                    match.pop(name, None)
        return value


def _unwrapped(sequence: Any, keep_array: bool) -> Any:
    """A sequence as a value: none of no item, the item of one."""
    if keep_array:
        sequence.keep_singleton = True
    if not sequence:
        return None
    return sequence[0] if len(sequence) == 1 and not sequence.keep_singleton else sequence


def _blamed(error: Exception, token: Any, *, over: bool = False) -> JsonataError:
    """The error with the name of the function that it tells of, if it has none yet."""
    found = error if isinstance(error, JsonataError) else from_library(error)
    if token is not None and (over or "token" not in found.values):
        found.values["token"] = token
    return found


@lru_cache(maxsize=32)
def _lambda(names: str) -> Node:
    """A function of these parameters that calls the function in a variable that no expression can name."""
    tree = parse_tree(f"function({names}){{ $native({names}) }}")
    tree.body.body.procedure.value = "\0native"
    return tree


_NODES: dict[str, Callable[[Engine, Node, Any, Any], Any]] = {
    "path": Engine.evaluate_path,
    "binary": Engine.evaluate_binary,
    "unary": Engine.evaluate_unary,
    "name": lambda engine, node, input, environment: Functions.lookup(input, node.value),
    "string": lambda engine, node, input, environment: node.value,
    "number": lambda engine, node, input, environment: node.value,
    "value": lambda engine, node, input, environment: engine.evaluate_literal(node),
    "wildcard": lambda engine, node, input, environment: engine.evaluate_wildcard(node, input),
    "descendant": lambda engine, node, input, environment: engine.evaluate_descendants(node, input),
    "parent": lambda engine, node, input, environment: environment.lookup(node.slot.label),
    "condition": Engine.evaluate_condition,
    "block": Engine.evaluate_block,
    "bind": Engine.evaluate_bind_expression,
    "regex": lambda engine, node, input, environment: node.value,
    "function": Engine.evaluate_function,
    "variable": Engine.evaluate_variable,
    "lambda": Engine.evaluate_lambda,
    "partial": Engine.evaluate_partial_application,
    "apply": Engine.evaluate_apply_expression,
    "transform": Engine.evaluate_transform_expression,
}
