"""Reads Lambda functions: ``AWS::Serverless::Function`` and ``AWS::Lambda::Function``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from everypath.errors import TemplateError
from everypath.sam.assets import local_asset
from everypath.sam.document import Document, describe_value, is_dir, is_file
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import IMAGE, Function
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.resource_kinds import KINDS
from everypath.sam.stand_in_values import StandIns, UnknownItems

FUNCTION_TYPES = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_LAYER_CONTENT = {"AWS::Serverless::LayerVersion": "ContentUri", "AWS::Lambda::LayerVersion": "Content"}

#: No variables, none with a stand-in, and none without a value.
_NO_VARIABLES: tuple[dict[str, str], dict[str, str], dict[str, str]] = ({}, {}, {})

_T = TypeVar("_T")


@dataclass(slots=True)
class _Problems:
    """Collects the reasons why a function cannot be run; calling it reports the first one."""

    stand_in_values: StandIns
    messages: list[str] = field(default_factory=list)

    def attempt(self, read: Callable[[], _T], otherwise: _T) -> _T:
        """Return what `read` returns, or `otherwise` if it raises an error."""
        try:
            return read()
        except TemplateError as error:
            self.messages.append(str(self.stand_in_values.explained(error)))
            return otherwise


@dataclass(frozen=True, slots=True)
class _Code:
    directory: Path
    inline: str | None = None


def read_function(
    document: Document, resolver: Resolver, account: Account, logical_id: str, directory: Path
) -> Function:
    """Return a function of the template; an error in it becomes its `Function.problem`.

    Parameters
    ----------
    document : Document
        The template.
    resolver : Resolver
        Resolves the intrinsic functions in it.
    account : Account
        Where it would be deployed.
    logical_id : str
        The logical id of the function.
    directory : Path
        The directory that paths in the template are relative to.
    """
    problems = _Problems(resolver.stand_in_values)
    name = problems.attempt(lambda: resolver.resources.name(logical_id), f"{account.stack}-{logical_id}")
    properties = Properties(document, resolver, logical_id)
    runtime = problems.attempt(lambda: _runtime(properties), None)
    if runtime is not None and not runtime.startswith("python"):
        problems.messages.insert(0, _not_python(properties, runtime))
    code = problems.attempt(lambda: _code(properties, directory), _Code(directory.absolute()))
    environment, stand_in_values, unresolved = problems.attempt(lambda: _environment(properties), _NO_VARIABLES)
    durable_timeout = problems.attempt(lambda: _durable_timeout(properties), None)
    return Function(
        logical_id=logical_id,
        name=name,
        arn=KINDS[properties.type].arn.format(
            partition=account.partition, region=account.region, account=account.account, name=name
        ),
        code_dir=code.directory,
        handler=problems.attempt(lambda: _required_text(properties, "Handler", "app.handler"), ""),
        runtime=runtime,
        timeout=float(problems.attempt(lambda: properties.number("Timeout", 3, 1, 900), 3)),
        memory=problems.attempt(lambda: properties.number("MemorySize", 128, 128, 10240), 128),
        environment=environment,
        architecture=problems.attempt(lambda: _architecture(properties), "x86_64"),
        place=f"{document.name}: Resources/{logical_id}",
        layers=problems.attempt(lambda: tuple(_layers(properties, directory)), ()),
        inline_code=code.inline,
        log_group=_log_group(properties) or f"/aws/lambda/{name}",
        stand_in_values=stand_in_values,
        unresolved=unresolved,
        durable_timeout=durable_timeout,
        problem=problems.messages[0] if problems.messages else None,
    )


def code_directories(document: Document, resolver: Resolver, directory: Path) -> list[Path]:
    """Return the code directories of the template's functions and layers, where they are known."""
    directories: list[Path] = []
    for logical_id, resource in resolver.resources.all.items():
        if resource["Type"] in FUNCTION_TYPES:
            function = Properties(document, resolver, logical_id)
            problems = _Problems(resolver.stand_in_values)
            code = problems.attempt(lambda function=function: _code(function, directory), None)  # type: ignore[misc]
            if code and code.inline is None:
                directories.append(code.directory)
            directories.extend(problems.attempt(lambda function=function: list(_layers(function, directory)), []))  # type: ignore[misc]
    return directories


def _required_text(properties: Properties, name: str, example: str) -> str:
    value = properties.text(name)
    if not value:
        raise properties.error(name, f"expected a string such as {example}, got {describe_value(value)}")
    return value


def _runtime(properties: Properties) -> str:
    if properties.get("PackageType") == "Image" or "ImageUri" in properties.raw:
        return IMAGE
    return _required_text(properties, "Runtime", "python3.13")


def _durable_timeout(properties: Properties) -> float | None:
    config = properties.get("DurableConfig")
    if config is None:
        return None
    timeout = config.get("ExecutionTimeout") if isinstance(config, dict) else None
    if not str(timeout).isdecimal():
        raise properties.error(
            "DurableConfig", f"expected an ExecutionTimeout in seconds, got {describe_value(timeout)}"
        )
    return float(str(timeout))


def _not_python(properties: Properties, runtime: str) -> str:
    name = "PackageType" if runtime == IMAGE else "Runtime"
    got = "a container image" if runtime == IMAGE else f"{describe_value(runtime)}, which is not Python,"
    return str(
        properties.error(
            name,
            f"{got} cannot be run in this process: give what the task comes to with faults, or have the function"
            " invoked elsewhere, with --lambda-endpoint and sam local start-lambda",
        )
    )


def _architecture(properties: Properties) -> str:
    value = properties.get("Architectures")
    if value is None:
        return "x86_64"
    if not isinstance(value, list) or len(value) != 1 or value[0] not in ("x86_64", "arm64"):
        shown_value = describe_value(value[0]) if isinstance(value, list) and value else describe_value(value)
        raise properties.error("Architectures", f"expected [x86_64] or [arm64], got {shown_value}")
    return str(value[0])


def _code(properties: Properties, directory: Path) -> _Code:
    serverless = properties.type == "AWS::Serverless::Function"
    name = "CodeUri" if serverless else "Code"
    if serverless and "InlineCode" in properties.raw:
        return _Code(directory.absolute(), properties.text("InlineCode"))
    value: Any = properties.get(name)
    if isinstance(value, dict) and isinstance(value.get("ZipFile"), str):
        return _Code(directory.absolute(), value["ZipFile"])
    local = None if serverless else local_asset(value, properties.metadata, directory)
    if local is not None:
        value = local
    if value is None and serverless:
        value = "."
    return _Code(local_directory(properties, name, value, directory))


def local_directory(properties: Properties, name: str, value: Any, directory: Path) -> Path:
    """Return the local directory that a property names.

    Raises
    ------
    TemplateError
        If it names an S3 object, an archive, or nothing that exists.
    """
    if isinstance(value, dict) or (isinstance(value, str) and value.startswith(("s3://", "https://"))):
        what = describe_value(value) if isinstance(value, str) else "an object"
        raise properties.error(name, f"expected a local directory, got {what} in S3, which cannot be run here")
    if not isinstance(value, str):
        raise properties.error(name, f"expected a local directory, got {describe_value(value)}")
    path = Path(os.path.normpath(directory / value))
    if is_file(path):
        raise properties.error(name, f"expected a directory, got the file {path}, which cannot be run here")
    if not is_dir(path):
        raise properties.error(name, f"expected a directory, got {describe_value(value)}: there is no {path}")
    return path.absolute()


def _environment(properties: Properties) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the variables, those with a stand-in, and the messages for those without a value."""
    environment = _resolve_choice(properties, properties.raw.get("Environment"), "Environment")
    if not isinstance(environment, dict):
        raise properties.error("Environment", f"expected a mapping, got {describe_value(environment)}")
    variables = _resolve_choice(properties, environment.get("Variables"), "Environment", "Variables")
    if not isinstance(variables, dict):
        raise properties.error("Environment", f"expected a mapping of Variables, got {describe_value(variables)}")
    known: dict[str, str] = {}
    stand_in_values: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    for name, raw in variables.items():
        path = properties.path("Environment", "Variables", name)
        try:
            value = properties.resolver.value(raw, path)
        except TemplateError as error:
            unresolved[name] = str(error)
            continue
        if isinstance(value, UnknownItems):
            value = value[0]
        if isinstance(value, dict | list):
            raise properties.document.error(path, f"expected a string, got {describe_value(value)}")
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            (stand_in_values if properties.resolver.stand_in_values.within(text) else known)[name] = text
    return known, stand_in_values, unresolved


def _resolve_choice(properties: Properties, value: Any, *names: str) -> Any:
    """Return a mapping as it is, to be resolved piece by piece, or the one that ``Fn::If`` chooses."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("Fn::"):
        value = properties.resolver.value(value, properties.path(*names))
    return value or {}


def _log_group(properties: Properties) -> str | None:
    config = properties.raw.get("LoggingConfig")
    if not isinstance(config, dict):
        return None
    try:
        value = properties.resolver.value(config.get("LogGroup"), properties.path("LoggingConfig", "LogGroup"))
    except TemplateError:  # its name is not needed to run the function
        return None
    known = isinstance(value, str) and not properties.resolver.stand_in_values.within(value)
    return value if known else None


def _layers(properties: Properties, directory: Path) -> list[Path]:
    """Return the module directories of the layers that the template itself defines; others exist only on AWS.

    The directory ``python`` of a layer is on Lambda's module path (Lambda developer guide, "Packaging your layer
    content"); ``sam build`` creates it for a layer with a ``BuildMethod``.
    """
    directories: list[Path] = []
    layers = properties.raw.get("Layers") or []
    for layer in layers if isinstance(layers, list) else []:
        logical_id = layer.get("Ref") if isinstance(layer, dict) else None
        resources = properties.resolver.resources
        resource = resources.all.get(logical_id) if isinstance(logical_id, str) else None
        if resource is None or resource["Type"] not in _LAYER_CONTENT:
            continue
        content = Properties(properties.document, properties.resolver, str(logical_id))
        name = _LAYER_CONTENT[content.type]
        top = local_directory(content, name, content.get(name), directory)
        method = str(content.metadata.get("BuildMethod", "")) if isinstance(content.metadata, dict) else ""
        if is_dir(top / "python"):
            directories.append(top / "python")
            directories.extend(sorted((top / "python").glob("lib/python*/site-packages")))
        elif method.startswith("python"):
            directories.append(top)
    return directories
