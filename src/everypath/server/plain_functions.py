"""Functions without a template: ``NAME=DIR:module.handler`` on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from everypath.errors import InputError
from everypath.sam.model import Function

#: Seconds; where nobody has set a timeout, the longest one of Lambda holds.
TIMEOUT = 900.0
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_HANDLER = re.compile(r"[^\W\d]\w*([./][^\W\d]\w*)*\.[^\W\d]\w*")


def plain_functions(options: Iterable[str], account: str, region: str) -> dict[str, Function]:
    """Return the functions that the options name, by their names.

    Raises
    ------
    InputError
        An option is not of this form, or what it names is not there.
    """
    found: dict[str, Function] = {}
    for option in options:
        function = _function(option, account, region)
        if function.name in found:
            raise InputError(f"--function: expected every name once, but got {function.name} twice")
        found[function.name] = function
    return found


def _function(option: str, account: str, region: str) -> Function:
    name, equals, rest = option.partition("=")
    directory, colon, handler = rest.rpartition(":")
    if not equals or not colon or not directory:
        raise InputError(f"--function: expected NAME=DIR:module.handler, but got {option!r}")
    if not _NAME.fullmatch(name):
        raise _wrong(option, "a name of 1 to 64 letters, digits, hyphens and underscores", name)
    if not _HANDLER.fullmatch(handler):
        raise _wrong(option, "a handler such as app.handler", handler)
    code = Path(directory)
    if not code.is_dir():
        raise _wrong(option, "a directory", directory)
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
        timeout=TIMEOUT,
        place=f"--function {option}",
        log_group=f"/aws/lambda/{name}",
    )


def _wrong(option: str, expected: str, got: str) -> InputError:
    return InputError(f"--function {option}: expected {expected}, but got {got!r}")
