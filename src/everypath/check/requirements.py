"""What a project requires of its workflows beyond the rules: ``[tool.everypath.require]`` of its pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.error_catalog import (
    LAMBDA_ERRORS,
    LAMBDA_PREFIXES,
    RESERVED,
    RESERVED_PREFIX,
    is_reserved,
)
from everypath.asl.parser.definition import MACHINE_FIELDS
from everypath.asl.parser.fields import BY_TYPE, CATCHER, RETRIER
from everypath.check.typos import nearest
from everypath.errors import InputError

TABLE = "tool.everypath.require"

#: The fields that each kind of object may be required to have, by the key in the table.
_FIELDS: Mapping[str, Set[str]] = {
    "definition-fields": MACHINE_FIELDS - {"StartAt", "States"},
    "state-fields": frozenset.intersection(*BY_TYPE.values()) - {"Type"},
    "task-fields": BY_TYPE["Task"] - {"Type", "Resource"},
    "retrier-fields": RETRIER - {"ErrorEquals"},
    "catcher-fields": CATCHER - {"ErrorEquals", "Next"},
}
_NAMES = ("lambda-retries", "task-catches")
_SWITCHES = ("catcher-keeps-input",)
_KEYS = (*_NAMES, *_FIELDS, *_SWITCHES)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a project requires; by default nothing.

    Parameters
    ----------
    lambda_retries : tuple of str
        The errors that each Lambda task retries.
    task_catches : tuple of str
        The errors that each task, or a state around it, catches.
    fields : mapping of str to tuple of str
        The fields that a definition, a state, a task, a retrier and a catcher have, by the key in the table.
    catcher_keeps_input : bool
        Whether each catcher keeps the input of its state.
    """

    lambda_retries: tuple[str, ...] = ()
    task_catches: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    catcher_keeps_input: bool = False

    def fields_of(self, kind: str) -> tuple[str, ...]:
        """The fields that each object of a kind has: ``definition``, ``state``, ``task``, ``retrier``, ``catcher``."""
        return self.fields.get(f"{kind}-fields", ())


def read_requirements(data: Any, file: str) -> Requirements:
    """Return the requirements in a table.

    Raises
    ------
    InputError
        The table has an unknown key, or a value that cannot be met.
    """
    where = f"{file}: [{TABLE}]"
    if not isinstance(data, dict):
        raise InputError(f"{where}: expected a table")
    for key in data:
        if key not in _KEYS:
            raise InputError(f"{where}: there is no {key}{_hint(key, _KEYS)} Known are {', '.join(_KEYS)}.")
    switches = {key: data.get(key, False) for key in _SWITCHES}
    for key, value in switches.items():
        if not isinstance(value, bool):
            raise InputError(f"{where} {key}: expected true or false, got {value!r}")
    for key in _NAMES:
        for name in _texts(data, key, where):
            _refuse_unknown_error(name, f"{where} {key}")
    for key, known in _FIELDS.items():
        for name in _texts(data, key, where):
            if name not in known:
                raise InputError(f"{where} {key}: there is no field {name}{_hint(name, known)}")
    return Requirements(
        lambda_retries=_texts(data, "lambda-retries", where),
        task_catches=_texts(data, "task-catches", where),
        fields={key: _texts(data, key, where) for key in _FIELDS if key in data},
        catcher_keeps_input=switches["catcher-keeps-input"],
    )


def _texts(data: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise InputError(f"{where} {key}: expected a list of names, got {value!r}")
    return tuple(value)


def _refuse_unknown_error(name: str, where: str) -> None:
    if name.startswith(RESERVED_PREFIX) and not is_reserved(name):
        raise InputError(f"{where}: Step Functions has no error {name}{_hint(name, RESERVED)}")
    if name.partition(".")[0] in LAMBDA_PREFIXES and "." in name and name not in LAMBDA_ERRORS:
        near = nearest(name, LAMBDA_ERRORS)
        if near is not None:
            raise InputError(f"{where}: Lambda has no error {name}; did you mean {near}?")


def _hint(name: str, known: Set[str] | tuple[str, ...]) -> str:
    near = nearest(name, sorted(known))
    return f"; did you mean {near}?" if near else "."
