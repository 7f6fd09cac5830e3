"""Plain paths are followed without the evaluator; they must not be noticed to be."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from everypath.asl.jsonata.engine import evaluate
from everypath.asl.jsonata.parser import Parsed, parse_tree
from everypath.asl.jsonata.plain import ABSENT
from everypath.asl.jsonata.program import program
from everypath.asl.jsonata.values import to_json
from everypath.asl.scope import Scope

from .test_jsonata_expression import a_scope

names = st.sampled_from(["a", "b", "c"])
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(["", "a", "x"])
data = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
roots = st.sampled_from(
    ["$states.input", "$states.result", "$states.errorOutput", "$states.context", "$v", "$nope", "$sum"]
)
steps = st.lists(names.map(".{}".format), max_size=3).map("".join)
ends = st.sampled_from(["", "[0]", "[a = 1]", ".*", ".(b)", "{'g': a}", "^(a)", "[]", ".$type($)", ".a[0].b"])


def result(run: Callable[[], object]) -> object:
    try:
        return run()
    except Exception as error:
        return str(error)


def without_short_cuts(text: str, scope: Scope) -> object:
    """What the evaluator makes of a tree that nobody marked plain paths in."""
    value = evaluate(Parsed(parse_tree(text), (), None, ()), scope)
    return ABSENT if value is None else to_json(value)


@given(roots, steps, ends, data, data, st.booleans())
def test_a_path_means_the_same_with_and_without_the_evaluator(
    root: str, path: str, end: str, value: object, other: object, has_result: bool
) -> None:
    text = root + path + end
    scope = a_scope(value, variables={"v": other}, context={"a": other}, result=other, has_result=has_result)
    fast = result(lambda: program(text).run(scope))
    slow = result(lambda: without_short_cuts(text, scope))
    assert repr(fast) == repr(slow)


@given(steps, data, data)
def test_a_path_in_a_larger_expression_means_the_same(path: str, value: object, other: object) -> None:
    text = f"($v := $states.input; [$v{path}, $states.input{path}, $exists($w{path})])"
    scope = a_scope(value, variables={"v": other, "w": other})
    assert repr(result(lambda: program(text).run(scope))) == repr(result(lambda: without_short_cuts(text, scope)))
