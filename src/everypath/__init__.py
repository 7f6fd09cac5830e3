"""Prove every error path of an AWS Step Functions workflow before it is deployed.

>>> import everypath
>>> machine = everypath.load("template.yaml", "MyAPIStateMachine")
>>> execution = machine.run({"statusCode": "503"})
>>> execution.status
'FAILED'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from everypath.errors import EverypathError, InputError, NotOnTargetError, TargetError, TemplateError

if TYPE_CHECKING:
    from everypath.api import Machine, load
    from everypath.history.attempts import Attempt
    from everypath.history.execution import Execution
    from everypath.tasks.scripted_outcomes import Return, Throw

__all__ = [
    "Attempt",
    "EverypathError",
    "Execution",
    "InputError",
    "Machine",
    "NotOnTargetError",
    "Return",
    "TargetError",
    "TemplateError",
    "Throw",
    "load",
]

#: Where the public names are that are loaded when they are used, so that importing the package stays quick.
_LAZY = {
    "Attempt": "everypath.history.attempts",
    "Execution": "everypath.history.execution",
    "Machine": "everypath.api",
    "Return": "everypath.tasks.scripted_outcomes",
    "Throw": "everypath.tasks.scripted_outcomes",
    "load": "everypath.api",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'everypath' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LAZY[name]), name)
