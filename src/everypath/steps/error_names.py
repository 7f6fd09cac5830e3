"""Error names: the classes that a handler raises, and the strings of the Amazon States Language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from everypath.asl.error_catalog import ALL, RESERVED, is_reserved
from everypath.steps.errors import StepError

ErrorName: TypeAlias = str | type[BaseException]
"""An exception class, which stands for its bare name, or an error name such as ``States.ALL``."""

_LOOKS_RESERVED = re.compile(r"states?\.", re.IGNORECASE)


def error_name(error: ErrorName) -> str:
    """Return the name under which Step Functions sees `error`.

    For a Python Lambda function that is the bare class name, never qualified by its module (awslambdaric,
    recorded).
    """
    return error if isinstance(error, str) else error.__name__


def check_error_names(place: str, errors: object) -> None:
    """Check one ErrorEquals.

    Raises
    ------
    StepError
        When it is not a non-empty list of exception classes and names, names something twice, mistypes a
        reserved name (AWS takes ``State.ALL`` for somebody's own error and never matches it), or has company
        for States.ALL.
    """
    if isinstance(errors, str) or not isinstance(errors, Sequence) or not errors:
        raise StepError(f"{place} must be a list of exception classes and error names, got {errors!r}")
    for error in errors:
        _check_error_name(place, error)
    names = [error_name(error) for error in errors]
    for name in names:
        if names.count(name) > 1:
            raise StepError(f"{place} has {name!r} twice{_modules(errors, name)}")
    if ALL in names and len(names) > 1:
        raise StepError(f"{place} must have 'States.ALL' alone, got {names!r}")


def check_handlers(prefix: str, kind: str, handlers: Sequence[Mapping[str, object]]) -> None:
    """Check what the retriers, or the catchers, of one state must keep to together.

    Raises
    ------
    StepError
        When States.ALL is not in the last of them, or two classes of one name are meant to be told apart.
    """
    classes: dict[str, type] = {}
    for position, handler in enumerate(handlers):
        errors = handler["error_equals"]
        assert isinstance(errors, Iterable)
        for error in errors:
            if error == ALL and position != len(handlers) - 1:
                raise StepError(
                    f"{prefix}{kind}[{position}].ErrorEquals has 'States.ALL', which must be in the last of "
                    f"{len(handlers)}: it would take every error from those after it"
                )
            if isinstance(error, type) and classes.setdefault(error.__name__, error) is not error:
                raise StepError(
                    f"{prefix}{kind}[{position}].ErrorEquals has a second class called {error.__name__!r}"
                    f"{_modules([classes[error.__name__], error], error.__name__)}: "
                    "Step Functions sees the bare name only"
                )


def _check_error_name(place: str, error: object) -> None:
    if isinstance(error, type) and issubclass(error, BaseException):
        return
    if not isinstance(error, str) or not error:
        raise StepError(f"{place} must hold exception classes and error names, got {error!r}")
    if _LOOKS_RESERVED.match(error) and not is_reserved(error):
        near = difflib.get_close_matches(error, RESERVED, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"those are {', '.join(sorted(RESERVED))}"
        raise StepError(f"{place} has {error!r}, which is none of the names that begin with 'States.'; {hint}")


def _modules(errors: Iterable[object], name: str) -> str:
    found = [error.__module__ for error in errors if isinstance(error, type) and error.__name__ == name]
    return f" (from {' and '.join(found)})" if len(found) > 1 else ""
