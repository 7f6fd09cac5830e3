"""Reads a template, or what ``sam build`` made of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from everypath.errors import TemplateError
from everypath.sam.document import Document, describe_value, read_document
from everypath.sam.functions import FUNCTION_TYPES, code_directories, read_function
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import Template
from everypath.sam.parameters import Parameters
from everypath.sam.physical import Account
from everypath.sam.state_machines import MACHINE_TYPES, read_state_machine

_FILE_NAMES = ("template.yaml", "template.yml", "template.json")
#: Directories of caches and virtual environments, which hold no source.
_NO_SOURCE = frozenset(
    {
        "__pycache__", ".aws-sam", ".git", ".venv", "venv", ".tox", ".nox", "node_modules", ".pytest_cache",
        ".mypy_cache", ".ruff_cache", ".hypothesis", "htmlcov", ".idea", ".vscode",
    }
)  # fmt: skip

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Source:
    """A template file, parsed and ready to be resolved."""

    path: Path
    document: Document
    resolver: Resolver


def read(
    path: str | os.PathLike[str],
    parameter_overrides: Mapping[str, str] | None = None,
    *,
    account: str = "123456789012",
    region: str = "us-east-1",
    stack: str = "local",
    use_build: bool = True,
) -> Template:
    """Read a SAM or CloudFormation template.

    Parameters
    ----------
    path : path
        The template, YAML or JSON; of a directory, its ``template.yaml``, ``template.yml`` or ``template.json``.
    parameter_overrides : mapping of str to str, optional
        Values of parameters; the others have their defaults.
    account, region, stack : str
        Where the template would be deployed. ARNs are made of them; a resource without a name of its own is called
        ``{stack}-{LogicalId}``.
    use_build : bool
        Use the build in ``.aws-sam/build`` beside the template, as ``sam local`` does, unless the template or a file of
        a function or layer has changed since. `Template.note` says which one is used.

    Raises
    ------
    TemplateError
        If the file is not a template, or an override names no parameter or has a value that the parameter does not
        allow. An error in a single function or state machine is raised when that one is used.
    """
    template_file = _template_file(Path(path))
    overrides = dict(parameter_overrides or {})
    deployment = Account(account, region, stack)
    source = _source(template_file, overrides, deployment)
    note = ""
    if use_build and (built := built_template(template_file)):
        newer = newer_source(
            built, template_file, code_directories(source.document, source.resolver, template_file.parent)
        )
        if newer is None:
            source = _source(built, overrides, deployment)
            note = f"using what sam build made: {built}"
        else:
            note = f"not using {built.parent}: {_relative_path(newer)} is newer than the build"
    return _template(template_file, source, deployment, overrides, note)


def _template_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    for name in _FILE_NAMES:
        if (path / name).is_file():
            return path / name
    raise TemplateError(f"{path}: contains no template (looked for {', '.join(_FILE_NAMES)})")


def _source(path: Path, overrides: Mapping[str, str], account: Account) -> _Source:
    document = read_document(path)
    if not isinstance(document.data, dict):
        raise TemplateError(
            f"{path}: expected a template (a mapping with Resources), got {describe_value(document.data)}"
        )
    resources = document.data.get("Resources")
    if isinstance(resources, dict):
        for name in resources:
            if re.match(r"Fn::ForEach", name):
                raise document.error(("Resources", name), "Fn::ForEach is not supported: write the resources out")
    parameters = Parameters(document, overrides)
    return _Source(path, document, Resolver(document, parameters, account))


def _template(
    template_file: Path, source: _Source, account: Account, overrides: Mapping[str, str], note: str
) -> Template:
    resources = source.resolver.resources

    def logical_ids(types: tuple[str, ...]) -> list[str]:
        return [key for key, item in resources.all.items() if item["Type"] in types and resources.is_deployed(key)]

    machines = logical_ids(MACHINE_TYPES)
    return Template(
        path=template_file,
        used=source.path,
        note=note,
        account=account.account,
        region=account.region,
        stack=account.stack,
        parameters=overrides,
        functions={
            key: read_function(source.document, source.resolver, account, key, source.path.parent)
            for key in logical_ids(FUNCTION_TYPES)
        },
        state_machines=LazyMapping(
            machines,
            lambda key: read_state_machine(source.document, source.resolver, account, key, source.path),
        ),
        machine_names=_names(source.resolver, machines),
    )


def _names(resolver: Resolver, logical_ids: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for logical_id in logical_ids:
        try:
            names[logical_id] = resolver.resources.name(logical_id)
        except TemplateError:  # raised when that state machine is used
            continue
    return names


def _relative_path(path: Path) -> Path:
    """Return a path relative to the working directory, if it is below it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def built_template(template: Path) -> Path | None:
    """Return the template that ``sam build`` wrote beside a template; None where there is none.

    It is ``.aws-sam/build/template.yaml``, and its paths lead to the copies that ``sam build`` made.
    """
    built = template.parent / ".aws-sam" / "build" / "template.yaml"
    return built if built.is_file() else None


def newer_source(built: Path, template: Path, code_directories: Iterable[Path]) -> Path | None:
    """Return a source file that is newer than a build; None where the build is up to date.

    Sources are the template and every file in the directories of its functions and layers, except for caches and
    virtual environments. State machine definitions do not count, because a built template refers to the originals.
    A deleted source is not noticed.
    """
    limit = built.stat().st_mtime_ns
    if template.stat().st_mtime_ns > limit:
        return template
    seen: set[Path] = set()
    for directory in code_directories:
        if directory in seen:
            continue
        seen.add(directory)
        for file, modified in _files(directory):
            if modified > limit:
                return file
    return None


def _files(directory: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files under a directory with the time of their last change, in nanoseconds."""
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:  # an unreadable one was not built either
        return
    for entry in entries:
        if entry.name in _NO_SOURCE or entry.name.endswith((".pyc", ".egg-info")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path), entry.stat().st_mtime_ns


class LazyMapping(Mapping[str, _T], Generic[_T]):
    """A mapping that makes each value once, when it is first template_file for.

    So one state machine can be run although another in the same template is wrong.

    Parameters
    ----------
    keys : iterable of str
        The keys.
    make : callable
        Makes the value of a key; what it raises is raised to who template_file.
    """

    def __init__(self, keys: Iterable[str], make: Callable[[str], _T]) -> None:
        self._made: dict[str, _T] = {}
        self._keys = dict.fromkeys(keys)
        self._make = make

    def __getitem__(self, key: str) -> _T:
        if key not in self._made:
            if key not in self._keys:
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._keys)})"
