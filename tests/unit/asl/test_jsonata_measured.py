"""Where the service's JSONata is not the reference implementation's.

The values were measured on AWS by the author of iwamot/sfnx, whose docs/design.md lists them.
"""

import pytest

from everypath.asl.jsonata import JsonataSyntaxError, QueryEvaluationError, compile_jsonata

from .test_jsonata_expression import value_of

DATA = {"deep": [{"a": 1}, [{"b": 2}, {"a": 3}]], "big": 10**25, "text": "a😀b", "halves": "héllo😀"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # what is no number is a string, which compares as a number still
        ("-1/0", "-Infinity"),
        ("0/0", "NaN"),
        ("$floor(1/0)", "Infinity"),
        ("$ceil(-1/0)", "-Infinity"),
        ("$round(0/0)", "NaN"),
        ("1/0 > 5", True),
        ("$ceil(-1.5)", -1),
        ("$round(25, -1)", 20),
        ("$round(2.675, 2)", 2.68),
        # an integer beyond 64 bits is a double once an expression has read it
        ("$states.input.big", 1e25),
        ("$states.input.big - 1", 1e25),
        ("$formatNumber(1e308, '0')", "1" + "0" * 308),
        # numbers as text
        ("$string(2/3)", "0.666666666666666"),
        ("$string(-2/3)", "-0.666666666666667"),
        ("$string([1/3, 1234567890123456.7])", "[0.333333333333333,1.23456789012345e+15]"),
        ("$string(1.5e16)", "15000000000000000"),
        ("$string(1.5e21)", "1.5e+21"),
        ("$string(0.0000015)", "0.0000015"),
        ("$string(0.00000015)", "1.5e-7"),
        ("$string(5e-324)", "4.9e-324"),
        ("'' & 2/3", "0.666666666666666"),
        # text as JSON
        (
            '$string({\'v\': "\\u0001\\u2028é\\b\\f\\n\\r\\t\\"\\\\"})',
            '{"v":"\x01\u2028é' + r"\b\f\n\r\t\"\\" + '"}',
        ),
        # half of a character
        ('"\\uD83D\\uDE00"', "😀"),
        ('$length("\\uD83D\\uDE00")', 1),
        ("$split('😀', '')", ["?", "?"]),
        ("$count($split($states.input.text, ''))", 4),
        ("$join($split($states.input.text, ''))", "a😀b"),
        ("$length('\\uD83D' & '\\uDE00')", 1),
        ("$sort(['\uff5e', '😀'])", ["😀", "\uff5e"]),
        ("'😀' < '\uff5e'", True),
        ("$length($states.input.halves)", 6),
        ("$substring($states.input.text, 0, 1)", "a"),
        ("$substring($states.input.text, 1, 1)", "?"),
        ("$substring($states.input.text, 3)", ""),
        ("$substring('hello', -10, 2)", "he"),
        ("$substring('hello', -3)", "llo"),
        ("$substring('hello', 1, -1)", ""),
        ("$pad('a', 3, '😀')", "a😀😀"),
        # arrays and objects
        ("$count(null)", 0),
        ("$count([null])", 1),
        ("$merge($states.input.deep)", {"a": 3, "b": 2}),
        ("$merge([])", {}),
        ("$partition([])", [[]]),
        ("$partition([1, 2], $states.input.nope)", [[1, 2]]),
        # text
        ("$decodeUrlComponent('a+b%2Bc%20d')", "a b+c d"),
        ("$decodeUrlComponent('%E6')", "\ufffd"),
        ("$decodeUrl('a+b')", "a b"),
        ("$replace('aaa', 'a', 'b', 2.5)", "bba"),
        ("$replace('aaa', /a/, 'b', 1.5)", "baa"),
        ("$replace('aaa', 'a', '$0')", "$0$0$0"),
        ("$split('a1b1c', /1/, 1.5)", ["a"]),
        ("$match('aaa', /a/, 1.5).match", "a"),
        ("$replace('\u3000 a\u00a0', /^\\s+|\\s+$/, '')", "\u3000 a\u00a0"),
        ("$replace(' \t\na', /^\\s+/, '')", "a"),
        ("$parse(\"{'a': ['x\\\"y', 'it\\\\'s', \\\"'\\\"]}\")", {"a": ['x"y', "it's", "'"]}),
        # dates
        ("$fromMillis(0, '[H01]', 'utc')", "00"),
        ("$fromMillis(0, '[H01]', '+0200')", "02"),
        ("$fromMillis(1.6)", "1970-01-01T00:00:00.001Z"),
        ("$fromMillis(-1.5)", "1969-12-31T23:59:59.999Z"),
        ("$now('[Y0001]', 'utc') = $now('[Y0001]')", True),
    ],
)
def test_an_expression_means_what_it_was_measured_to_mean_on_aws(text: str, value: object) -> None:
    assert value_of(text, DATA) == value


@pytest.mark.parametrize(
    "text",
    [
        "0 * $floor(1/0)", "$merge([1])", "$parse('{a: 1}')", "$parse('NaN')", "$parse('1e400')",
        "$parse(\"{'a':1,'a':2}\")",
        "$decodeUrlComponent('%zz')", "$substring($states.input.text, 1)", "$max(['a', 1])", "$sort([true, false])",
        "$fromMillis('a')", "$count(1, 2)", "$join(['a', 1])", "$range(1, 5)",
    ],
)  # fmt: skip
def test_an_expression_fails_where_it_was_measured_to_fail_on_aws(text: str) -> None:
    with pytest.raises(QueryEvaluationError):
        value_of(text, DATA)


@pytest.mark.parametrize(
    "text", ["$", "$$", "$.a", "[$]", "$map([1], function($v) { $ })", "1 ?? 2", "1 ?: 2", "$states.input.x[$$ = 1]"]
)
def test_an_expression_without_a_context_to_read_is_refused(text: str) -> None:
    with pytest.raises(JsonataSyntaxError):
        compile_jsonata(f"{{% {text} %}}", "Output")


@pytest.mark.parametrize("text", ["$states.input.deep[$.a = 1].a", "$states.input.deep.($)[0].a", "($x := 1; $x)"])
def test_a_context_that_an_expression_makes_can_be_read(text: str) -> None:
    assert value_of(text, DATA) == 1
