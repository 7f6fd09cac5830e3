import random
import subprocess
import sys
import threading
from typing import Any

import pytest

from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonata import JsonataSyntaxError, QueryEvaluationError, compile_jsonata, is_jsonata
from everypath.asl.scope import Scope

ORDER = {"id": 7, "lines": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}], "note": None, "tags": ["x"], "none": []}


def a_scope(
    value: Any = ORDER, *, variables: dict[str, Any] | None = None, context: dict[str, Any] | None = None, **others: Any
) -> Scope:
    """A scope over `value`."""
    return Scope(
        value=value,
        context=lambda: {"State": {"Name": "S"}} if context is None else context,
        variables=variables or {},
        random=random.Random(1),
        now=lambda: 1_700_000_000.25,
        **others,
    )


def value_of(text: str, value: Any = ORDER, **others: Any) -> Any:
    """What an expression stands for."""
    return compile_jsonata("{% " + text + " %}", "Output").evaluate(a_scope(value, **others))


def failure_of(text: str, value: Any = ORDER, **others: Any) -> Any:
    """The error of an expression that fails."""
    with pytest.raises(QueryEvaluationError) as caught:
        value_of(text, value, **others)
    return caught.value


# --- what is an expression ---


@pytest.mark.parametrize("text", ["{% 1 %}", "{%1%}", "{%%}", "{% %}"])
def test_a_string_from_the_opening_to_the_closing_mark_is_an_expression(text: str) -> None:
    assert is_jsonata(text)


@pytest.mark.parametrize(
    "value", [" {% 1 %} ", "{% 1 %} ", "a {% 1 %}", "{%}", "{% 1", "1 %}", "$states.input", "", None, 1, {}]
)
def test_anything_else_is_a_value_like_any_other(value: Any) -> None:
    assert not is_jsonata(value)


def test_the_library_is_loaded_only_when_an_expression_is_compiled() -> None:
    code = "import sys, everypath.asl.jsonata as j; j.is_jsonata('{% 1 %}'); print('jsonata' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# --- what an expression sees ---


def test_the_input_is_a_field_of_states() -> None:
    assert value_of("$states.input") == ORDER
    assert value_of("$states.input.lines[0].sku") == "a"


def test_the_context_object_is_a_field_of_states() -> None:
    assert value_of("$states.context.State.Name") == "S"


def test_a_result_is_there_only_where_the_state_has_one() -> None:
    assert value_of("$states.result.ok", result={"ok": True}, has_result=True) is True
    assert value_of("$exists($states.result)") is False


def test_null_is_a_result_like_any_other() -> None:
    assert value_of("$states.result", result=None, has_result=True) is None


def test_an_error_is_there_only_for_a_catcher() -> None:
    error = {"Error": "E", "Cause": "c"}
    assert value_of("$states.errorOutput.Error", error_output=error, has_error_output=True) == "E"
    assert value_of("$exists($states.errorOutput)") is False


def test_states_lists_its_fields_in_the_order_of_aws() -> None:
    states = value_of("$states", result=1, has_result=True, error_output={"Error": "E"}, has_error_output=True)
    assert list(states) == ["input", "context", "result", "errorOutput"]


def test_a_workflow_variable_is_read_by_its_name() -> None:
    assert value_of("$order.id + 1", variables={"order": {"id": 1}}) == 2


def test_a_variable_that_is_null_exists() -> None:
    assert value_of("$none", variables={"none": None}) is None
    assert value_of("$exists($none)", variables={"none": None}) is True


def test_a_workflow_variable_hides_a_function_of_its_name() -> None:
    assert value_of("$sum", variables={"sum": 3}) == 3


@pytest.mark.parametrize("text", ["$states.input.id", "$states.input.lines[n > 1]", "$x", "$string($states.input)"])
def test_the_context_object_is_not_made_for_an_expression_that_does_not_read_it(text: str) -> None:
    scope = a_scope(variables={"x": 1})
    made = []

    def context() -> dict[str, Any]:
        made.append(text)
        return {}

    scope.context = context
    compile_jsonata("{% " + text + " %}", "Output").evaluate(scope)
    assert made == []


def test_an_expression_tells_which_workflow_variables_it_reads() -> None:
    text = "{% ($y := $x.a; $map($items, function($v) { $v + $y + $states.input.n + $sum($x.b) })) %}"
    assert compile_jsonata(text, "Output").variables == ("x", "items")


def test_an_evaluation_does_not_change_the_data_it_reads() -> None:
    value = {"a": [], "o": {"k": 1}, "l": [{"v": 1}]}
    value_of("$states.input.a{'x': 1}", value)
    value_of("$states.input ~> |l|{'v': 2}|", value)
    value_of("$states.input", value)["o"]["k"] = 2
    assert value == {"a": [], "o": {"k": 1}, "l": [{"v": 1}]}


# --- values ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.0", 3),
        ("10 / 4", 2.5),
        ("10 / 5", 2),
        ("1e3", 1000),
        ("null", None),
        ("[null]", [None]),
        ("$states.input.note", None),
        ("$states.input.none", []),
        ("$states.input.tags", ["x"]),
        ("[0]", [0]),
        ("$states.input.lines.n", [2, 1]),
        ("$states.input.lines[sku = 'a'].n", 2),
        ("$states.input.lines[sku = 'a'].n[]", [2]),
        ("{'a': $states.input.missing}", {}),
        ("[1..3]", [1, 2, 3]),
        ("'a' & 1.50", "a1.5"),
    ],
)
def test_an_expression_gives_json_data(text: str, value: Any) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_a_whole_number_of_the_input_is_an_integer_however_it_is_written() -> None:
    assert repr(value_of("$states.input", {"a": [1.0, 2.5]})) == "{'a': [1, 2.5]}"


def test_an_integer_is_exact_within_64_bits_and_a_double_beyond() -> None:
    assert value_of("$states.input", 2**63 - 1) == 2**63 - 1
    assert repr(value_of("$states.input", 2**63)) == "9.223372036854776e+18"


@pytest.mark.parametrize(("text", "name"), [("1/0", "Infinity"), ("-1/0", "-Infinity"), ("0/0", "NaN")])
def test_a_number_that_json_has_no_notation_for_is_its_name(text: str, name: str) -> None:
    assert value_of(text) == name
    assert value_of(f"[{text}]") == [name]


# --- failures ---


def test_a_failure_names_the_expression_and_the_field() -> None:
    error = failure_of("$states.input.missing")
    assert error.error == "States.QueryEvaluationError"
    assert error.cause == (
        "The JSONata expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined)."
    )
    assert error.location == "Output"
    assert error.expression == "$states.input.missing"
    assert isinstance(error, StateError)


@pytest.mark.parametrize("text", ["$nope", "$states.nope", "$states.input.none[0]", "$states.input.id.x", "()"])
def test_undefined_is_a_failure(text: str) -> None:
    assert failure_of(text).cause.endswith("returned nothing (undefined).")


@pytest.mark.parametrize("text", ["function($x) { $x }", "$f := function($x) { $x }", "$sum", "[$sum]", "/a/"])
def test_a_function_is_no_result(text: str) -> None:
    assert failure_of(text).cause.endswith("for the field 'Output' returned an unsupported result type.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$nope(1)", "T1006: Attempted to invoke a non-function"),
        ("'a' + 1", 'T2001: The left side of the "+" operator must evaluate to a number'),
        ("1 - {}", 'T2002: The right side of the "-" operator must evaluate to a number'),
        ("$sum(['a'])", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$uppercase(1)", 'T0410: Argument 1 of function "uppercase" does not match function signature'),
        ("1 < 'a'", 'T2009: The values 1 and "a" either side of operator "<" must be of the same data type'),
        ("$number('x')", 'D3030: Unable to cast value to a number: "x"'),
        ("$error('no stock')", "D3137: no stock"),
        ("$assert(false)", "D3141: $assert() statement failed"),
        ("{1: 2}", "T1003: Key in object structure must evaluate to a string; got: 1"),
        ("-'a'", 'D1002: Cannot negate a non-numeric value: "a"'),
        ("$eval('1')", "T1006: Attempted to invoke a non-function"),
        ("true and $lookup(1, 2)", 'T0410: Argument 2 of function "and" does not match function signature'),
    ],
)
def test_an_error_of_jsonata_is_told_with_its_code_and_message(text: str, message: str) -> None:
    assert failure_of(text).cause == (
        f"The JSONata expression '{text}' specified for the field 'Output' threw an error during evaluation. {message}"
    )


@pytest.mark.parametrize("text", ["1" + "+1" * 100, "(" * 100 + "1" + ")" * 100])
def test_an_evaluation_of_more_than_100_levels_is_a_stack_overflow(text: str) -> None:
    assert failure_of(text).cause.endswith(
        "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function."
        " Consider rewriting as tail-recursive"
    )


@pytest.mark.parametrize("text", ["1" + "+1" * 99, "(" * 99 + "1" + ")" * 99])
def test_an_evaluation_of_100_levels_is_none(text: str) -> None:
    assert value_of(text) in (1, 100)


def test_an_endless_loop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from everypath.asl.jsonata import engine

    monkeypatch.setattr(engine, "_MOST_STEPS", 10_000)
    cause = failure_of("($f := function($x) { $f($x + 1) }; $f(1))").cause
    assert cause.endswith("threw an error during evaluation: Expression evaluation timeout: Check for infinite loop")


@pytest.mark.parametrize("text", ["[1..900000]", "$range(1, 400000, 1)"])
def test_a_range_that_is_too_large_for_aws_fails(text: str) -> None:
    assert failure_of(text).cause.endswith(
        "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive"
        " memory usage"
    )


def test_what_jsonata_has_no_error_for_is_an_internal_error() -> None:
    error = failure_of("$base64decode('!!!')")
    assert error.cause.endswith("threw an internal error during evaluation.")
    assert error.__cause__ is not None


# --- compiling ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$a[1,2)", 'Expected "]", got ","'),
        ('"unterminated', "String literal must be terminated by a matching quote"),
        ("1 +", "Unexpected end of expression"),
        ("", "Unexpected end of expression"),
        ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
        ("$x :=", "Unexpected end of expression"),
        ('$match("a", /abc', "No terminating / in regular expression"),
        ('"\\x"', 'Unsupported escape sequence: \\"x"'),
        ("1 ! 2", 'Unknown operator: "!"'),
        ("$a ?? $b", 'The symbol "?" cannot be used as a unary operator'),
        ("$a ?: $b", 'The symbol ":" cannot be used as a unary operator'),
    ],
)
def test_an_expression_that_cannot_be_parsed_is_refused_with_the_message_of_aws(text: str, message: str) -> None:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_jsonata("{% " + text + " %}", "Output")
    assert str(caught.value) == message
    assert caught.value.code == "INVALID_JSONATA_EXPRESSION"
    assert caught.value.place == ("Output",)
    assert isinstance(caught.value, ExpressionSyntaxError)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phone", "Reference to 'phone' at the top level is not supported."),
        ("states.input", "Reference to 'states' at the top level is not supported."),
        ("$uppercase(name)", "Reference to 'name' at the top level is not supported."),
        ("$map([1], function($x) { b })", "Reference to 'b' at the top level is not supported."),
        ("true ? a : 1", "Reference to 'a' at the top level is not supported."),
        ("$$", "Reference to '$$' is not supported."),
    ],
)
def test_a_reference_to_a_context_that_does_not_exist_is_refused(text: str, message: str) -> None:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_jsonata("{% " + text + " %}", "Output")
    assert (str(caught.value), caught.value.code) == (message, "UNSUPPORTED_JSONATA_EXPRESSION")


@pytest.mark.parametrize(
    "text",
    [
        "$states.input.l[v > 3]",
        "$x.(a & b)",
        "$x{a: b}",
        "$x^(a, >b)",
        "$x.a.{'k': b}",
        "{'a': 1}.a",
        "$x ~> |a|{'b': c}|",
    ],
)
def test_a_name_is_fine_where_there_is_a_context(text: str) -> None:
    assert compile_jsonata("{% " + text + " %}", "Output").field == "Output"


def test_a_field_that_states_does_not_have_is_refused_where_that_is_known() -> None:
    compile_jsonata("{% $states.result %}", "Output", states=frozenset({"input", "context", "result"}))
    with pytest.raises(JsonataSyntaxError, match=r"^Field '\$states.result' does not exist.$"):
        compile_jsonata("{% $states.result %}", "Output", states=frozenset({"input", "context"}))


# --- threads ---


def test_threads_may_share_an_expression() -> None:
    shared = compile_jsonata("{% $map($states.input.l, function($v) { $v * $states.input.k }) %}", "Output")
    wrong = []

    def work(k: int) -> None:
        for _ in range(50):
            compile_jsonata(f"{{% $states.input.k + {k} %}}", "Output")
            if shared.evaluate(a_scope({"k": k, "l": [1, 2, 3]})) != [k, 2 * k, 3 * k]:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
