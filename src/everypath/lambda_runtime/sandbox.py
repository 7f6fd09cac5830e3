"""What a function finds around it: variables, modules, streams, loggers, working directory."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from everypath.lambda_runtime.environment import FunctionEnvironment, Surroundings, lambda_variables, runtime_name
from everypath.lambda_runtime.error_payloads import LambdaPaths
from everypath.lambda_runtime.modules import FunctionModules
from everypath.lambda_runtime.output import Entered, FunctionLoggers, FunctionOutput

if TYPE_CHECKING:
    from everypath.sam.model import Function


@dataclass(slots=True)
class Program:
    """What the program had before a function ran."""

    environment: Surroundings
    modules: tuple[dict[str, ModuleType], list[str], int]
    output: Entered
    directory: str | None


class Sandbox:
    """An execution environment of Lambda, as far as one process can hold several.

    It lives from a cold start until the function exits or times out, and keeps what the function leaves in it.

    Parameters
    ----------
    function : Function
        Whose it is.

    Attributes
    ----------
    variables : dict of str to str
        The environment variables that it starts with.
    paths : LambdaPaths
        The names that the function's files have on Lambda.
    """

    def __init__(self, function: Function) -> None:
        inline = function.inline_code is not None
        code = str(function.code_dir)
        self.variables = lambda_variables(function)
        self._environment = FunctionEnvironment(self.variables)
        layers = [str(layer) for layer in function.layers]
        self._modules = FunctionModules(layers if inline else [code, *layers], function.inline_code)
        self._output = FunctionOutput(FunctionLoggers(self._modules.owns))
        self._directory = None if inline else code
        self.paths = LambdaPaths(function, runtime_name(function), self._modules.inline_file)

    def enter(self, request_id: str) -> Program:
        """Put the function's surroundings in place; return the program's."""
        return Program(
            self._environment.enter(),
            self._modules.enter(),
            self._output.enter(request_id),
            self._enter_directory(),
        )

    def leave(self, program: Program) -> str:
        """Put the program's surroundings back; return what the function wrote."""
        if program.directory is not None:
            with contextlib.suppress(OSError):  # it may have been deleted meanwhile
                os.chdir(program.directory)
        logs = self._output.leave(program.output)
        self._modules.leave(program.modules)
        self._environment.leave(program.environment)
        return logs

    def _enter_directory(self) -> str | None:
        """Change to the code, which is Lambda's working directory; return the program's."""
        if self._directory is None:
            return None
        try:
            before = os.getcwd()  # noqa: PTH109 - a path object for every invocation costs more than the call
            os.chdir(self._directory)
        except OSError:
            return None
        return before
