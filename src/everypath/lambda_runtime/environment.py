"""A function's environment variables, and the moments at which they are the process's."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.sam.model import THIS_RUNTIME

if TYPE_CHECKING:
    from everypath.sam.model import Function

_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_UTC = (":UTC", "UTC")


def runtime_name(function: Function) -> str:
    """Return the function's runtime; where the template gives none, the one of this process."""
    return function.runtime or THIS_RUNTIME


def lambda_variables(function: Function) -> dict[str, str]:
    """Return the variables that a function finds: those that Lambda sets, and its own over them.

    The names are those of the Lambda developer guide, "Defined runtime environment variables". As under ``sam local``,
    ``AWS_SAM_LOCAL`` tells libraries that this is not AWS. ``LAMBDA_TASK_ROOT`` is the real directory.

    Credentials, profiles and endpoints of the program stay visible. Only where it has no credentials of any kind are
    there some that are good for nothing: a function that needs none must not look for them on the network.
    """
    region = function.arn.split(":")[3]
    stream = hashlib.sha256(function.arn.encode()).hexdigest()[:32]
    credentials = {} if _has_credentials() else _dummy_credentials()
    return {
        "_HANDLER": function.handler,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime_name(function)}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{stream}",
        "AWS_REGION": region,
        "AWS_SAM_LOCAL": "true",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_TASK_ROOT": str(function.code_dir),
        "TZ": ":UTC",
        **credentials,
        **function.environment,
        **{name: text for name, text in function.stand_in_values.items() if name not in os.environ},
    }


def _has_credentials() -> bool:
    if any(name in os.environ for name in _CREDENTIALS):
        return True
    files = (("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), ("AWS_CONFIG_FILE", "~/.aws/config"))
    return any(Path(os.environ.get(name, default)).expanduser().exists() for name, default in files)


def _dummy_credentials() -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local"}


class FunctionEnvironment:
    """Variables that are in ``os.environ`` only while the function runs.

    The program's own variables stay visible to it. What the function itself changes it finds again in its next
    invocation, as on Lambda, and nobody else does.

    Parameters
    ----------
    variables : mapping of str to str
        What the function finds when it starts.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._wanted: dict[str, str | None] = dict(variables)

    def enter(self) -> Surroundings:
        """Put the function's variables in place; return what `leave` needs."""
        program = {name: os.environ.get(name) for name in self._wanted}
        for name, value in self._wanted.items():
            _set(name, value, program[name])
        # The C library reads TZ only when it is told to, which takes longer than all the rest.
        other_zone = bool(time.timezone or time.daylight or self._wanted.get("TZ") not in _UTC)
        if other_zone:
            _read_zone()
        return Surroundings(program, other_zone, _snapshot())

    def leave(self, entered: Surroundings) -> None:
        """Put the program's variables back, and remember what the function changed."""
        now = _snapshot()
        if now != entered.variables:
            self._remember(entered, now)
        for name, value in entered.program.items():
            _set(name, value, os.environ.get(name))
        if entered.other_zone:
            _read_zone()

    def _remember(self, entered: Surroundings, now: dict[Any, Any]) -> None:
        before = entered.variables
        for key in before.keys() | now.keys():
            if now.get(key) != before.get(key):
                name = os.fsdecode(key)
                self._wanted[name] = os.fsdecode(now[key]) if key in now else None
                if name not in entered.program:
                    entered.program[name] = os.fsdecode(before[key]) if key in before else None


@dataclass(slots=True)
class Surroundings:
    """What the program had before a function ran.

    Parameters
    ----------
    program : dict of str to str or None
        Its values of the variables that the function has; None for those that it has not.
    other_zone : bool
        Whether its time zone is another.
    variables : dict
        All variables as the function found them; see `_snapshot`.
    """

    program: dict[str, str | None]
    other_zone: bool
    variables: dict[Any, Any]


def _set(name: str, value: str | None, now: str | None) -> None:
    if value == now:
        return
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


def _snapshot() -> dict[Any, Any]:
    """Return a copy of all variables, to be compared with another.

    CPython keeps them encoded in a dict, which is copied a hundred times as fast as ``os.environ``; an invocation
    would otherwise spend most of its time here. Where there is no such dict, ``os.environ`` does.
    """
    return dict(vars(os.environ).get("_data", os.environ))


def _read_zone() -> None:
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()
