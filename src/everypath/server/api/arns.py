"""ARNs and names in requests; invalid ones are refused as the service refuses them (recorded)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from everypath.asl.resource_names import is_resource_name
from everypath.server.protocol import ApiError

_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN of Step Functions.

    Parameters
    ----------
    text : str
        The whole ARN.
    kind : str
        ``stateMachine``, ``execution``, ``express``, ``activity`` or ``mapRun``.
    name : str
        What follows the kind: a state machine's name, and the label of a distributed Map if there is one.
    qualifier : str
        What follows the name: a version, an alias, the name of an execution; empty if nothing does.
    """

    text: str
    kind: str
    name: str
    qualifier: str

    @property
    def unqualified(self) -> str:
        """The ARN without its qualifier."""
        return self.text[: -len(self.qualifier) - 1] if self.qualifier else self.text

    @property
    def version(self) -> int | None:
        """The number of the version that a state machine's ARN names."""
        return int(self.qualifier) if self.qualifier.isdecimal() and self.qualifier.isascii() else None


def parse_arn(text: str, *kinds: str) -> Arn:
    """Parse an ARN.

    Parameters
    ----------
    kinds : str
        The kinds of resources that the request may name.

    Raises
    ------
    ApiError
        ``InvalidArn``.
    """
    parts = text.split(":", 7)
    if parts[0] != "arn" or len(parts) < 7 or parts[2] != "states":
        raise _invalid(f"Invalid ARN prefix: {text}")
    if parts[5] not in kinds:
        raise _invalid(f"Resource type not valid in this context: {parts[5]}")
    if not parts[6]:
        raise _invalid(f"Invalid ARN: {text}")
    return Arn(text, parts[5], parts[6], parts[7] if len(parts) > 7 else "")


def check_name(name: str) -> None:
    """Check the name of a state machine, an execution or an activity.

    Raises
    ------
    ApiError
        ``InvalidName``.
    """
    if not is_resource_name(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")


def check_role_arn(arn: str) -> None:
    """Check the ARN of an IAM role.

    Raises
    ------
    ApiError
        ``InvalidArn``, as users of AWS quote it (aws/amazon-sagemaker-examples issue 2432).
    """
    if not _ROLE.fullmatch(arn):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{arn}'")


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidArn", f"Invalid Arn: '{reason}'")
