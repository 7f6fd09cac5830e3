from typing import Any

import pytest

from everypath.asl.jsonata import JsonataSyntaxError, JsonataTemplate, QueryEvaluationError, compile_jsonata_template

from .test_jsonata_expression import a_scope

TEMPLATE: dict[str, Any] = {
    "constant": [None, 0, 0.1, True, "$states.input", " {% $x %} ", {}],
    "id": "{% $states.input.id %}",
    "deep": {"list": [1, ["{% $states.input.lines.sku %}"], {"n": "{% $x %}"}]},
}


def test_expressions_anywhere_in_the_data_are_evaluated() -> None:
    value = compile_jsonata_template(TEMPLATE, "Output").evaluate(a_scope(variables={"x": None}))
    assert value == {
        "constant": [None, 0, 0.1, True, "$states.input", " {% $x %} ", {}],
        "id": 7,
        "deep": {"list": [1, [["a", "b"]], {"n": None}]},
    }
    assert list(value) == list(TEMPLATE)


def test_an_expression_that_gives_an_array_is_one_item() -> None:
    assert compile_jsonata_template(["{% [1, 2] %}", 3], "Output").evaluate(a_scope()) == [[1, 2], 3]


@pytest.mark.parametrize("data", [None, 0.1, True, "text", [], {}, [1, {"a": ["{%"]}]])
def test_data_without_expressions_is_a_constant(data: Any) -> None:
    template = compile_jsonata_template(data, "Output")
    assert isinstance(template, JsonataTemplate)
    assert template.constant
    assert template.evaluate(a_scope()) == data


def test_keys_are_no_expressions() -> None:
    template = compile_jsonata_template({"{% 1 %}": 1}, "Output")
    assert isinstance(template, JsonataTemplate)
    assert template.constant


def test_a_template_lists_its_expressions() -> None:
    template = compile_jsonata_template(TEMPLATE, "Output")
    assert isinstance(template, JsonataTemplate)
    assert [each.text for each in template.expressions] == [
        "$states.input.id",
        "$states.input.lines.sku",
        "$x",
    ]


@pytest.mark.parametrize(
    ("data", "location"),
    [
        ("{% $nope %}", "Output"),
        ({"v": "{% $nope %}"}, "Output/v"),
        ({"a": {"b": "{% $nope %}"}}, "Output/a/b"),
        ({"values": ["{% $nope %}", 1]}, "Output/values[0]"),
        ({"a": {"b": [[1, "{% $nope %}"]]}}, "Output/a/b[0][1]"),
    ],
)
def test_a_failure_is_located_by_keys_and_indices(data: Any, location: str) -> None:
    with pytest.raises(QueryEvaluationError) as caught:
        compile_jsonata_template(data, "Output").evaluate(a_scope())
    assert caught.value.location == location
    assert f"specified for the field '{location}' returned nothing (undefined)." in str(caught.value.cause)


def test_a_syntax_error_is_located_below_its_block() -> None:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_jsonata_template({"a": [1, "{% 1 + %}"]}, "Choices[0]/Assign")
    assert caught.value.place == ("Assign", "a", 1)
