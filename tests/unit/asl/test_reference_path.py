from __future__ import annotations

from typing import Any

import pytest

from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonpath.reference_path import compile_reference_path


def put(text: str, root: Any, value: Any) -> Any:
    return compile_reference_path(text).put(root, value)


def test_the_root_is_replaced() -> None:
    assert put("$", {"a": 1}, 2) == 2


def test_a_member_is_added_or_replaced() -> None:
    assert put("$.b", {"a": 1}, 2) == {"a": 1, "b": 2}
    assert put("$['a']", {"a": {"old": 1}}, {"new": 2}) == {"a": {"new": 2}}


def test_objects_on_the_way_are_made() -> None:
    assert put("$.b.greeting", {"a": 1}, "Hi!") == {"a": 1, "b": {"greeting": "Hi!"}}
    assert put("$.a.b.c", {}, None) == {"a": {"b": {"c": None}}}


def test_an_element_that_is_there_is_replaced() -> None:
    assert put("$.items[1]", {"items": [1, 2, 3]}, "x") == {"items": [1, "x", 3]}
    assert put("$[1].payload", [{"a": 1}, {"id": 7}, 3], {"s": 1}) == [{"a": 1}, {"id": 7, "payload": {"s": 1}}, 3]


def test_nothing_that_was_given_is_changed() -> None:
    root = {"a": {"b": [1, {"c": 2}]}, "other": {"x": 1}}
    changed = put("$.a.b[1].c", root, 3)
    assert root == {"a": {"b": [1, {"c": 2}]}, "other": {"x": 1}}
    assert changed == {"a": {"b": [1, {"c": 3}]}, "other": {"x": 1}}
    assert changed["other"] is root["other"]


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("$.x", "foo"), ("$.x", [1, 2]), ("$.x", None), ("$.a.b", {"a": 1}), ("$.items[3]", {"items": [1, 2, 3]}),
        ("$.items[-1]", {"items": [1]}), ("$.items[0]", {"items": {}}), ("$.items[0]", {}),
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_applied_is_a_conflict(text: str, root: Any) -> None:
    with pytest.raises(StateError) as caught:
        put(text, root, 1)
    assert caught.value.error == "States.ReferencePathConflict"
    assert caught.value.cause is not None
    assert caught.value.cause.startswith(f"Unable to apply ReferencePath {text} to input ")


def test_the_cause_of_a_conflict_holds_the_whole_input() -> None:
    with pytest.raises(
        StateError, match=r'Unable to apply ReferencePath \$\.a\.b\.c to input \{"a":\{"b":\[1,"x"\]\}\}$'
    ):
        put("$.a.b.c", {"a": {"b": [1, "x"]}}, 1)


@pytest.mark.parametrize("text", ["$.a[*]", "$..a", "$.a[0,1]", "$.a[?(@.b)]", "$$.a", "$variable", "$.a.length()"])
def test_only_a_place_in_the_input_can_be_put_into(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=r"^Value is not a Reference Path$"):
        compile_reference_path(text)


def test_a_result_path_begins_with_a_dollar_sign() -> None:
    with pytest.raises(ExpressionSyntaxError, match="didn't start with"):
        compile_reference_path("result")
