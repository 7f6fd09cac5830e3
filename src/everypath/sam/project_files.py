"""What a project's own files say of a template: samconfig.toml, as the SAM CLI reads it, and pyproject.toml."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everypath.errors import InputError
from everypath.sam.document import read_text

VALUES = "tool.everypath.values"
#: Sections of an environment, those that count more last: parameters of deployments are what this is about.
_COMMANDS = ("global", "build", "deploy")
_LONG_FORM = re.compile(r"ParameterKey=([^,]+),ParameterValue=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SamConfig:
    """What samconfig.toml says.

    Parameters
    ----------
    overrides : mapping of str to str
        ``parameter_overrides``.
    template : str or None
        ``template_file``; relative paths are relative to the folder of samconfig.toml.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None


def read_config(folder: Path, environment: str | None = None) -> SamConfig:
    """Return what the samconfig.toml of a folder says; nothing, where there is none.

    The parameters of ``sam deploy`` come first, then those of ``sam build``, then the global ones.

    Parameters
    ----------
    folder : Path
        The folder of the template, where the SAM CLI looks.
    environment : str, optional
        ``--config-env``; ``default`` where it is left out.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks the environment that was asked for.
    """
    file = folder / "samconfig.toml"
    if not file.is_file():
        if environment is not None:
            raise InputError(f"--config-env {environment}: there is no {file}")
        return SamConfig()
    config = _toml(file)
    name = environment or "default"
    if environment is not None and environment not in config:
        known = ", ".join(key for key, value in config.items() if isinstance(value, dict)) or "none"
        raise InputError(f"{file}: no environment '{environment}'; there are: {known}")
    merged: dict[str, Any] = {}
    for command in _COMMANDS:
        merged |= _table(config, (name, command, "parameters"), file)
    overrides = merged.get("parameter_overrides")
    template = merged.get("template_file", merged.get("template"))
    return SamConfig(
        {} if overrides is None else _overrides(overrides, f"{file}: parameter_overrides"),
        template if isinstance(template, str) else None,
    )


def project_values(folder: Path) -> dict[str, str]:
    """Return the values of ``[tool.everypath.values]`` in the nearest pyproject.toml, from a folder upwards.

    Raises
    ------
    InputError
        If it cannot be read, or is no table of texts and numbers.
    """
    folder = folder.resolve()
    file = next(
        (each / "pyproject.toml" for each in (folder, *folder.parents) if (each / "pyproject.toml").is_file()), None
    )
    if file is None:
        return {}
    values: dict[str, str] = {}
    for name, value in _table(_toml(file), tuple(VALUES.split(".")), file).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InputError(f"{file}: [{VALUES}] {name}: expected a string or a number; quote names that have a dot")
        values[name] = str(value)
    return values


def parse_pairs(texts: Iterable[str], what: str) -> dict[str, str]:
    """Return the parameters of texts such as ``Stage=dev Team="the orders"``, also in the SAM CLI's long form.

    Raises
    ------
    InputError
        If a text has no ``=``; `what` names the option, or the setting, that it is in.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InputError(f"{what}: expected KEY=VALUE, but got {text!r}: {error}") from None
        for word in words:
            found = _LONG_FORM.fullmatch(word)
            key, equals, value = (found[1], "=", found[2]) if found else word.partition("=")
            if not equals or not key:
                raise InputError(f"{what}: expected KEY=VALUE, but got {word!r}")
            pairs[key] = value
    return pairs


def _overrides(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, str):
        return parse_pairs([value], where)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return parse_pairs(value, where)
    if isinstance(value, dict):
        return {name: _text(each, f"{where}: {name}") for name, each in value.items()}
    raise InputError(f'{where}: expected a string such as "Stage=dev Team=orders"')


def _text(value: Any, where: str) -> str:
    if isinstance(value, list):
        return ",".join(_text(each, where) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise InputError(f"{where}: expected a string or a number")


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(file, "file"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: not valid TOML: {error}") from None


def _table(data: dict[str, Any], names: tuple[str, ...], file: Path) -> dict[str, Any]:
    """Return a table of a file; an empty one where it is absent."""
    table = data
    for depth, name in enumerate(names):
        inner: Any = table.get(name, {})
        if not isinstance(inner, dict):
            raise InputError(f"{file}: [{'.'.join(names[: depth + 1])}]: expected a table")
        table = inner
    return table
