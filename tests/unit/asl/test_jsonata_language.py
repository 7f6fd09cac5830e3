"""Where the library differs from JSONata 2.0.6; every value and message here is the reference implementation's."""

from typing import Any

import pytest

from .test_jsonata_expression import failure_of, value_of

ITEMS = {
    "items": [{"id": 1, "k": "b"}, {"id": 2, "k": "a"}, {"id": 3, "k": "b"}],
    "nulls": [1, None, 2],
    "empty": [],
    "one": [7],
    "none": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # null in arrays
        ("$states.input.nulls[1]", None),
        ("$states.input.nulls[$ != null]", [1, 2]),
        ("$count($states.input.nulls)", 3),
        ("$states.input.nulls.($type($))", ["number", "null", "number"]),
        ("$map($states.input.nulls, function($v) { $exists($v) })", [True, True, True]),
        ("$each({'a': null}, function($v) { $type($v) })", "null"),
        ("$merge([{'a': null}, {'b': 1}])", {"a": None, "b": 1}),
        # operators
        ("7.5 % 2", 1.5),
        ("-7 % 3", -1),
        ("[1] in [[1], 2]", False),
        ("1 in [true]", False),
        ("'a' in 'a'", True),
        ("$sum and true", True),
        ("$count([3..1])", 0),
        # sequences
        ("$states.input.items[id = 2]", {"id": 2, "k": "a"}),
        ("$states.input.items[id > 1].id", [2, 3]),
        ("$states.input.items{k: id}", {"b": [1, 3], "a": 2}),
        ("$states.input.items^(k, >id).id", [2, 3, 1]),
        ("$states.input.nope{'g': id}", {}),
        ("$states.input.items#$i.{'i': $i}.i", [0, 1, 2]),
        ("$states.input.items.{'id': id}[0]", [{"id": 1}, {"id": 2}, {"id": 3}]),
        ("($x := $states.input.one; $x)", [7]),
        # text
        ("$string(0.1 + 0.2)", "0.3"),
        ("$string({'a': 1/3, 'é': [null, true]})", '{"a":0.333333333333333,"é":[null,true]}'),
        ("$string(1e20)", "100000000000000000000"),
        ("$string(1e21)", "1e+21"),
        ("$string(0.000001)", "0.000001"),
        ("$string(1e-7)", "1e-7"),
        ("$string({'a': [1, {}], 'b': []}, true)", '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'),
        ("$lowercase('Straße')", "straße"),
        # regular expressions and replacements
        ("$contains('hello$world', /^hello\\$/)", True),
        ("$contains('a\n', /a$/)", False),
        ("$match('ab12', /(?<letters>[a-z]+)([0-9])/).groups", ["ab", "1"]),
        ("$split('a1b2c', /([0-9])/)", ["a", "b", "c"]),
        ("$split('a,b,c', ',', 2)", ["a", "b"]),
        ("$replace('hello', /(l)(l)/, '$2-$1$$')", "hel-l$o"),
        ("$replace('hello', /(l)/, '[$0$12]')", "he[ll2][ll2]o"),
        ("$replace('hello', 'l', '$$')", "he$$$$o"),
        ("$replace('hello', /l/, function($m) { $uppercase($m.match) }, 1)", "heLlo"),
        # casts
        ("$number('0b101')", 5),
        ("$number('0x1F')", 31),
        ("$number('-1e2')", -100),
        # arrays
        ("$sort($states.input.items, function($l, $r) { $l.k > $r.k }).id", [2, 1, 3]),
        ("$distinct([1, true, {'a': 1}, {'a': 1}, 1])", [1, True, {"a": 1}]),
        ("$reduce([1..4], function($a, $b, $i) { $a + $b * $i })", 21),
        ("$map([1, 2], $string)", ["1", "2"]),
        ("$single($states.input.items, function($v) { $v.id = 2 }).k", "a"),
        ("$sift({'a': 1, 'b': null}, function($v) { $v = null })", {"b": None}),
        # partial application, chains, transforms
        ("($first := $substring(?, 0, 2); $first('hello'))", "he"),
        ("($f := $uppercase ~> $length; $f('abc'))", 3),
        ("$states.input ~> |items[id = 1]|{'n': null}, 'k'| ~> $lookup('items')", [
            {"id": 1, "n": None}, {"id": 2, "k": "a"}, {"id": 3, "k": "b"},
        ]),
        # dates
        ("$toMillis('2017-11')", 1509494400000),
        ("$toMillis('2017-11-07T15:07:54.97+01:00')", 1510063674970),
        ("$toMillis('07/11/2017', '[D01]/[M01]/[Y0001]')", 1510012800000),
        ("$fromMillis(1510067557121, '[H01]:[m01][Z]', '+05:30')", "15:17+00:05"),
        ("$fromMillis(1510067557121.7)", "2017-11-07T15:12:37.121Z"),
    ],
)  # fmt: skip
def test_an_expression_means_what_it_means_to_the_reference_implementation(text: str, value: Any) -> None:
    assert value_of(text, ITEMS) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1/0 + 1", "D1001: Number out of range: null"),
        ("$string(1/0)", "D3001: Attempting to invoke string function on Infinity or NaN"),
        ("$number('1_000')", 'D3030: Unable to cast value to a number: "1_000"'),
        ("$number('nan')", 'D3030: Unable to cast value to a number: "nan"'),
        ("$power(-2, 0.5)", "D3061: The power function has resulted in a value that cannot be represented as a JSON"
         " number: base=-2, exponent=0.5"),
        ("$sqrt(-1)", "D3060: The sqrt function cannot be applied to a negative number: -1"),
        ("$formatBase(1, 1)", "D3100: The radix of the formatBase function must be between 2 and 36.  It was given 1"),
        ("$replace('a', '', 'b')", "D3010: Second argument of replace function cannot be an empty string"),
        ("$replace('aa', /x*/, 'b')", "D1004: Regular expression matches zero length string"),
        ("$split('a', ',', -1)", "D3020: Third argument of split function must evaluate to a positive number"),
        ("$sort([1, 'a'])", "D3070: The single argument form of the sort function can only be applied to an array of"
         " strings or an array of numbers.  Use the second argument to specify a comparison function"),
        ("[{'a': 2}, {'a': 'x'}]^(a)", 'T2007: Type mismatch when comparing values 2 and "x" in order-by clause'),
        ("$single([1, 2])", "D3138: The $single() function expected exactly 1 matching result.  Instead it matched"
         " more."),
        ("$reduce([1], function($a) { $a })", "D3050: The second argument of reduce function must be a function with"
         " at least two arguments"),
        ("$merge(null)", 'T0412: Argument 1 of function "merge" must be an array of "objects"'),
        ("$map([1], $uppercase)", 'T0410: Argument 1 of function "map" does not match function signature'),
        ("$states.input.items[0].$uppercase()", "T0411: Context value is not a compatible type with argument 1 of"
         ' function "uppercase"'),
        ("($f := function($x)<n:n> { $x }; $f('a'))", 'T0410: Argument 1 of function "f" does not match function'
         " signature"),
        ("$toMillis('nope')", "D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp."
         ' Given "nope"'),
        ("$fromMillis(0, '[Y')", "D3135: No matching closing bracket ']' in date/time picture string"),
        ("$decodeUrl('%E0%A4%A')", 'D3140: Malformed URL passed to $decodeUrl(): "%E0%A4%A"'),
        ("'a' ~> |a|{'z': 1}|", "T0410: Argument 1 of function undefined does not match function signature"),
        ("1 ~> 2", "T2006: The right side of the function application operator ~> must be a function"),
        ("1(2)", "T1006: Attempted to invoke a non-function"),
    ],
)  # fmt: skip
def test_an_expression_fails_as_it_fails_to_the_reference_implementation(text: str, message: str) -> None:
    assert failure_of(text, ITEMS).cause.endswith(f"threw an error during evaluation. {message}")


def test_calling_what_is_no_function_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    failure_of("'a'()")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "picture", "text"),
    [
        ("1234.567", "#,##0.00", "1,234.57"),
        ("-6", "000", "-006"),
        ("-6", "#;(#)", "(6)"),
        ("0.14", "01.0%", "14.0%"),
        ("0.5", "#.##", ".5"),
        ("0", "#", "0"),
        ("2.5", "0", "2"),
        ("0.125", "0.00", "0.12"),
        ("1234.5678", "00.000e0", "12.346e2"),
        ("0.00012", "0.0e00", "1.2e-04"),
        ("1234567", "#,##,#0", "1,23,45,67"),
        ("12.5", "$0.00", "$12.50"),
        ("1e15", "#,##0", "1,000,000,000,000,000"),
        ("1234.5", "#,##0.00 EUR", "1,234.50 EUR"),
    ],
)
def test_a_number_is_formatted_as_its_picture_says(value: str, picture: str, text: str) -> None:
    assert value_of(f"$formatNumber({value}, '{picture}')") == text


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ("0;0;0", "D3080"), ("0.0.0", "D3081"), ("0%%", "D3082"), ("0‰‰", "D3083"), ("0%‰", "D3084"), ("", "D3085"),
        ("x", "D3086"), ("0,.0", "D3087"), ("0,", "D3088"), ("0,,0", "D3089"), ("0#", "D3090"), ("##0.0#0", "D3091"),
        ("0e0%", "D3092"), ("#0e", "D3093"),
    ],
)  # fmt: skip
def test_a_picture_that_breaks_a_rule_is_refused(picture: str, code: str) -> None:
    assert f"evaluation. {code}: " in failure_of(f"$formatNumber(1, '{picture}')").cause
