"""A function's own loggers, and the moments at which they are the process's."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

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
