from __future__ import annotations

from random import Random
from typing import Any

import pytest

from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonpath.path import PathNotFound, check_path, compile_path, evaluate_path
from everypath.asl.scope import Scope

STORE = {
    "books": [
        {"title": "Sayings", "price": 8.95, "tags": ["a", "b"]},
        {"title": "Sword", "price": 12.99, "tags": []},
        {"title": "Moby", "price": 8.99, "isbn": "0-553"},
    ],
    "limit": 10,
    "delivery-partner": "UQS",
    "odd names": {"it's": 1, 'a"b': 2},
    "nothing": None,
}


def scope(value: Any = None, **variables: Any) -> Scope:
    context = {"Execution": {"Id": "arn", "Input": value}}
    return Scope(value, lambda: context, variables, Random(0), lambda: 0.0)


def find(text: str, root: Any = STORE) -> Any:
    return compile_path(text).find(root)


def titles(text: str) -> list[str]:
    return [book["title"] for book in find(text)]


def detail(text: str, root: Any = STORE) -> str:
    with pytest.raises(PathNotFound) as caught:
        find(text, root)
    return caught.value.detail


def test_a_dollar_sign_is_the_input_itself() -> None:
    assert compile_path("$").evaluate(scope(STORE)) is STORE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.limit", 10),
        ("$['limit']", 10),
        ("$.books[0].title", "Sayings"),
        ("$.books[ 1 ].title", "Sword"),
        ("$.books[(@.length-1)].title", "Moby"),
        ("$.books[( @.size() - 3 )].title", "Sayings"),
        ("$.delivery-partner", "UQS"),
        (r"$['odd names']['it\'s']", 1),
        (r"$.odd\ names.it's", 1),
        (r"$.l\imit", 10),
        (r"$.\u006cimit", 10),
        (r"$['\u006cimit']", 10),
        ("$.nothing", None),
    ],
)
def test_names_and_indices_identify_one_value(text: str, expected: Any) -> None:
    assert compile_path(text).definite
    assert find(text) == expected


def test_a_path_begins_at_the_input_the_context_object_or_a_variable() -> None:
    here = scope({"a": 1}, answer={"value": [41, 42]}, Größe=3)
    assert compile_path("$.a").evaluate(here) == 1
    assert compile_path("$$.Execution.Id").evaluate(here) == "arn"
    assert compile_path("$$").evaluate(here) == {"Execution": {"Id": "arn", "Input": {"a": 1}}}
    assert compile_path("$answer").evaluate(here) == {"value": [41, 42]}
    assert compile_path("$answer.value[1]").evaluate(here) == 42
    assert compile_path("$Größe").evaluate(here) == 3


def test_a_variable_that_was_not_assigned_leads_nowhere() -> None:
    with pytest.raises(PathNotFound, match=r"Missing property in path \$\['answer'\]"):
        compile_path("$answer.value").evaluate(scope({}))


def test_several_names_at_the_end_make_an_object_of_those_that_are_there() -> None:
    assert find("$.books[0]['title','price','none']") == {"title": "Sayings", "price": 8.95}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.books[*].title", ["Sayings", "Sword", "Moby"]),
        ("$.books[*].isbn", ["0-553"]),
        ("$.books[0,2].title", ["Sayings", "Moby"]),
        ("$.books[1:].title", ["Sword", "Moby"]),
        ("$.books[:1].title", ["Sayings"]),
        ("$.books[-1:].title", ["Moby"]),
        ("$.books[:-1].title", ["Sayings", "Sword"]),
        ("$.books[0:2].title", ["Sayings", "Sword"]),
        ("$.books[1:-1].title", []),
        ("$['odd names'].*", [1, 2]),
        ("$.books[0:2:5].title", ["Sayings", "Sword"]),
        ("$.books[-2:2].title", ["Sayings", "Sword"]),
        ("$.books[-2147483648:2147483647].title", ["Sayings", "Sword", "Moby"]),
        ("$..title", ["Sayings", "Sword", "Moby"]),
        ("$..tags[*]", ["a", "b"]),
        ("$..[0]", [STORE["books"][0], "a", None]),  # type: ignore[index]
        ("$.books[0,-1,2].title", ["Sayings", "Moby"]),
        ("$.books[?(@.isbn)]..title", ["Moby"]),
    ],
)
def test_a_path_to_many_gives_a_list(text: str, expected: list[Any]) -> None:
    assert not compile_path(text).definite
    assert find(text) == expected


@pytest.mark.parametrize("text", ["$.none[*]", "$.none.deeper[1:5].x", "$.none[:1]", "$[*]", "$..x", "$.none[?(@.a)]"])
def test_a_path_to_many_that_finds_nothing_gives_an_empty_list(text: str) -> None:
    assert find(text, {}) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("@.price < 10", ["Sayings", "Moby"]),
        ("@.price<$.limit", ["Sayings", "Moby"]),
        ("@.price >= 8.99", ["Sword", "Moby"]),
        ("@.price == '8.95'", ["Sayings"]),
        ("@.price == 8.95", ["Sayings"]),
        ("8.95 == @.price", ["Sayings"]),
        ("@.title == Moby", ["Moby"]),
        ("@.title==/S.*/", []),
        ("@.title != 'Moby'", ["Sayings", "Sword"]),
        ("@.title > 'Sayings'", ["Sword"]),
        ("@.title < 5", []),
        ("@.isbn", ["Moby"]),
        ("!@.isbn", ["Sayings", "Sword"]),
        ("@.isbn && @.price < 5 || @.title == 'Sword'", ["Sword"]),
        ("(@.isbn || @.title == 'Sword') && !(@.price > 10)", ["Moby"]),
        ("@.title =~ /s.*/i", ["Sayings", "Sword"]),
        ("@.title =~ /S/", []),
        ("@.tags[0] == 'a'", ["Sayings"]),
        ("@['title'] == 'Sword'", ["Sword"]),
        ("@.none == null", []),
        ("@.tags == ['a','b']", []),
        ("@.isbn != 1", ["Moby"]),
        ("@.none != null", []),
        ("@.title != null", ["Sayings", "Sword", "Moby"]),
    ],
)
def test_a_filter_keeps_what_its_condition_accepts(condition: str, expected: list[str]) -> None:
    assert titles(f"$.books[?({condition})]") == expected


@pytest.mark.parametrize(
    ("text", "root", "expected"),
    [
        ("$.a[?(@ == 1)]", {"a": [1, 2]}, [1]),
        ("$[?(@ != 'x')]", ["a", "x", {"b": 1}, None], ["a"]),
        ("$.a[?(@.b)]", {"a": [{"b": None}, {"b": 2}, 3]}, [{"b": 2}]),
        ("$.a[?(!@.b)]", {"a": [{"b": None}, {"b": 2}]}, [{"b": None}]),
        ("$.a[?(@.b != null)]", {"a": [{"c": 1}, {"b": None}, {"b": 2}]}, [{"b": 2}]),
        ("$.a[?(@.b != 1)]", {"a": [{"c": 1}, {"b": None}, {"b": 2}]}, [{"b": 2}]),
        ("$.a[?(@.b == null)]", {"a": [{"c": 1}, {"b": None}, {"b": 2}]}, [{"b": None}]),
        ("$.a[?(@.b >= 0)]", {"a": [{"b": None}, {"b": -1}, {"b": 0}]}, [{"b": 0}]),
        ("$.a[?(@.v<7)]", {"a": [{"v": "5"}, {"v": "10"}, {"v": 6}]}, [{"v": "5"}, {"v": 6}]),
        ("$.a[?(@.n==Receipt)].v", {"a": [{"n": "Receipt", "v": 1}, {"n": "x", "v": 2}]}, [1]),
        ("$.a[?(@.n==/eggs/like)].v", {"a": [{"n": "/eggs/like", "v": 1}]}, [1]),
        (
            "$.a[?(@.ok == true)].n",
            {"a": [{"ok": True, "n": 1}, {"ok": False, "n": 2}, {"ok": "true", "n": 3}]},
            [1, 3],
        ),
        ("$.a[?(@.b =~ /1.*/)]", {"a": [{"b": 12}, {"b": None}, {"c": 1}]}, [{"b": 12}]),
        ('$.a[?(@.b == "x")]', {"a": [{"b": "x"}]}, []),
    ],
)
def test_a_filter_compares_as_jsonpath_2_0_0_does(text: str, root: Any, expected: list[Any]) -> None:
    assert find(text, root) == expected


@pytest.mark.parametrize(
    "condition", ["@.n in ['x']", "@.b subsetof ['x']", "@.b contains 1", "@.b empty true", "@.b[*] == 1", "@..b"]
)
def test_operators_in_words_and_paths_to_many_are_refused_in_a_filter(condition: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        compile_path(f"$.a[?({condition})]")


def test_a_filter_on_an_object_keeps_the_object_itself() -> None:
    assert find("$[?(@.limit == 10)].delivery-partner") == ["UQS"]


@pytest.mark.parametrize("name", ["length()", "size()", "keys()", "sum()"])
def test_what_looks_like_a_function_is_a_name(name: str) -> None:
    assert detail(f"$.books.{name}") == f"Property ['{name}'] not found in path $['books']"
    assert find(f"$.{name}", {name: 1}) == 1


@pytest.mark.parametrize("text", ["$.books[-1]", "$.books[-1].title", "$.books[(@.length-4)]", "$.limit[(@.length-1)]"])
def test_a_negative_index_finds_nothing(text: str) -> None:
    with pytest.raises(PathNotFound):
        find(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$.limit[0:1]", "Filter: [0:1] can only be applied to arrays. Current context is: 10"),
        ("$.books[?(@.isbn)][0]", "Filter: [0] can only be applied to arrays. Current context is: "),
        ("$.limit[?(@.a)]", "Filter: [?] can not be applied to primitives. Current context is: 10"),
        ("$['limit','books'].title", "Multi properties can only be used as path leafs: ['limit','books']"),
    ],
)
def test_a_step_that_cannot_be_applied_is_an_error(text: str, words: str) -> None:
    assert detail(text).startswith(words)


@pytest.mark.parametrize(
    "index", ["2147483648", "-113667776004:2", ":99999999999", "(@.length-2147483648)", "9" * 9000]
)
def test_an_index_beyond_32_bits_is_refused(index: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        compile_path(f"$[{index}]")


def test_a_missing_last_step_and_a_missing_step_on_the_way_read_differently() -> None:
    assert detail("$.no") == "No results for path: $['no']"
    assert detail("$.no.such.path") == "Missing property in path $['no']"
    assert detail("$.books[0].no.path") == "Missing property in path $['books'][0]['no']"


def test_a_name_in_what_is_no_object_is_not_found() -> None:
    assert detail("$.limit.x") == "Property ['x'] not found in path $['limit']"
    assert detail("$.books.x.y") == "Property ['x'] not found in path $['books']"


def test_an_index_into_what_is_no_array_says_what_it_is_applied_to() -> None:
    assert detail("$.limit[0].x") == "Filter: [0]['x'] can only be applied to arrays. Current context is: 10"


def test_an_index_beyond_the_end_gives_null_but_leads_no_further() -> None:
    assert find("$.books[5]") is None
    assert detail("$.books[5].title") == "Property ['title'] not found in path $['books'][5]"
    assert detail("$.books[5][0]") == "Filter: [0] can only be applied to arrays. Current context is: null"


def test_an_index_beyond_the_end_is_missing_where_a_value_is_required() -> None:
    with pytest.raises(PathNotFound, match="No results for path"):
        compile_path("$.books[5]").require(scope(STORE))
    assert compile_path("$.books[2].isbn").require(scope(STORE)) == "0-553"


def test_a_text_is_not_indexed() -> None:
    assert detail("$.delivery-partner[0]").startswith("Filter: [0] can only be applied to arrays")


def test_the_path_of_a_field_fails_with_the_text_of_aws() -> None:
    with pytest.raises(StateError) as caught:
        evaluate_path(compile_path("$.no.such"), scope({}))
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == "Invalid path '$.no.such' : Missing property in path $['no']"


def test_a_path_into_an_input_that_is_null_fails() -> None:
    with pytest.raises(StateError, match="Unable to apply Path transformation to null or empty input"):
        evaluate_path(compile_path("$.a"), scope(None))
    assert evaluate_path(compile_path("$$.Execution.Id"), scope(None)) == "arn"


@pytest.mark.parametrize(
    "text",
    [
        "", "a", " $.a", "$.", "$..", "$.a.", "$.a b", "$[", "$['a", "$['a'", "$['a' 'b']", "$[:]", "$[1,]",
        "$[a]", "$a-b", "$$a", "$1", "$.a[?(@.b", "$.a[?@.b]", "$.a[?()]", "$.a[?(@.b ~ 1)]",
        "$.a[?(1)]", '$["a"]', "$['a'][\"b\"]",
        "$.a[?(@.b == )]", "$.a[?(@.b =~ /(/)]", "$.a[?(@.b == 'x)]",
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused_in_the_words_of_aws(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=r"^Value must be a valid JSONPath\.$"):
        compile_path(text)
    assert check_path(text) == "Value must be a valid JSONPath."


@pytest.mark.parametrize("text", ["$", "$.a", "$.a.b[0]['c d']", "$answer.x[1]"])
def test_a_reference_path_has_single_names_and_indices_only(text: str) -> None:
    assert check_path(text, reference=True) is None


@pytest.mark.parametrize("text", ["$.a[*]", "$..a", "$.a[0,1]", "$['a','b']", "$.a[1:]", "$.a.length()", "$$.a", "$."])
def test_what_is_no_reference_path_is_refused(text: str) -> None:
    assert check_path(text, reference=True) == "Value is not a Reference Path"


def test_a_reference_path_begins_with_a_dollar_sign() -> None:
    refusal = check_path("States.ArrayLength($.a)", reference=True)
    assert refusal == "Value is not a Reference Path: Reference path didn't start with '$'"
