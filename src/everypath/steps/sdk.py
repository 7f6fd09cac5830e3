"""The one place that touches the AWS Data Science SDK (``stepfunctions``): loads its steps, nothing else.

``import stepfunctions`` imports SageMaker (64 packages, seconds) and ``pkg_resources``, which setuptools 82
dropped. The modules that define the steps need neither: only the ``__init__`` of the two packages above them
does. So those two are replaced by empty packages with the same search path while the step modules are
imported, and taken away again:

- Nothing half-made stays in `sys.modules`. A later ``import stepfunctions`` runs as if this module had never
  been.
- The classes stay the same ones. When a later import asks for a module that was loaded here, `_LoadedAlready`
  hands that module over instead of letting Python execute it a second time, so ``isinstance`` holds both
  ways.
- When the real package is imported already, its modules are used as they are.

It needs the package's files and its metadata only: ``pip install --no-deps stepfunctions`` and uv's
``exclude-dependencies = ["sagemaker"]`` both leave them.
"""
# ruff: noqa: D101, D102, D103 - the SDK's classes are declared below for mypy, and documented by the SDK

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from everypath.steps.errors import SdkError

INSTALL = "pip install --no-deps 'stepfunctions>=2.3,<3' (with uv, see docs/steps.md)"
_SUPPORTED = (2, 3)
_MODULES = ("stepfunctions.steps.states", "stepfunctions.steps.choice_rule", "stepfunctions.inputs")


class _LoadedAlready(MetaPathFinder, Loader):
    """Hands out modules that were imported before, once each, to whoever imports the real package later."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules = modules
        self._specs = {name: module.__spec__ for name, module in modules.items()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._modules:
            return None
        return ModuleSpec(fullname, self, is_package=hasattr(self._modules[fullname], "__path__"))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        # The import system has put this finder's spec on the module; its own one says where its source is.
        module.__spec__ = self._specs[module.__name__]
        del self._modules[module.__name__]
        # A package that comes back whole asks for nothing inside it any more.
        for name in [name for name in self._modules if name.startswith(f"{module.__name__}.")]:
            sys.modules[name] = self._modules.pop(name)
        if not self._modules:
            sys.meta_path.remove(self)


def _check_version() -> None:
    try:
        version = importlib.metadata.version("stepfunctions")
    except importlib.metadata.PackageNotFoundError:
        raise SdkError(f"everypath.steps needs the AWS Data Science SDK, which is not installed: {INSTALL}") from None
    numbers = re.match(r"(\d+)\.(\d+)", version)
    major, minor = (int(number) for number in numbers.groups()) if numbers else (0, 0)
    if major != _SUPPORTED[0] or minor < _SUPPORTED[1]:
        raise SdkError(f"everypath.steps needs stepfunctions 2.3 or a later 2.x, found {version}: {INSTALL}")


def _search_paths() -> dict[str, list[str]]:
    spec = importlib.util.find_spec("stepfunctions")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return {"stepfunctions": folders, "stepfunctions.steps": [f"{folder}/steps" for folder in folders]}


def _import_steps() -> tuple[ModuleType, ModuleType, ModuleType]:
    with warnings.catch_warnings():
        # states.py compares a string with `is`; Python says so whenever it compiles the file anew.
        warnings.simplefilter("ignore", SyntaxWarning)
        states, rules, inputs = map(importlib.import_module, _MODULES)
        return states, rules, inputs


def load_steps() -> tuple[ModuleType, ModuleType, ModuleType]:
    """Return the SDK's ``steps.states``, ``steps.choice_rule`` and ``inputs`` modules, without SageMaker.

    Raises
    ------
    SdkError
        When ``stepfunctions`` is absent, not of version 2.3 or a later 2.x, or hidden by another package of
        its name.
    """
    _check_version()
    if "stepfunctions" in sys.modules:
        return _import_steps()
    before = set(sys.modules)
    search_paths = _search_paths()
    for name, path in search_paths.items():
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = path
    try:
        modules = _import_steps()
    except ImportError as error:
        _take_away(before)
        found = ", ".join(search_paths["stepfunctions"]) or "a place that is no folder"
        raise SdkError(
            f"the package 'stepfunctions' at {found} is not the AWS Data Science SDK ({error}); "
            f"rename it if it is your own, or install the SDK again: {INSTALL}"
        ) from error
    loaded = _take_away(before)
    sys.meta_path.insert(0, _LoadedAlready({name: loaded[name] for name in loaded if name not in search_paths}))
    return modules


def _take_away(before: set[str]) -> dict[str, ModuleType]:
    """Remove every module of the SDK that was not imported `before`, and return them."""
    new = [name for name in sys.modules if name not in before and name.split(".")[0] == "stepfunctions"]
    return {name: sys.modules.pop(name) for name in new}


if TYPE_CHECKING:
    # The SDK is untyped. These are the parts of it that everypath.steps stands on, as 2.3.0 has them.

    def to_pascalcase(text: str) -> str: ...

    class Placeholder:
        def __getitem__(self, name: str | int) -> Placeholder: ...
        def to_jsonpath(self) -> str: ...

    class StepInput(Placeholder):
        def __init__(self, schema: dict[str, Any] | None = None) -> None: ...

    class ExecutionInput(Placeholder):
        def __init__(self, schema: dict[str, Any] | None = None) -> None: ...

    class Block:
        fields: dict[str, Any]

        def __init__(self, **fields: Any) -> None: ...
        def is_field_allowed(self, field_name: str) -> bool: ...
        def to_dict(self) -> dict[str, Any]: ...
        def to_json(self, pretty: bool = False) -> str: ...

    class Retry(Block): ...

    class Catch(Block):
        next_step: Any

        def __init__(self, next_step: Any, **fields: Any) -> None: ...

    class State(Block):
        state_id: str
        state_type: str
        next_step: Any
        retries: list[Any]
        catches: list[Any]

        # The single types say their state_type themselves.
        def __init__(self, state_id: str, state_type: str = ..., **fields: Any) -> None: ...
        def output(self) -> StepInput: ...

    class Pass(State): ...

    class Succeed(State): ...

    class Fail(State): ...

    class Wait(State): ...

    class Task(State): ...

    class Choice(State):
        choices: list[Any]
        default: Any

    class Parallel(State):
        branches: list[Any]

    class Map(State): ...

    class Chain:
        steps: list[State]

        def __init__(self, steps: list[Any] = ...) -> None: ...
        def append(self, step: State) -> None: ...
        @property
        def state_id(self) -> str: ...

    class Graph(Block):
        def __init__(self, branch: Any, **fields: Any) -> None: ...

    class BaseRule:
        def to_dict(self) -> dict[str, Any]: ...

    class Rule(BaseRule):
        variable: str | Placeholder
        operator: str
        value: Any

        def __init__(self, variable: str | Placeholder, operator: str, value: Any) -> None: ...

    class CompoundRule(BaseRule):
        operator: str
        rules: list[BaseRule]

        def __init__(self, operator: str, rules: list[Any]) -> None: ...

    class NotRule(BaseRule):
        rule: BaseRule

        def __init__(self, rule: BaseRule) -> None: ...

    class ChoiceRule: ...

else:
    _states, _rules, _inputs = load_steps()
    to_pascalcase = _states.to_pascalcase
    Placeholder, StepInput, ExecutionInput = _inputs.Placeholder, _inputs.StepInput, _inputs.ExecutionInput
    Block, Retry, Catch, State = _states.Block, _states.Retry, _states.Catch, _states.State
    Pass, Succeed, Fail, Wait = _states.Pass, _states.Succeed, _states.Fail, _states.Wait
    Task, Choice, Parallel, Map = _states.Task, _states.Choice, _states.Parallel, _states.Map
    Chain, Graph = _states.Chain, _states.Graph
    BaseRule, Rule, CompoundRule = _rules.BaseRule, _rules.Rule, _rules.CompoundRule
    NotRule, ChoiceRule = _rules.NotRule, _rules.ChoiceRule
