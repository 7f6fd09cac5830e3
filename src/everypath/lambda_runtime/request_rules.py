"""What Lambda's Invoke refuses before a function runs (botocore's model of Lambda; the Lambda developer guide)."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from everypath.lambda_runtime.invoke import DRY_RUN, EVENT, LambdaRefusal, LambdaRequest

_TYPES = (EVENT, "RequestResponse", DRY_RUN)
_NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"


def check_request(request: LambdaRequest) -> None:
    """Refuse a request whose parameters are not of the API's form.

    Raises
    ------
    LambdaRefusal
        As Lambda words it.
    """
    problems = [
        *_pattern("functionName", request.function, _NAME),
        *(_pattern("qualifier", request.qualifier, _QUALIFIER) if request.qualifier else ()),
        *(_choice("invocationType", request.invocation_type, _TYPES) if request.invocation_type else ()),
        *(_choice("logType", request.log_type, ("None", "Tail")) if request.log_type else ()),
    ]
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise LambdaRefusal("ValidationException", f"{count}: {'; '.join(problems)}", 400)
    client_context(request)
    named = request.function_qualifier
    if named and request.qualifier and named != request.qualifier:
        message = "The derived qualifier from the function name does not match the specified qualifier."
        raise LambdaRefusal("InvalidParameterValueException", message, 400)


def client_context(request: LambdaRequest) -> dict[str, Any] | None:
    """Return what a caller's client says about itself; raises `LambdaRefusal` where that cannot be read."""
    if not request.client_context:
        return None
    try:
        context = json.loads(b64decode(request.client_context, validate=True))
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        message = "Client context must be a valid Base64-encoded JSON object."
        raise LambdaRefusal("InvalidRequestContentException", message, 400)
    return context


def _pattern(member: str, value: str, pattern: str) -> Iterator[str]:
    if not re.fullmatch(pattern, value):
        yield (
            f"Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy regular expression "
            f"pattern: {pattern}"
        )


def _choice(member: str, value: str, choices: tuple[str, ...]) -> Iterator[str]:
    if value not in choices:
        yield (
            f"Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(choices)}]"
        )
