"""Reads a template, or what ``sam build`` made of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from everypath.errors import InputError, TemplateError
from everypath.sam.assets import SERVERLESS_FOLDER, SERVERLESS_TEMPLATE
from everypath.sam.definition_file import is_definition, read_definition_file
from everypath.sam.document import is_dir, read_text
from everypath.sam.functions import FUNCTION_TYPES, code_directories, read_function
from everypath.sam.model import THIS_RUNTIME, StateMachine, Template
from everypath.sam.physical import Account
from everypath.sam.plain_functions import plain_functions
from everypath.sam.project_files import project_values, read_config
from everypath.sam.properties import Properties
from everypath.sam.source import Options, Source, read_source
from everypath.sam.state_machines import MACHINE_TYPES, read_state_machine

#: In the order in which the SAM CLI looks for them.
_FILE_NAMES = ("template.yaml", "template.yml", "template.json")
#: Directories of caches and virtual environments, which hold no source.
_NO_SOURCE = frozenset(
    {
        "__pycache__", ".aws-sam", ".git", ".venv", "venv", ".tox", ".nox", "node_modules", ".pytest_cache",
        ".mypy_cache", ".ruff_cache", ".hypothesis", "htmlcov", ".idea", ".vscode",
    }
)  # fmt: skip

_T = TypeVar("_T")


def read(
    path: str | os.PathLike[str],
    parameter_overrides: Mapping[str, str] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    config_env: str | None = None,
    functions: Iterable[str] = (),
    account: str = "123456789012",
    region: str = "us-east-1",
    stack: str = "local",
    use_build: bool = True,
) -> Template:
    """Read a SAM or CloudFormation template, or a definition in a file of its own.

    Parameters
    ----------
    path : path
        The template, YAML or JSON; of a directory, the ``template_file`` of its samconfig.toml or else its
        ``template.yaml``, ``template.yml`` or ``template.json``, or what the CDK or the Serverless Framework made.
    parameter_overrides : mapping of str to str, optional
        Values of parameters; the others have those of samconfig.toml, or else their defaults.
    values : mapping of str to str, optional
        Values that only a deployment knows, by the names that `StandIns` gives them; they come before those of
        ``[tool.everypath.values]`` in the nearest pyproject.toml.
    config_env : str, optional
        The environment of samconfig.toml; ``default`` where it is left out.
    functions : iterable of str
        Functions that the template lacks, as ``NAME=DIR:module.handler``.
    account, region, stack : str
        Where the template would be deployed. ARNs are made of them; a resource without a name of its own is called
        ``{stack}-{LogicalId}``.
    use_build : bool
        Use the build in ``.aws-sam/build`` beside the template, as ``sam local`` does, unless the template or a file of
        a function or layer has changed since, or unless it is built for another Python than this one. `Template.note`
        says which one is used.

    Raises
    ------
    TemplateError
        If the file is not a template, or an override names no parameter or has a value that the parameter does not
        allow. An error in a single function or state machine is raised when that one is used.
    """
    template_file, config_folder = _template_file(Path(path), config_env)
    deployment = Account(account, region, stack)
    known_values = {**project_values(template_file.parent), **(values or {})}
    extra_functions = plain_functions(functions, account, region)
    if is_definition(template_file):
        return read_definition_file(template_file, extra_functions, known_values, deployment)
    configured = read_config(config_folder, config_env).overrides
    options = Options(dict(parameter_overrides or {}), configured, known_values, deployment)
    source = read_source(template_file, options)
    note = ""
    if use_build and (built := built_template(template_file)):
        newer = newer_source(
            built, template_file, code_directories(source.document, source.resolver, template_file.parent)
        )
        if newer is not None:
            note = f"not using {built.parent}: {_relative_path(newer)} is newer than the build"
        elif others := _template(template_file, source, note).other_runtimes:
            note = f"not using {built.parent}: it is built for {' and '.join(others)}, and this is {THIS_RUNTIME}"
        else:
            source = read_source(built, options)
            note = f"using what sam build made: {built}"
    template = _template(template_file, source, note)
    for name in extra_functions:
        if template.find_function(name) is not None:
            raise InputError(f"--function: {template_file} already has a function {name}")
    return replace(template, functions={**template.functions, **extra_functions}) if extra_functions else template


def _template_file(path: Path, environment: str | None) -> tuple[Path, Path]:
    """Return the template of a path and the folder of its samconfig.toml.

    The template of a folder is that of its samconfig.toml, or else the one with the usual name.
    """
    if not is_dir(path):
        return path, path.parent
    configured = read_config(path, environment if (path / "samconfig.toml").is_file() else None).template
    if configured is not None:
        return path / configured, path
    for name in _FILE_NAMES:
        if (path / name).is_file():
            return path / name, path
    synthesised = _synthesised(path)
    if synthesised is not None:
        return synthesised, path
    raise TemplateError(f"{path}: contains no template (looked for {', '.join(_FILE_NAMES)}, cdk.out)")


def _synthesised(folder: Path) -> Path | None:
    """Return the template that the CDK or the Serverless Framework made in a folder, or in the folder of a project."""
    for place in (folder / SERVERLESS_FOLDER, folder):
        if (place / SERVERLESS_TEMPLATE).is_file():
            return place / SERVERLESS_TEMPLATE
    for place in (folder, folder / "cdk.out"):
        files = [
            file for file in sorted(place.glob("*.template.json")) if not file.name.endswith(".nested.template.json")
        ]
        with_machines = [file for file in files if any(f'"{each}"' in read_text(file) for each in MACHINE_TYPES)]
        if len(files) == 1 or len(with_machines) == 1:
            return (with_machines or files)[0]
        if files:
            listed = ", ".join(map(str, with_machines or files))
            raise TemplateError(f"{place}: which template? Name one of: {listed}")
    return None


def _template(template_file: Path, source: Source, note: str) -> Template:
    account = source.options.account
    sources = _nested(source, "")
    machines = {key: (each, own) for each, prefix in sources for key, own in _ids(each, MACHINE_TYPES, prefix)}
    for sibling in source.siblings:
        sources += _nested(sibling, f"{sibling.path.name}/")

    def state_machine(key: str) -> StateMachine:
        of, logical_id = machines[key]
        try:
            machine = read_state_machine(of.document, of.resolver, of.options.account, logical_id, of.path)
        except TemplateError as error:
            raise of.resolver.stand_in_values.explained(error) from None
        return replace(machine, logical_id=key)

    return Template(
        path=template_file,
        used=source.path,
        note=note,
        account=account.account,
        region=account.region,
        stack=account.stack,
        parameters=source.parameters.overrides,
        values=source.options.values,
        functions={
            key: replace(
                read_function(each.document, each.resolver, each.options.account, own, each.path.parent), logical_id=key
            )
            for each, prefix in sources
            for key, own in _ids(each, FUNCTION_TYPES, prefix)
        },
        state_machines=LazyMapping(machines, state_machine),
        machine_names=_names(machines),
        warnings=tuple(warning for each, _ in sources for warning in each.document.warnings),
    )


def _nested(source: Source, prefix: str) -> list[tuple[Source, str]]:
    """Return a template and those that are nested in it, each with what its logical ids are prefixed with."""
    children = source.children.items()
    return [(source, prefix), *(each for key, child in children for each in _nested(child, f"{prefix}{key}/"))]


def _ids(source: Source, types: tuple[str, ...], prefix: str) -> Iterator[tuple[str, str]]:
    resources = source.resolver.resources
    for logical_id, resource in resources.all.items():
        if resource["Type"] in types and resources.is_deployed(logical_id):
            yield f"{prefix}{logical_id}", logical_id


def read_properties(template: Template, logical_id: str) -> Properties:
    """Return the properties of a resource of a template that was read, as they are written."""
    account = Account(template.account, template.region, template.stack)
    source = read_source(template.used, Options(template.parameters, {}, template.values, account))
    *parents, own = logical_id.split("/")
    for parent in parents:
        neighbours = {**{sibling.path.name: sibling for sibling in source.siblings}, **source.children}
        source = neighbours[parent]
    return Properties(source.document, source.resolver, own)


def _names(machines: Mapping[str, tuple[Source, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for key, (source, logical_id) in machines.items():
        try:
            names[key] = source.resolver.resources.name(logical_id)
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
    """A mapping that makes each value once, when it is first asked for.

    So one state machine can be run although another in the same template is wrong.

    Parameters
    ----------
    keys : iterable of str
        The keys.
    make : callable
        Makes the value of a key; what it raises is raised to whoever asked.
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
