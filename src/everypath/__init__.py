"""Prove every error path of an AWS Step Functions workflow before it is deployed.

>>> import everypath
>>> machine = everypath.load("template.yaml", "MyAPIStateMachine")
>>> execution = machine.run({"statusCode": "503"})
>>> execution.status
'FAILED'
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from everypath.errors import EverypathError, InputError, NotOnTargetError, TargetError, TemplateError

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.attempts import Attempt
    from everypath.history.execution import Execution
    from everypath.tasks.scripted_outcomes import Return, Throw

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
    "Attempt": "everypath.history.attempts",
    "Execution": "everypath.history.execution",
    "Machine": "everypath.api",
    "Return": "everypath.tasks.scripted_outcomes",
    "Throw": "everypath.tasks.scripted_outcomes",
}


def load(
    template: str | os.PathLike[str] = ".",
    machine: str | None = None,
    *,
    parameter_overrides: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    config_env: str | None = None,
    functions: Iterable[str] = (),
    lambda_endpoint: str | None = None,
    scripted: Collection[str] = (),
    target: str | None = None,
) -> Machine:
    """Load a state machine of a SAM template.

    Parameters
    ----------
    template : path
        The template, or the folder with it; or a definition in a file of its own. Functions run from their source;
        with pytest's ``--everypath-build``, from what ``sam build`` made.
    machine : str, optional
        Logical id or name of the state machine; may be left out where the template has only one.
    parameter_overrides : mapping of str to str, optional
        Values for the template's parameters, over those of samconfig.toml.
    values : mapping of str to str, optional
        Values that only a deployment knows, over those of ``[tool.everypath.values]`` in pyproject.toml: by the name of
        an export, by ``Resource.Attribute``, by ``ssm:/name``. What has no value has a stand-in with its name.
    config_env : str, optional
        The environment of samconfig.toml; ``default`` where it is left out.
    functions : iterable of str
        Functions that the template lacks, as ``NAME=DIR:module.handler``.
    lambda_endpoint : str, optional
        The URL where all functions are invoked, such as that of ``sam local start-lambda``: for those that are not in
        Python.
    scripted : collection of str, optional
        Names of tasks whose outcomes every run scripts by its ``faults``: everypath need not be able to call them.
    target : str, optional
        Where it runs: ``embedded``, the URL of a Step Functions endpoint, or ``aws:STACK``; on the embedded engine
        where it is left out, or where ``--everypath-target`` tells pytest.

    Raises
    ------
    InputError
        There is no such target.
    TemplateError
        The template, or a file that it names, cannot be used.
    DefinitionError
        The definition is wrong, or has a task that everypath cannot call; every problem is named.
    """
    from everypath import api

    loaded = api.read_machine(
        template,
        machine,
        parameter_overrides=parameter_overrides,
        values=values,
        config_env=config_env,
        functions=functions,
        lambda_endpoint=lambda_endpoint,
    )
    if target is not None:
        from everypath.targets import parse_target

        loaded.target = parse_target(target)
    loaded.require_supported(scripted)
    return loaded


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'everypath' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LAZY[name]), name)
