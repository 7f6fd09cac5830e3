"""A template file, ready to be resolved, with the templates that are nested in it or that it imports from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from everypath.errors import TemplateError
from everypath.sam.assets import local_asset
from everypath.sam.document import Document, describe_value, read_document
from everypath.sam.intrinsics import Resolver
from everypath.sam.language_extensions import expand
from everypath.sam.parameters import Parameters
from everypath.sam.physical import Account
from everypath.sam.stand_in_values import StandIns, UnknownItems

_NESTED = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}
_OUTPUT = re.compile(r"(\w+)\.Outputs\.(\w+)")
_DEEPEST = 5
_TEMPLATE_ENDINGS = (".yaml", ".yml", ".json", ".template")


@dataclass(frozen=True, slots=True)
class Options:
    """How a template is read.

    Parameters
    ----------
    overrides, configured : mapping of str to str
        Parameters that the user gives, and those of samconfig.toml or of the template that another is nested in.
    values : mapping of str to str
        The values that only a deployment knows and that the user gives.
    account : Account
        Where it would be deployed.
    depth : int
        How deeply it is nested in others.
    alone : bool
        Whether imports are not looked for in the templates beside it.
    names : dict of str to str
        See `StandIns`.
    """

    overrides: Mapping[str, str]
    configured: Mapping[str, str]
    values: Mapping[str, str]
    account: Account
    depth: int = 0
    alone: bool = False
    names: dict[str, str] = field(default_factory=dict)


@dataclass
class Source:
    """A template file.

    Parameters
    ----------
    path : Path
        The file.
    options : Options
        How it is read.
    document : Document
        Its data, loops and includes written out.
    parameters : Parameters
        Its parameters.
    """

    path: Path
    options: Options
    document: Document
    parameters: Parameters
    resolver: Resolver = field(init=False)

    def __post_init__(self) -> None:
        stand_in_values = StandIns(self.options.values, self._of_neighbours, self.options.names)
        self.resolver = Resolver(self.document, self.parameters, self.options.account, stand_in_values)

    @cached_property
    def children(self) -> dict[str, Source]:
        """The nested applications and stacks whose templates are local files, by logical id."""
        children: dict[str, Source] = {}
        if self.options.depth == _DEEPEST:
            return children
        for logical_id, resource in self.resolver.resources.all.items():
            if resource["Type"] in _NESTED and self.resolver.resources.is_deployed(logical_id):
                file = self._nested_file(logical_id, resource)
                if file is not None:
                    children[logical_id] = read_source(file, self._nested_options(logical_id))
        return children

    @cached_property
    def siblings(self) -> list[Source]:
        """The templates in the same folder that export something, if this one imports anything."""
        if self.options.alone or not _has_import(self.document.data):
            return []
        siblings: list[Source] = []
        for file in sorted(self.path.parent.iterdir()):
            if not file.name.endswith(_TEMPLATE_ENDINGS) or not file.is_file() or file.samefile(self.path):
                continue
            stack = f"{self.options.account.stack}-{file.name.partition('.')[0]}"
            options = replace(self.options, account=replace(self.options.account, stack=stack), alone=True)
            try:
                source = read_source(file, replace(options, overrides={}, configured=self.parameters.overrides))
            except TemplateError:  # not a template, or one that must be run itself to be told what is wrong with it
                continue
            if source.exports:
                siblings.append(source)
        return siblings

    @cached_property
    def exports(self) -> dict[str, str]:
        """The names of the outputs that it exports, by the names of the exports; without those that are not known."""
        exports: dict[str, str] = {}
        outputs = self.document.data.get("Outputs")
        for name, output in outputs.items() if isinstance(outputs, dict) else ():
            export = output.get("Export") if isinstance(output, dict) else None
            if isinstance(export, dict):
                try:
                    exported = self.resolver.value(export.get("Name"), ("Outputs", name, "Export", "Name"))
                except TemplateError:
                    continue
                exports[str(exported)] = name
        return exports

    def output(self, name: str) -> str | None:
        """Return the value of an output; None where there is none, or where its value is no text."""
        outputs = self.document.data.get("Outputs")
        output = outputs.get(name) if isinstance(outputs, dict) else None
        if not isinstance(output, dict):
            return None
        value = self.resolver.value(output.get("Value"), ("Outputs", name, "Value"))
        if isinstance(value, UnknownItems):
            value = value[0]
        if isinstance(value, list):
            return ",".join(map(str, value))
        return str(value) if isinstance(value, str | int | float) else None

    def _of_neighbours(self, name: str) -> str | None:
        """Return a value from the template that makes it: a nested one or, for an import, one in the same folder."""
        nested = _OUTPUT.fullmatch(name)
        if nested and nested[1] in self.children:
            return self.children[nested[1]].output(nested[2])
        for sibling in self.siblings:
            if name in sibling.exports:
                return sibling.output(sibling.exports[name])
        return None

    def _nested_file(self, logical_id: str, resource: dict[str, Any]) -> Path | None:
        property_ = _NESTED[resource["Type"]]
        path = ("Resources", logical_id, "Properties", property_)
        value = self.resolver.value(self.resolver.resources.properties(logical_id).get(property_), path)
        folder = self.path.parent
        local = local_asset(value, resource.get("Metadata"), folder) or value
        if not isinstance(local, str):
            return None
        file = folder / local
        if file.is_dir():
            file /= "template.yaml"
        return file if file.is_file() else None

    def _nested_options(self, logical_id: str) -> Options:
        given = self.resolver.resources.properties(logical_id).get("Parameters")
        path = ("Resources", logical_id, "Properties", "Parameters")
        parameters: dict[str, str] = {}
        for name, raw in given.items() if isinstance(given, dict) else ():
            try:
                value = self.resolver.value(raw, (*path, name))
            except TemplateError:  # told where the nested template needs it
                continue
            if value is not None:
                parameters[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        account = replace(self.options.account, stack=f"{self.options.account.stack}-{logical_id}")
        return replace(self.options, overrides={}, configured=parameters, account=account, depth=self.options.depth + 1)


def read_source(path: Path, options: Options) -> Source:
    """Return a template file.

    Raises
    ------
    TemplateError
        If it is none, or its parameters are wrong.
    """
    document = read_document(path)
    if not isinstance(document.data, dict):
        raise TemplateError(
            f"{path}: expected a template (a mapping with Resources), got {describe_value(document.data)}"
        )
    parameters = Parameters(document, options.overrides, options.configured, nested=options.depth > 0 or options.alone)
    try:
        document = expand(document, _collections(document, parameters, options), path.parent)
    except RecursionError:
        raise TemplateError(f"{path}: nested too deeply") from None
    return Source(path, options, document, parameters)


def _collections(document: Document, parameters: Parameters, options: Options) -> Any:
    """Return what resolves the lists of loops, which cannot refer to resources."""
    data = {**document.data, "Resources": {"None": {"Type": "None"}}}
    resolver = Resolver(
        replace(document, data=data), parameters, options.account, StandIns(options.values, names=options.names)
    )
    return resolver.value


def _has_import(value: Any) -> bool:
    if isinstance(value, dict):
        return "Fn::ImportValue" in value or any(map(_has_import, value.values()))
    return isinstance(value, list) and any(map(_has_import, value))
