"""Physical ids and attributes of a template's resources, as a deployment would make them."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.sam.document import Document, Place, describe_value
from everypath.sam.resource_kinds import KINDS, Kind
from everypath.sam.stand_in_values import StandIns

_SERVERLESS = {"AWS::Serverless::Function", "AWS::Serverless::StateMachine"}
_OF_FUNCTIONS = ("Arn", "SnapStartResponse", "SnapStartResponse.ApplyOn", "SnapStartResponse.OptimizationStatus")
_OF_MACHINES = ("Arn", "Name", "StateMachineRevisionId")
#: All attributes of the types that workflows are about: any other is a mistake.
_COMPLETE = {
    "AWS::Serverless::Function": (*_OF_FUNCTIONS, "Alias", "Version", "Version.Version"),
    "AWS::Lambda::Function": _OF_FUNCTIONS,
    "AWS::Serverless::StateMachine": _OF_MACHINES,
    "AWS::StepFunctions::StateMachine": _OF_MACHINES,
}


@dataclass(frozen=True, slots=True)
class Account:
    """Where the template would be deployed: what ARNs and names are made of."""

    account: str
    region: str
    stack: str

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def suffix(self) -> str:
        """The domain of the services' URLs."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    @property
    def pseudo_parameters(self) -> dict[str, str | list[str]]:
        """What ``Ref`` gives for the pseudo parameters, without ``AWS::NoValue``."""
        stack = f"{self.region}:{self.account}:stack/{self.stack}/00000000-0000-0000-0000-000000000000"
        return {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::StackId": f"arn:{self.partition}:cloudformation:{stack}",
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": self.suffix,
        }


class Resources:
    """The resources of a template, and the names and attributes that a deployment would give them.

    Generated names are ``{stack}-{LogicalId}``: what CloudFormation makes, without the random part, so that they are
    the same in every run.

    Parameters
    ----------
    document : Document
        The template.
    account : Account
        Where it would be deployed.
    resolve : callable
        Resolves the intrinsic functions in a value at a place.
    holds : callable
        Returns whether the condition of a name holds.
    stand_in_values : StandIns
        The values that only a deployment knows.
    """

    def __init__(
        self,
        document: Document,
        account: Account,
        resolve: Callable[[Any, Place], Any],
        holds: Callable[[str, Place], bool],
        stand_in_values: StandIns,
    ) -> None:
        self._document = document
        self._account = account
        self._resolve = resolve
        self._holds = holds
        self._stand_ins = stand_in_values
        self._made_names: dict[str, str] = {}
        resources = document.data.get("Resources")
        if not isinstance(resources, dict) or not resources:
            raise document.error((), f"expected a mapping Resources, got {describe_value(resources)}")
        for logical_id, resource in resources.items():
            if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
                raise document.error(
                    ("Resources", logical_id), f"expected a resource with a Type, got {describe_value(resource)}"
                )
        self.all: Mapping[str, dict[str, Any]] = resources

    def is_deployed(self, logical_id: str) -> bool:
        """Return whether the resource's ``Condition`` holds."""
        condition = self.all[logical_id].get("Condition")
        return condition is None or self._holds(str(condition), ("Resources", logical_id, "Condition"))

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the resource's own properties as they are written."""
        path = ("Resources", logical_id, "Properties")
        return self._document.mapping(self.all[logical_id].get("Properties"), path)

    def name(self, logical_id: str) -> str:
        """Return the physical name: the one in the template, or the one that would be generated."""
        if logical_id not in self._made_names:
            self._made_names[logical_id] = self._name(logical_id)
        return self._made_names[logical_id]

    def _name(self, logical_id: str) -> str:
        kind = KINDS.get(self.all[logical_id]["Type"], Kind())
        properties = self.properties(logical_id)
        if kind.name_property and kind.name_property in properties:
            path = ("Resources", logical_id, "Properties", kind.name_property)
            own_name = self._resolve(properties[kind.name_property], path)
            if own_name is not None:
                if not isinstance(own_name, str | int) or own_name == "":
                    raise self._document.error(path, f"expected a name, got {describe_value(own_name)}")
                return str(own_name)
        name = f"{self._account.stack}-{logical_id}"
        is_fifo = str(properties.get("FifoQueue") or properties.get("FifoTopic")).lower() == "true"
        return (name.lower() if kind.lowercase else name) + (".fifo" if is_fifo else "")

    def ref(self, logical_id: str, path: Place) -> str:
        """Return what ``Ref`` gives; what the user gives comes first.

        Raises
        ------
        TemplateError
            If there is no such resource, or its condition does not hold.
        """
        given = self._stand_ins.given(logical_id)
        if given is not None:
            return given
        if logical_id not in self.all:
            return self._generated_reference(logical_id, path)
        self._require(logical_id, path)
        kind = KINDS.get(self.all[logical_id]["Type"])
        if kind is None and self.all[logical_id]["Type"] in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
            return self._qualified_arn(logical_id)
        return self._fill((kind or Kind()).ref, logical_id)

    def attribute(self, logical_id: str, attribute: str, path: Place) -> str:
        """Return what ``Fn::GetAtt`` gives; what the user gives comes first, and a stand-in last.

        Raises
        ------
        TemplateError
            If there is no such resource, or its condition does not hold.
        """
        given = self._stand_ins.given(f"{logical_id}.{attribute}")
        if given is not None:
            return given
        if logical_id not in self.all:
            return self._generated_reference(f"{logical_id}.{attribute}", path)
        self._require(logical_id, path)
        type_ = self.all[logical_id]["Type"]
        if type_ == "AWS::Serverless::Function" and attribute in ("Alias", "Version", "Version.Version"):
            return self._generated_reference(f"{logical_id}.{attribute}", path)
        if type_ in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
            if attribute in ("AliasArn", "FunctionArn"):
                return self._qualified_arn(logical_id)
            if attribute == "Version":
                return "1"
        kind = KINDS.get(type_)
        if kind is None and attribute == "Arn":
            return self._fill(_arn_of_unknown(type_), logical_id)
        if kind is not None and attribute == "Arn" and kind.arn:
            return self._fill(kind.arn, logical_id)
        if kind is not None and attribute in kind.attributes:
            return self._fill(kind.attributes[attribute], logical_id)
        if type_ in _COMPLETE and attribute not in _COMPLETE[type_]:
            close = difflib.get_close_matches(attribute.capitalize(), _COMPLETE[type_], 1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise self._document.error(path, f"{logical_id} ({type_}) has no attribute {attribute}{meant}")
        return self._stand_ins.value(f"{logical_id}.{attribute}")

    def _require(self, logical_id: str, path: Place) -> None:
        if not self.is_deployed(logical_id):
            condition = self.all[logical_id]["Condition"]
            raise self._document.error(
                path, f"{logical_id} does not exist, because the condition {condition} does not hold"
            )

    def _fill(self, template: str, logical_id: str) -> str:
        return template.format(
            name=self.name(logical_id) if "{name}" in template else "",
            id=_identifier(logical_id),
            account=self._account.account,
            region=self._account.region,
            partition=self._account.partition,
            suffix=self._account.suffix,
        )

    def _qualified_arn(self, logical_id: str) -> str:
        """Return the ARN of an alias or a version."""
        properties = self.properties(logical_id)
        path = ("Resources", logical_id, "Properties")
        function = str(self._resolve(properties.get("FunctionName"), (*path, "FunctionName")))
        if not function.startswith("arn:"):
            prefix = f"arn:{self._account.partition}:lambda:{self._account.region}:{self._account.account}"
            function = f"{prefix}:function:{function}"
        return f"{function}:{self._resolve(properties.get('Name', '1'), (*path, 'Name'))}"

    def _generated_reference(self, reference: str, path: Place) -> str:
        """Return what a reference to a resource gives that the SAM transform makes: a role, an alias, an API.

        The names are those of "Generated AWS CloudFormation resources" in the SAM developer guide.
        """
        where = self._account
        prefix = f"arn:{where.partition}"
        for logical_id, resource in self.all.items():
            if not reference.startswith(logical_id) or resource["Type"] not in _SERVERLESS:
                continue
            rest = reference[len(logical_id) :]
            if rest == "Role":
                return f"{where.stack}-{logical_id}Role"
            if rest == "Role.Arn":
                return f"{prefix}:iam::{where.account}:role/{where.stack}-{logical_id}Role"
            alias = self.properties(logical_id).get("AutoPublishAlias")
            if alias is None or resource["Type"] != "AWS::Serverless::Function":
                continue
            alias = self._resolve(alias, ("Resources", logical_id, "Properties", "AutoPublishAlias"))
            arn = self._fill(KINDS["AWS::Serverless::Function"].arn, logical_id)
            if rest in (".Alias", f"Alias{alias}", f"Alias{alias}.AliasArn"):
                return f"{arn}:{alias}"
            if rest == ".Version":
                return f"{arn}:1"
            if rest == ".Version.Version":
                return "1"
        if reference in ("ServerlessRestApi", "ServerlessHttpApi"):
            return _identifier(reference)
        if reference == "ServerlessRestApiProdStage":
            return "Prod"
        known = ", ".join(self.all)
        raise self._document.error(
            path, f"there is no parameter or resource '{reference}'; the template's resources are: {known}"
        )


def _identifier(logical_id: str) -> str:
    """Ten characters for what AWS numbers itself, the same in every run."""
    return hashlib.sha256(logical_id.encode()).hexdigest()[:10]


def _arn_of_unknown(type_: str) -> str:
    """Return an ARN template of the common form for a type that is not in the table."""
    parts = re.sub(r"[^a-z0-9:]", "", type_.lower()).split("::")
    service, thing = (parts[1], parts[2]) if len(parts) > 2 else ("custom", parts[-1])
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{thing}/{{name}}"
