"""What functions write: their standard streams and the root logger of the Lambda runtime."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO


class _CurrentInvocation(io.BufferedIOBase):
    """Bytes written by the function that runs now.

    Libraries keep the stream that they found when they were imported (a log handler of Powertools, for example), so
    there is one for the whole process, and it hands over to the invocation of the moment.
    """

    name = "<function>"

    def __init__(self) -> None:
        self.invocations: list[bytearray] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        if self.invocations:
            self.invocations[-1] += data
        elif sys.__stderr__ is not None:  # a thread that outlived its invocation, which Lambda would have frozen
            sys.__stderr__.write(bytes(data).decode(errors="backslashreplace"))
        return len(data)

    def close(self) -> None:
        """Stay open: a function that closes its stdout must not take it from the others."""


_BYTES = _CurrentInvocation()


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(_BYTES, "utf-8", "backslashreplace", newline="\n", write_through=True)


_STDOUT, _STDERR = _stream(), _stream()


class _RuntimeHandler(logging.Handler):
    """The handler that the Lambda runtime puts on the root logger (awslambdaric, ``bootstrap.py``)."""

    def __init__(self) -> None:
        super().__init__()
        self.request_id = ""
        form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = self.request_id
        _STDOUT.write(self.format(record))


@dataclass(slots=True)
class _Logging:
    """State of the root logger."""

    handlers: list[logging.Handler]
    filters: list[Any]
    level: int
    disabled: int

    @classmethod
    def now(cls) -> _Logging:
        root = logging.root
        return cls(root.handlers, root.filters, root.level, root.manager.disable)

    def apply(self) -> None:
        root = logging.root
        root.handlers, root.filters = self.handlers, self.filters
        if root.level != self.level:
            root.setLevel(self.level)
        if root.manager.disable != self.disabled:
            logging.disable(self.disabled)


@dataclass(slots=True)
class Entered:
    """The program's streams and loggers."""

    stdout: TextIO
    stderr: TextIO
    root: _Logging
    loggers: tuple[Loggers, int]


class FunctionOutput:
    """A function's streams and logging, which are the process's only while the function runs.

    The root logger has the runtime's handler and level, and keeps what the function makes of them.

    Parameters
    ----------
    loggers : FunctionLoggers
        The loggers that are the function's own.
    """

    def __init__(self, loggers: FunctionLoggers) -> None:
        self._runtime_handler = _RuntimeHandler()
        self._logging = _Logging([self._runtime_handler], [], logging.WARNING, logging.NOTSET)
        self._loggers = loggers

    def enter(self, request_id: str) -> Entered:
        """Put the function's streams and loggers in place; return what `leave` needs."""
        entered = Entered(sys.stdout, sys.stderr, _Logging.now(), self._loggers.enter())
        _BYTES.invocations.append(bytearray())
        sys.stdout, sys.stderr = _STDOUT, _STDERR
        self._runtime_handler.request_id = request_id
        self._logging.apply()
        return entered

    def leave(self, entered: Entered) -> str:
        """Put the program's streams and loggers back; return what was written."""
        self._logging = _Logging.now()
        entered.root.apply()
        self._loggers.leave(entered.loggers)
        sys.stdout, sys.stderr = entered.stdout, entered.stderr
        return _BYTES.invocations.pop().decode(errors="backslashreplace")


Loggers = dict[str, logging.Logger | logging.PlaceHolder]
"""By name, as `logging` keeps them."""


class FunctionLoggers:
    """Loggers that `logging.getLogger` knows only while the function runs.

    Python keeps loggers by name for the whole process, and Powertools names its own after the service: two functions
    of one service would share a logger with its handlers, keys and level, and so would a unit test that imported the
    handler. Loggers called like a module that is loaded and not the function's own are shared: they belong to
    libraries, which hold on to them.

    Parameters
    ----------
    owns : callable
        Whether a module of that name would be the function's.
    """

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self._owns = owns
        self._own: Loggers = {}
        self._foreign: list[str] = []
        self._seen = 0

    def enter(self) -> tuple[Loggers, int]:
        """Put the function's loggers in place; return what `leave` needs."""
        known = logging.root.manager.loggerDict
        if len(known) != self._seen:  # loggers never go away, so a new one shows in their number
            self._seen = len(known)
            self._foreign = [name for name in known if not self._is_shared(name)]
        hidden = {name: known.pop(name) for name in self._foreign if name in known}
        known.update(self._own)
        return hidden, len(known)

    def leave(self, entered: tuple[Loggers, int]) -> None:
        """Put the program's loggers back, and keep those that the function made."""
        hidden, count = entered
        known = logging.root.manager.loggerDict
        if len(known) != count:
            made = list(known)[count:]  # a dict keeps the order in which keys came
            self._own |= {name: known[name] for name in made if not self._is_shared(name)}
        for name in self._own:
            known.pop(name, None)
        known.update(hidden)

    def _is_shared(self, name: str) -> bool:
        return name.partition(".")[0] in sys.modules and not self._owns(name)
