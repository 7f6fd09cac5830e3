"""Functions that are in no template: ``NAME=DIR:module.handler``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from everypath.errors import InputError
from everypath.sam.model import Function

#: The timeout of a function without a template, in seconds: the longest that Lambda allows.
LONGEST_TIMEOUT = 900.0
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_HANDLER = re.compile(r"[^\W\d]\w*([./][^\W\d]\w*)*\.[^\W\d]\w*")


def plain_functions(options: Iterable[str], account: str, region: str) -> dict[str, Function]:
    """Return functions without a template, given as ``NAME=DIR:module.handler``, by their names.

    Raises
    ------
    InputError
        An option has another form, or its handler does not exist.
    """
    functions: dict[str, Function] = {}
    for option in options:
        function = _plain_function(option, account, region)
        if function.name in functions:
            raise InputError(f"--function: expected every name once, but got {function.name} twice")
        functions[function.name] = function
    return functions


def _plain_function(option: str, account: str, region: str) -> Function:
    name, equals, rest = option.partition("=")
    directory, colon, handler = rest.rpartition(":")
    if not equals or not colon or not directory:
        raise InputError(f"--function: expected NAME=DIR:module.handler, but got {option!r}")
    if not _NAME.fullmatch(name):
        raise _unexpected(option, "a name of 1 to 64 letters, digits, hyphens and underscores", name)
    if not _HANDLER.fullmatch(handler):
        raise _unexpected(option, "a handler such as app.handler", handler)
    code = Path(directory)
    if not code.is_dir():
        raise _unexpected(option, "a directory", directory)
    module = code / handler.rpartition(".")[0].replace(".", "/")
    if not module.with_name(f"{module.name}.py").is_file() and not (module / "__init__.py").is_file():
        raise InputError(f"--function {option}: {directory} has no module {handler.rpartition('.')[0]}")
    return Function(
        logical_id=name,
        name=name,
        arn=f"arn:aws:lambda:{region}:{account}:function:{name}",
        code_dir=code.absolute(),
        handler=handler,
        runtime=None,
        timeout=LONGEST_TIMEOUT,
        place=f"--function {option}",
        log_group=f"/aws/lambda/{name}",
    )


def _unexpected(option: str, expected: str, got: str) -> InputError:
    return InputError(f"--function {option}: expected {expected}, but got {got!r}")
