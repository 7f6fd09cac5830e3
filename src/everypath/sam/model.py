"""A template, its functions and its state machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from everypath.errors import TemplateError

#: The runtime that this process is.
THIS_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
#: The runtime of a function whose package is a container image.
IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function.

    Parameters
    ----------
    logical_id : str
        Its key under ``Resources``.
    name, arn : str
        Its name, given or generated, and its ARN.
    code_dir : Path
        The absolute path of the directory that Lambda would see as ``/var/task``. For inline code it is the template's
        own directory, and nothing is imported from it.
    handler : str
        ``module.function``.
    runtime : str or None
        Such as ``python3.13``; `IMAGE` for a container image; None where it is not known.
    timeout : float
        Seconds.
    memory : int
        Megabytes.
    environment : mapping of str to str
        The variables of ``Environment``, resolved.
    architecture : str
        ``x86_64`` or ``arm64``.
    place : str
        Its place in the template, such as ``template.yaml: Resources/MockAPIFunction``.
    layers : tuple of Path
        Directories of local layers, which Lambda would put on the module path as ``/opt/python``.
    inline_code : str or None
        The source of ``InlineCode`` or ``ZipFile``, which is the module ``index``.
    log_group : str
        The log group; ``/aws/lambda/{name}`` unless ``LoggingConfig`` names another.
    stand_in_values : mapping of str to str
        Variables whose value only a deployment knows, each with the text that stands in for it. A variable of that name
        in the environment of this process comes first.
    unresolved : mapping of str to str
        Variables without a value, each with the message about it.
    durable_timeout : float or None
        Seconds that an execution of a durable function may take; None for a function that is not durable.
    problem : str or None
        Why the function cannot be run in this process; None if it can. It becomes an error when the function is called.
    """

    logical_id: str
    name: str
    arn: str
    code_dir: Path
    handler: str
    runtime: str | None
    timeout: float = 3.0
    memory: int = 128
    environment: Mapping[str, str] = field(default_factory=dict)
    architecture: str = "x86_64"
    place: str = ""
    layers: tuple[Path, ...] = ()
    inline_code: str | None = None
    log_group: str = ""
    stand_in_values: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    durable_timeout: float | None = None
    problem: str | None = None

    @property
    def is_python(self) -> bool:
        """Whether its code is Python; where no runtime is known, it is taken for that."""
        return self.runtime is None or self.runtime.startswith("python")


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine.

    Parameters
    ----------
    logical_id : str
        Its key under ``Resources``.
    name, arn : str
        Its name, given or generated, and its ARN.
    type : {"STANDARD", "EXPRESS"}
        The type of the workflow.
    definition : JSON data
        The definition, after substitution.
    source : Path
        The file with the definition.
    place : str
        Its place in the template, such as ``template.yaml: Resources/MyAPIStateMachine``.
    role_arn : str or None
        The role that executions assume; None if only a deployment knows it.
    unknown : tuple of str
        The names of the values in the definition that only a deployment knows; each has a stand-in there.
    warnings : tuple of str
        What is odd about the definition, and yet accepted.
    """

    logical_id: str
    name: str
    arn: str
    type: Literal["STANDARD", "EXPRESS"]
    definition: Any
    source: Path
    place: str
    role_arn: str | None = None
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read.

    Parameters
    ----------
    path : Path
        The template that was asked for.
    used : Path
        The template that was read: the same one, or the one that ``sam build`` made of it.
    note : str
        Why that one was read, in a sentence; empty if there was no other.
    account, region, stack : str
        What the ARNs and names are made of.
    parameters : mapping of str to str
        The parameter overrides.
    values : mapping of str to str
        The values that the user gives of those that only a deployment knows.
    functions : mapping of str to Function
        By logical id; ``Application/LogicalId`` for those of a nested application, ``other.yaml/LogicalId`` for those
        of a template that this one imports from. An error in a function is not raised: it is its `Function.problem`.
    state_machines : mapping of str to StateMachine
        By logical id. Each is read when it is first accessed, which raises a `TemplateError` if it has an error.
    machine_names : mapping of str to str
        The names of the state machines by logical id, where they are known before deployment.
    warnings : tuple of str
        What is odd about the template, and yet accepted.
    """

    path: Path
    used: Path
    note: str
    account: str
    region: str
    stack: str
    parameters: Mapping[str, str]
    values: Mapping[str, str]
    functions: Mapping[str, Function]
    state_machines: Mapping[str, StateMachine]
    machine_names: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def other_runtimes(self) -> dict[str, list[str]]:
        """The Python runtimes that are not this Python, each with the logical ids of its functions."""
        others: dict[str, list[str]] = {}
        for function in self.functions.values():
            if function.is_python and function.runtime not in (None, THIS_RUNTIME):
                others.setdefault(str(function.runtime), []).append(function.logical_id)
        return others

    @property
    def built(self) -> bool:
        """Whether the template that ``sam build`` made was read."""
        return self.used != self.path

    def state_machine(self, name: str | None = None) -> StateMachine:
        """Return a state machine by its logical id or its name.

        Parameters
        ----------
        name : str, optional
            May be left out if the template has exactly one.

        Raises
        ------
        TemplateError
            If there is none of that name, if there are several and no name is given, or if the state machine itself has
            an error.
        """
        candidates = ", ".join(self.state_machines) or "none"
        if name is None:
            own = [key for key in self.state_machines if "/" not in key] or list(self.state_machines)
            if len(own) == 1:
                return self.state_machines[own[0]]
            if not self.state_machines:
                raise TemplateError(
                    f"{self.path}: expected a state machine (AWS::Serverless::StateMachine or"
                    " AWS::StepFunctions::StateMachine) among its Resources, found none"
                )
            raise TemplateError(f"{self.path}: which state machine? Name one of: {candidates}")
        if name in self.state_machines:
            return self.state_machines[name]
        for logical_id, known in self.machine_names.items():
            if known == name:
                return self.state_machines[logical_id]
        raise TemplateError(f"{self.path}: no state machine '{name}'; there are: {candidates}")

    def find_function(self, reference: str) -> Function | None:
        """Return the function with a logical id, a name or an ARN, qualified or not; None where there is none."""
        if reference in self.functions:
            return self.functions[reference]
        name, arn = _split_reference(reference)
        for function in self.functions.values():
            if arn == function.arn or (not arn and name == function.name):
                return function
        return None


def _split_reference(reference: str) -> tuple[str, str]:
    """The name in a function reference and its ARN, both unqualified; the ARN is empty if the reference is none.

    The forms are those of Lambda's Invoke: ``name``, ``name:qualifier``, ``account:function:name`` and the ARN.
    """
    head, separator, rest = reference.partition("function:")
    name = (rest if separator else reference).partition(":")[0]
    return name, f"{head}function:{name}" if head.startswith("arn:") else ""
