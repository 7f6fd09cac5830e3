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
    from everypath.engine.execution import Attempt, Execution
    from everypath.machine import Machine, load
    from everypath.tasks.script import Return, Throw

#: The one place of the version; the package's metadata is built from it.
__version__ = "0.1.0"

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
    "Attempt": "everypath.engine.execution",
    "Execution": "everypath.engine.execution",
    "Machine": "everypath.machine",
    "Return": "everypath.tasks.script",
    "Throw": "everypath.tasks.script",
    "load": "everypath.machine",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'everypath' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LAZY[name]), name)
