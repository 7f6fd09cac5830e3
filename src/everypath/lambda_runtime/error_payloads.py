"""What is sent when a function fails: by the Lambda runtime for Python, or by Lambda itself.

Messages, keys and their order are those of awslambdaric (``bootstrap.py``). What Lambda itself says has two keys, in
the order and the spacing in which the service sends them.
"""

from __future__ import annotations

import json
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from everypath.asl.error_catalog import FUNCTION_RESPONSE_SIZE_TOO_LARGE, RUNTIME_EXIT_ERROR, SANDBOX_TIMEDOUT
from everypath.lambda_runtime.result_json import marshal

if TYPE_CHECKING:
    from everypath.sam.model import Function

Frame = tuple[str, int | None, str, str | None]
"""File, line number, function and source line of a stack frame."""

RESPONSE_LIMIT = 6_291_556
"""Bytes that a synchronous invocation may answer with."""

_OWN_FRAMES = str(Path(__file__).parent)
_NO_FRAME = "line 178, in handle_event_request\n    response = request_handler(event, lambda_context)\n"


@dataclass(frozen=True, slots=True)
class Failed:
    """A failure.

    Parameters
    ----------
    error_type : str
        Its name.
    payload : dict
        The object that tells of it.
    by_platform : bool
        Whether Lambda itself says so, not the runtime.
    """

    error_type: str
    payload: dict[str, Any]
    by_platform: bool = False

    def text(self, *, ascii_only: bool) -> str:
        """Return the payload as it is sent: by Lambda itself without spaces."""
        if self.by_platform:
            return json.dumps(self.payload, separators=(",", ":"))
        return marshal(self.payload, ascii_only=ascii_only)


def runtime_error(message: str, error_type: str, trace: Sequence[str], request_id: str) -> Failed:
    """Return what the runtime sends; while the function starts, `request_id` is empty."""
    payload = {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": list(trace),
    }
    return Failed(error_type, payload)


def platform_error(error_type: str, message: str) -> Failed:
    """Return what Lambda itself sends."""
    return Failed(error_type, {"errorType": error_type, "errorMessage": message}, by_platform=True)


def exited(request_id: str, status: int) -> Failed:
    """Return what Lambda sends for a runtime that ended with an exit status."""
    how = f"Runtime exited with error: exit status {status}" if status else "Runtime exited without providing a reason"
    return platform_error(RUNTIME_EXIT_ERROR, f"RequestId: {request_id} Error: {how}")


def too_large() -> Failed:
    """Return what Lambda sends for a result above `RESPONSE_LIMIT`."""
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
    return platform_error(FUNCTION_RESPONSE_SIZE_TOO_LARGE, message)


def timed_out(request_id: str, timeout: float) -> Failed:
    """Return what Lambda sends for a function that took longer than its timeout, in seconds."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
    return platform_error(SANDBOX_TIMEDOUT, message)


class LambdaPaths:
    """Local files under the names that they have on Lambda.

    Parameters
    ----------
    function : Function
        Its code is in ``/var/task``, its layers in ``/opt/python``; installed packages too are in ``/var/task``,
        where ``sam build`` puts them, and the standard library is in ``/var/lang/lib/pythonX.Y``.
    runtime : str
        Such as ``python3.13``.
    inline_file : str
        The name under which inline code was compiled.
    """

    def __init__(self, function: Function, runtime: str, inline_file: str) -> None:
        paths = sysconfig.get_paths()
        library = f"/var/lang/lib/{runtime}"
        self._runtime = f"{library}/site-packages/awslambdaric/bootstrap.py"
        places = [(paths["stdlib"], library), (paths["platstdlib"], library)]
        places += [(entry, "/var/task") for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
        places += [(str(layer), "/opt/python") for layer in function.layers]
        if function.inline_code is None:
            places.append((str(function.code_dir), "/var/task"))
        # The longest first: site-packages may be in the standard library's directory, a venv in the code's.
        self._places = sorted(places, key=lambda place: -len(place[0]))
        self._inline_file = inline_file

    def on_lambda(self, file: str) -> str:
        """Return the name that a file has on Lambda."""
        if file == self._inline_file:
            return "/var/task/index.py"
        for local, remote in self._places:
            if file.startswith(local) and file[len(local) : len(local) + 1] in ("/", "\\"):
                return remote + file[len(local) :].replace("\\", "/")
        return file

    def in_message(self, message: str) -> str:
        """Return an import error's message, which names files, with the names that they have on Lambda."""
        for local, remote in self._places:
            message = message.replace(f"{local}/", f"{remote}/")
        return message

    def stack_trace(self, trace: TracebackType | None) -> list[str]:
        """Return the lines of a traceback as the runtime writes them: its own first frames left out."""
        frames: list[Frame] = [
            (frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(trace)
        ]
        while frames and frames[0][0].startswith(_OWN_FRAMES):
            frames.pop(0)
        if not frames:  # the handler could not even be called: the runtime then shows its own frame (seen on Lambda)
            return [f'  File "{self._runtime}", {_NO_FRAME}']
        return traceback.format_list([(self.on_lambda(frame[0]), *frame[1:]) for frame in frames])  # type: ignore[misc]
