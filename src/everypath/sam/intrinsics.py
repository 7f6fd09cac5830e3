"""Resolves CloudFormation's intrinsic functions, pseudo parameters and conditions.

Each function returns what the CloudFormation user guide ("Intrinsic function reference") says. For a value that only a
deployment knows, such as an import from another stack, there is a stand-in that contains its name; see `StandIns`.
"""

from __future__ import annotations

import base64
import difflib
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from everypath.sam.document import Document, Place, describe_value
from everypath.sam.parameters import Parameters
from everypath.sam.physical import Account, Resources
from everypath.sam.stand_in_values import StandIns, UnknownItems

#: The value of ``Ref: AWS::NoValue``: the property or the item goes away.
_NO_VALUE = object()
_SUB_NAME = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:([^{}]*)\}\}")
#: Characters; a template of CloudFormation has at most 1 MB, so that no value is longer that is not made to be.
LONGEST_TEXT = 1_048_576
#: What ``Fn::Cidr`` makes at most (CloudFormation user guide).
_MOST_CIDRS = 256


class Resolver:
    """Resolves values of one template.

    Parameters
    ----------
    document : Document
        The template.
    parameters : Parameters
        Its parameters and their values.
    account : Account
        Where it would be deployed.
    stand_in_values : StandIns
        The values that only a deployment knows.
    """

    def __init__(self, document: Document, parameters: Parameters, account: Account, stand_in_values: StandIns) -> None:
        self._document = document
        self._parameters = parameters
        self._account = account
        self.stand_in_values = stand_in_values
        self._convert = _Conversions(document)
        self._open: list[str] = []
        self._conditions: dict[str, bool] = {}
        self._references: dict[str, str] = {}
        self.resources = Resources(document, account, self.value, self.condition, stand_in_values)
        self._functions: Mapping[str, Callable[[Any, Place], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::And": self._and,
            "Fn::Or": self._or,
            "Fn::Not": self._not,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": self._base64,
            "Fn::GetAZs": self._zones,
            "Fn::Cidr": self._cidr,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json_string,
            "Fn::ImportValue": self._import_value,
            "Fn::GetStackOutput": self._stack_output,
        }

    def value(self, value: Any, path: Place) -> Any:
        """Return a value with all intrinsic functions in it resolved; None for ``AWS::NoValue``.

        Raises
        ------
        TemplateError
            If one of them is malformed, or asks for more than is known before deployment.
        """
        try:
            resolved = self._value(value, path)
        except RecursionError:
            raise self._document.error(path, "nested too deeply") from None
        return None if resolved is _NO_VALUE else resolved

    def condition(self, name: str, path: Place) -> bool:
        """Return whether the condition of that name holds."""
        if name in self._conditions:
            return self._conditions[name]
        conditions = self._document.section("Conditions")
        if name not in conditions:
            known = ", ".join(conditions) or "none"
            raise self._document.error(path, f"there is no condition '{name}'; the template's are: {known}")
        place: Place = ("Conditions", name)
        close = self._opened(f"condition {name}", place)
        try:
            self._conditions[name] = self._convert.truth(self._value(conditions[name], place), place)
        finally:
            close()
        return self._conditions[name]

    def _opened(self, what: str, path: Place) -> Callable[[], Any]:
        """Note that something is being resolved, in order to detect that it is defined in terms of itself."""
        if what in self._open:
            raise self._document.error(path, f"the {what} is defined in terms of itself")
        self._open.append(what)
        return self._open.pop

    def _value(self, value: Any, path: Place) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                ((name, argument),) = value.items()
                if name in self._functions and not (name == "Condition" and not _is_condition(path)):
                    return self._dynamic(self._functions[name](argument, (*path, name)), path)
                if name.startswith("Fn::"):
                    raise self._document.error(path, self._not_supported(name))
            pairs = ((key, self._value(item, (*path, key))) for key, item in value.items())
            return {key: item for key, item in pairs if item is not _NO_VALUE}
        if isinstance(value, UnknownItems):
            return value
        if isinstance(value, list):
            items = (self._value(item, (*path, index)) for index, item in enumerate(value))
            return [item for item in items if item is not _NO_VALUE]
        return self._dynamic(value, path)

    def _not_supported(self, name: str) -> str:
        if name == "Fn::Transform":
            return "Fn::Transform is not supported: what a macro makes of its input is known only on AWS"
        short = name.removeprefix("Fn::")
        known = {each.removeprefix("Fn::").lower(): each for each in self._functions}
        close = difflib.get_close_matches(short.lower(), known, 1)
        meant = known[close[0]].removeprefix("Fn::") if close else ""
        return f"the function {name} is not supported" + (f"; did you mean !{meant}?" if meant else "")

    def _dynamic(self, value: Any, path: Place) -> Any:
        """Return a text with the values of its dynamic references, such as ``{{resolve:ssm:/table}}``."""
        if not isinstance(value, str) or "{{resolve:" not in value:
            return value
        return self._concatenated(
            (
                self.stand_in_values.value(part) if index % 2 else part
                for index, part in enumerate(_DYNAMIC_REFERENCE.split(value))
            ),
            path,
        )

    def _concatenated(self, texts: Iterable[str], path: Place) -> str:
        """Return texts as one, unless a template doubles it again and again."""
        parts: list[str] = []
        length = 0
        for text in texts:
            length += len(text)
            if length > LONGEST_TEXT:
                raise self._document.error(path, f"is a text of more than {LONGEST_TEXT} characters")
            parts.append(text)
        return "".join(parts)

    def _once(self, reference: str, make: Callable[[], str], path: Place) -> str:
        """Return what a reference gives, which is worked out once, and never in terms of itself."""
        if reference not in self._references:
            close = self._opened(f"reference to {reference.partition('.')[0]}", path)
            try:
                self._references[reference] = make()
            finally:
                close()
        return self._references[reference]

    def _import_value(self, argument: Any, path: Place) -> str:
        return self.stand_in_values.value(self._convert.text(self._value(argument, path), path))

    def _stack_output(self, argument: Any, path: Place) -> str:
        names = self._value(argument, path)
        if not isinstance(names, dict) or not {"StackName", "OutputName"} <= names.keys():
            raise self._document.error(path, f"expected StackName and OutputName, got {describe_value(names)}")
        stack, output = (self._convert.text(names[name], (*path, name)) for name in ("StackName", "OutputName"))
        return self.stand_in_values.value(f"{stack}.{output}")

    def _ref(self, name: Any, path: Place) -> Any:
        if not isinstance(name, str):
            raise self._document.error(path, f"expected a logical id, got {describe_value(name)}")
        if name in self._parameters:
            return self._parameters.value(name)
        if name.startswith("AWS::"):
            return self._pseudo(name, path)
        return self._once(name, lambda: self.resources.ref(name, path), path)

    def _pseudo(self, name: str, path: Place) -> Any:
        known: dict[str, Any] = {**self._account.pseudo_parameters, "AWS::NoValue": _NO_VALUE}
        if name == "AWS::NotificationARNs":
            return UnknownItems(name, self.stand_in_values.value(name))
        if name not in known:
            raise self._document.error(path, f"there is no pseudo parameter '{name}'")
        return known[name]

    def _get_att(self, argument: Any, path: Place) -> str:
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
            expected = "expected a logical id and the name of an attribute"
            raise self._document.error(path, f"{expected}, got {describe_value(argument)}")
        attribute = self._convert.text(self._value(argument[1], (*path, 1)), path)
        name = argument[0]
        return self._once(f"{name}.{attribute}", lambda: self.resources.attribute(name, attribute, path), path)

    def _sub(self, argument: Any, path: Place) -> str:
        names: dict[str, Any] = {}
        text = argument
        if isinstance(argument, list):
            if len(argument) != 2 or not isinstance(argument[1], dict):
                raise self._document.error(path, f"expected a string and a mapping, got {describe_value(argument)}")
            text, names = argument
        if not isinstance(text, str):
            raise self._document.error(path, f"expected a string, got {describe_value(text)}")

        def texts(text: str) -> Iterator[str]:
            end = 0
            for match in _SUB_NAME.finditer(text):
                yield text[end : match.start()]
                literal, name = match.groups()
                yield f"${{{name}}}" if literal else self._convert.text(self._named(name.strip(), names, path), path)
                end = match.end()
            yield text[end:]

        return self._concatenated(texts(text), path)

    def _named(self, name: str, names: Mapping[str, Any], path: Place) -> Any:
        """Return what ``${name}`` means in ``Fn::Sub``: a name of its mapping, a Ref or a GetAtt."""
        if name in names:
            return self._value(names[name], (*path, 1, name))
        if "." in name:
            return self._get_att(name, path)
        return self._ref(name, path)

    def _join(self, argument: Any, path: Place) -> str:
        separator, items = self._pair(argument, path, "a separator and a list")
        items = self._list(items, (*path, 1))
        between = self._convert.text(separator, (*path, 0))
        texts = (self._convert.text(item, (*path, 1)) for item in items)
        return self._concatenated(
            (part for index, text in enumerate(texts) for part in ((between, text) if index else (text,))), path
        )

    def _select(self, argument: Any, path: Place) -> Any:
        index, items = self._pair(argument, path, "an index and a list")
        items = self._list(items, (*path, 1))
        if isinstance(items, UnknownItems) and str(index).isdecimal():
            return self.stand_in_values.value(f"{items.name}.{int(index)}")
        if not str(index).isdecimal() or int(index) >= len(items):
            message = f"expected an index below {len(items)}, the length of the list, got {describe_value(index)}"
            raise self._document.error((*path, 0), message)
        return items[int(index)]

    def _split(self, argument: Any, path: Place) -> list[str]:
        separator, text = self._pair(argument, path, "a separator and a string")
        text, between = self._convert.text(text, (*path, 1)), self._convert.text(separator, (*path, 0))
        if not between:
            raise self._document.error((*path, 0), "expected a separator, got an empty string")
        return self.stand_in_values.split(text, between)

    def _if(self, argument: Any, path: Place) -> Any:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            expected = "expected the name of a condition and two values"
            raise self._document.error(path, f"{expected}, got {describe_value(argument)}")
        # Only the branch that is taken is resolved: the other may be unknown, as AWS allows.
        index = 1 if self.condition(argument[0], (*path, 0)) else 2
        return self._value(argument[index], (*path, index))

    def _condition(self, name: Any, path: Place) -> bool:
        return self.condition(str(name), path)

    def _equals(self, argument: Any, path: Place) -> bool:
        left, right = self._pair(argument, path, "two values")
        for value in (left, right):
            if isinstance(value, str) and (unknown := self.stand_in_values.within(value)):
                raise self._document.error(
                    path, f"depends on the value of {unknown[0]}, {self.stand_in_values.advice(unknown[0])}"
                )
        return bool(_comparison_text(left) == _comparison_text(right))

    def _and(self, argument: Any, path: Place) -> bool:
        return all(self._truths(argument, path))

    def _or(self, argument: Any, path: Place) -> bool:
        return any(self._truths(argument, path))

    def _not(self, argument: Any, path: Place) -> bool:
        truths = self._truths(argument, path)
        if len(truths) != 1:
            raise self._document.error(path, f"expected a list of one condition, got {len(truths)}")
        return not truths[0]

    def _find_in_map(self, argument: Any, path: Place) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            expected = "expected a map's name and two keys"
            raise self._document.error(path, f"{expected}, got {describe_value(argument)}")
        keys = [self._convert.text(self._value(key, (*path, index)), path) for index, key in enumerate(argument[:3])]
        value: Any = self._document.section("Mappings")
        for depth, key in enumerate(keys):
            if not isinstance(value, dict) or key not in value:
                if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
                    return self._value(argument[3]["DefaultValue"], (*path, 3, "DefaultValue"))
                known = ", ".join(value) if isinstance(value, dict) and value else "none"
                message = f"Mappings/{'/'.join(keys[: depth + 1])} does not exist; there are: {known}"
                raise self._document.error(path, message)
            value = value[key]
        return value

    def _base64(self, argument: Any, path: Place) -> str:
        text = self._convert.text(self._value(argument, path), path)
        return base64.b64encode(text.encode()).decode()

    def _zones(self, argument: Any, path: Place) -> list[str]:
        region = self._convert.text(self._value(argument, path), path) or self._account.region
        return [f"{region}{zone}" for zone in "abcdef"]

    def _cidr(self, argument: Any, path: Place) -> list[str]:
        block, count, bits = [*self._list(argument, path), "", "", 8][:3]
        if isinstance(block, str) and (unknown := self.stand_in_values.within(block)):
            return UnknownItems(unknown[0], block)
        try:
            if not 1 <= int(str(count)) <= _MOST_CIDRS:
                raise ValueError(f"count is from 1 to {_MOST_CIDRS}")
            network = ipaddress.ip_network(str(block))
            subnets = network.subnets(new_prefix=network.max_prefixlen - int(str(bits)))
            return [str(subnet) for subnet in itertools.islice(subnets, int(str(count)))]
        except (ValueError, TypeError) as error:
            raise self._document.error(path, f"expected [ipBlock, count, cidrBits]: {error}") from None

    def _length(self, argument: Any, path: Place) -> int:
        return len(self._list(argument, path))

    def _to_json_string(self, argument: Any, path: Place) -> str:
        encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
        return self._concatenated(encoder.iterencode(self.value(argument, path)), path)

    def _pair(self, argument: Any, path: Place, expected: str) -> tuple[Any, Any]:
        if not isinstance(argument, list) or len(argument) != 2:
            raise self._document.error(path, f"expected {expected}, got {describe_value(argument)}")
        return self._value(argument[0], (*path, 0)), self._value(argument[1], (*path, 1))

    def _list(self, argument: Any, path: Place) -> list[Any]:
        items = self._value(argument, path)
        if isinstance(items, str) and (unknown := self.stand_in_values.within(items)):
            return UnknownItems(unknown[0], items)
        if not isinstance(items, list):
            raise self._document.error(path, f"expected a list, got {describe_value(items)}")
        return items

    def _truths(self, argument: Any, path: Place) -> list[bool]:
        return [self._convert.truth(item, path) for item in self._list(argument, path)]


def _is_condition(path: Place) -> bool:
    """Whether a place is one where ``Condition: Name`` refers to a condition: a mapping may have a key of that name."""
    return bool(path) and (path[0] == "Conditions" or any(key in ("Fn::And", "Fn::Or", "Fn::Not") for key in path))


class _Conversions:
    """Converts resolved values to the type that CloudFormation expects at their place.

    Parameters
    ----------
    document : Document
        The template; errors name its places.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def truth(self, value: Any, path: Place) -> bool:
        """Return a value as a condition."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise self._document.error(path, f"expected a condition, got {describe_value(value)}")

    def text(self, value: Any, path: Place) -> str:
        """Return a value as CloudFormation writes it into a text."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        if value is _NO_VALUE:
            return ""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
        raise self._document.error(path, f"expected a string, got {describe_value(value)}")


def _comparison_text(value: Any) -> Any:
    """Return a value as ``Fn::Equals`` compares it: by its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value
