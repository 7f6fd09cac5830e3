"""What a project says in its pyproject.toml: ``[tool.everypath.check]`` and ``[tool.everypath.require]``."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everypath.check.finding import Finding
from everypath.check.requirements import TABLE as REQUIREMENTS_TABLE
from everypath.check.requirements import Requirements, read_requirements
from everypath.errors import InputError

TABLE = "tool.everypath.check"


@dataclass(frozen=True, slots=True)
class Config:
    """Codes that are not reported, anywhere or in a state and what is inside it; and what the project requires."""

    ignore: frozenset[str] = frozenset()
    per_state: Mapping[str, frozenset[str]] = field(default_factory=dict)
    requirements: Requirements = field(default_factory=Requirements)

    def keeps(self, finding: Finding) -> bool:
        """Whether a finding is reported."""
        states = (self.per_state.get(state, frozenset()) for state in finding.states)
        return finding.code not in self.ignore and not any(finding.code in codes for codes in states)


def find_config(start: Path, codes: Collection[str]) -> Config:
    """Return the configuration in the nearest pyproject.toml, from a directory upwards.

    Raises
    ------
    InputError
        The file cannot be read, or its table has an unknown key or code.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return read_config(file, codes)
    return Config()


def read_config(file: Path, codes: Collection[str]) -> Config:
    """Return the configuration in one pyproject.toml; see `find_config`."""
    try:
        data: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read as TOML: {error}") from None
    requirements = read_requirements(_table(data, REQUIREMENTS_TABLE), str(file))
    data = _table(data, TABLE)
    if not isinstance(data, dict):
        raise InputError(f"{file}: [{TABLE}]: expected a table")
    unknown = sorted(set(data) - {"ignore", "per-state"})
    if unknown:
        raise InputError(f"{file}: [{TABLE}]: expected ignore and per-state, got {', '.join(unknown)}")
    states = data.get("per-state", {})
    if not isinstance(states, dict):
        raise InputError(f"{file}: [{TABLE}] per-state: expected a table of state names")
    return Config(
        ignore=_codes(data.get("ignore", []), f"{file}: [{TABLE}] ignore", codes),
        per_state={
            name: _codes(value, f"{file}: [{TABLE}] per-state, {name!r}", codes) for name, value in states.items()
        },
        requirements=requirements,
    )


def _table(data: Any, name: str) -> Any:
    """A table of a file, which is empty where it is not there."""
    for key in name.split("."):
        data = data.get(key, {}) if isinstance(data, dict) else {}
    return data


def _codes(value: object, where: str, known: Collection[str]) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise InputError(f"{where}: expected a list of codes such as EP201")
    _refuse_unknown(value, where, known)
    return frozenset(value)


def _refuse_unknown(codes: Iterable[str], where: str, known: Collection[str]) -> None:
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise InputError(f"{where}: there is no rule {unknown[0]}; see docs/check.md for all of them")
