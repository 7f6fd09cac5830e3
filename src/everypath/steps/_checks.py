"""What a value of each field must be, and the message when it is not.

Ranges are those of the Step Functions Developer Guide ("ErrorHandlingState errors in Step Functions workflows", "Task
workflow state", "Wait workflow state", "Map state in Distributed mode") and of the ASL specification
(https://states-language.net).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from everypath.steps._fields import JSONATA_ONLY, JSONPATH_ONLY, Field
from everypath.steps._payload import check_expressions, check_json, check_template, is_expression
from everypath.steps.errors import StepError

_MOST_SECONDS = 99_999_999
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_REFERENCE_PATH = re.compile(r"\$([.\[].*)?", re.DOTALL)
_LABEL = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a field takes: in words, as a test, and whether a JSONata expression may stand for it."""

    words: str
    fits: Callable[[object], bool]
    expression: bool = False

    def check(self, place: str, value: object) -> None:
        """Raise `StepError` at `place` when `value` does not fit."""
        if not (self.fits(value) or (self.expression and is_expression(value))):
            words = f"{self.words} or a JSONata expression '{{% … %}}'" if self.expression else self.words
            raise StepError(f"{place} must be {words}, got {value!r}")


def is_timestamp(value: object) -> bool:
    """Whether `value` is an RFC 3339 timestamp with an upper-case ``T`` and ``Z`` (ASL, Timestamps)."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    try:
        # Without the fraction: AWS takes nanoseconds (recorded), datetime does not.
        datetime.fromisoformat(match[1] + match[3])
    except ValueError:
        return False
    return True


def is_number(value: object) -> bool:
    """Whether `value` is a JSON number: finite, and no bool, which Python counts among the integers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_path(value: object) -> bool:
    """Whether `value` reads as a path: ``$``, ``$.a``, ``$$.Execution``, ``$variable``."""
    return isinstance(value, str) and value.startswith("$")


def _is_percentage(value: object) -> bool:
    return is_number(value) and 0 <= cast(float, value) <= 100


def _is_backoff_rate(value: object) -> bool:
    return is_number(value) and cast(float, value) >= 1


def _integer(low: int, high: int = 0, *, expression: bool = False) -> Expected:
    def fits(value: object) -> bool:
        return isinstance(value, int) and is_number(value) and low <= value <= (high or value)

    return Expected(f"an integer from {low} to {high}" if high else f"an integer of {low} or more", fits, expression)


def _one_of(*names: str) -> Expected:
    return Expected(" or ".join(map(repr, names)), lambda value: isinstance(value, str) and value in names)


TEXT = Expected("a string", lambda value: isinstance(value, str))
TIMESTAMP = Expected("an RFC 3339 timestamp such as '2026-03-14T01:59:00Z'", is_timestamp)
PATH = Expected("a path that starts with '$'", is_path)
_NULLABLE_PATH = Expected("a path that starts with '$', or None", lambda value: value is None or is_path(value))
_REFERENCE = Expected(
    "a reference path such as '$' or '$.error', or None",
    lambda value: value is None or (isinstance(value, str) and _REFERENCE_PATH.fullmatch(value) is not None),
)
_PATH_OR_INTRINSIC = Expected(
    "a path that starts with '$' or an intrinsic function 'States.…'",
    lambda value: is_path(value) or (isinstance(value, str) and value.startswith("States.")),
)
_OBJECT = Expected("a dict", lambda value: isinstance(value, Mapping))
_OBJECT_OR_EXPRESSION = Expected(_OBJECT.words, _OBJECT.fits, expression=True)
_ANYTHING = Expected("a JSON value", lambda value: True)
_RESOURCE = Expected(
    "an ARN, or a '${…}' for one that the template fills in",
    lambda value: isinstance(value, str) and (value.startswith("arn:") or "${" in value),
)
MACHINE_TIMEOUT = _integer(1, _MOST_SECONDS)
VERSION = _one_of("1.0")

EXPECTED: Mapping[Field, Expected] = {
    Field.Comment: TEXT,
    Field.QueryLanguage: _one_of("JSONPath", "JSONata"),
    Field.Condition: Expected("a JSONata expression '{% … %}'", is_expression),
    Field.Resource: _RESOURCE,
    Field.Credentials: Expected(
        "a dict with RoleArn or RoleArn.$",
        lambda value: isinstance(value, Mapping) and bool({"RoleArn", "RoleArn.$"} & value.keys()),
    ),
    Field.InputPath: _NULLABLE_PATH,
    Field.OutputPath: _NULLABLE_PATH,
    Field.ResultPath: _REFERENCE,
    Field.Parameters: _OBJECT,
    Field.ResultSelector: _OBJECT,
    Field.ItemSelector: _OBJECT_OR_EXPRESSION,
    Field.BatchInput: _OBJECT_OR_EXPRESSION,
    Field.Assign: _OBJECT,
    Field.Arguments: _ANYTHING,
    Field.Output: _ANYTHING,
    Field.Result: _ANYTHING,
    Field.Seconds: _integer(0, _MOST_SECONDS, expression=True),
    Field.Timestamp: Expected(TIMESTAMP.words, TIMESTAMP.fits, expression=True),
    Field.Error: TEXT,
    Field.ErrorPath: _PATH_OR_INTRINSIC,
    Field.Cause: TEXT,
    Field.CausePath: _PATH_OR_INTRINSIC,
    Field.TimeoutSeconds: _integer(1, _MOST_SECONDS, expression=True),
    Field.HeartbeatSeconds: _integer(1, _MOST_SECONDS, expression=True),
    Field.IntervalSeconds: _integer(1, _MOST_SECONDS),
    Field.MaxAttempts: _integer(0, _MOST_SECONDS),
    Field.BackoffRate: Expected("a number of 1.0 or more", _is_backoff_rate),
    # A leap year: 366 days.
    Field.MaxDelaySeconds: _integer(1, 31_622_400),
    Field.JitterStrategy: _one_of("FULL", "NONE"),
    Field.Items: Expected("a list", lambda value: isinstance(value, (list, tuple)), expression=True),
    Field.MaxConcurrency: _integer(0, expression=True),
    Field.ToleratedFailureCount: _integer(0, expression=True),
    Field.ToleratedFailurePercentage: Expected("a number from 0 to 100", _is_percentage, expression=True),
    Field.Label: Expected(
        "a string of 1 to 40 characters without white space, wildcards, brackets and special characters",
        lambda value: isinstance(value, str) and _LABEL.fullmatch(value) is not None,
    ),
    Field.MaxItemsPerBatch: _integer(1, expression=True),
    Field.MaxInputBytesPerBatch: _integer(1, 262_144, expression=True),
    Field.ReaderConfig: _OBJECT,
    Field.WriterConfig: _OBJECT,
}
_JSON = frozenset(
    {
        Field.Parameters,
        Field.Arguments,
        Field.Result,
        Field.ResultSelector,
        Field.ItemSelector,
        Field.BatchInput,
    }
    | {Field.Assign, Field.Output, Field.Items, Field.Credentials, Field.ReaderConfig, Field.WriterConfig}
)
_CONSTANT = frozenset({Field.Result, Field.ReaderConfig, Field.WriterConfig})


def check_fields(prefix: str, fields: Mapping[str, object], language: str | None) -> None:
    """Check the fields of a step, or of a part of one such as a retrier.

    Parameters
    ----------
    prefix
        What stands before the field's name in a message, such as ``Task 'Call API': Retry[0].``.
    fields
        Values by the SDK's field names.
    language
        The query language in force, or None where it is not known yet: then the fields only have to agree.

    Raises
    ------
    StepError
        For the first field that does not fit.
    """
    given = {field: fields[field.value] for field in Field if field.value in fields}
    for field, value in given.items():
        if expected := EXPECTED.get(field, PATH if field.name.endswith("Path") else None):
            expected.check(prefix + field.name, value)
        if field in _JSON:
            check_json(prefix + field.name, value, placeholders=field not in _CONSTANT)
    # A Pass's ResultPath is no path to its Result: it says where the result goes.
    for name in [field.name for field in given if field is not Field.Result]:
        if Field.__members__.get(f"{name}Path") in given:
            raise StepError(f"{prefix}{name} and {name}Path exclude each other, got both")
    _check_language(prefix, given, language)


def _check_language(prefix: str, given: Mapping[Field, object], language: str | None) -> None:
    jsonata = [field for field, value in given.items() if field in JSONATA_ONLY or _needs_jsonata(field, value)]
    jsonpath = [field for field in given if field in JSONPATH_ONLY]
    if jsonata and jsonpath:
        raise StepError(
            f"{prefix}{jsonpath[0].name} is JSONPath and {jsonata[0].name} JSONata: a state has one query language"
        )
    if language == "JSONata" and jsonpath:
        raise StepError(f"{prefix}{jsonpath[0].name} is for JSONPath, but the state's query language is JSONata")
    if language == "JSONPath" and jsonata:
        raise StepError(f"{prefix}{jsonata[0].name} needs query_language='JSONata', on the state or on the machine")
    for field, value in given.items():
        if field is Field.Comment:
            continue
        if language == "JSONata" or field in JSONATA_ONLY:
            check_expressions(prefix + field.name, value)
        elif (language == "JSONPath" or field in JSONPATH_ONLY) and field in _JSON - _CONSTANT:
            check_template(prefix + field.name, value)


def _needs_jsonata(field: Field, value: object) -> bool:
    expected = EXPECTED.get(field)
    return expected is not None and expected.expression and is_expression(value)
