"""Whether values of two histories are equivalent, apart from what differs between any two executions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from everypath.history.events import FAILED_IN_STATE

_CHANGING = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # ids
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"  # moments
)
_ARN = re.compile(r"arn:[\w-]+:([\w-]+):[\w-]*:\d*:(.+)", re.DOTALL)
_URL = re.compile(r"https?://[^/]*amazonaws\.com[^/]*/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Compares the data of a recorded history with that of a replay.

    Parameters
    ----------
    own : frozenset of str
        What only the replay has: its ARNs, its name, its task tokens. The recorded execution had others there.
    stack : str
        The stack's name: generated names of resources begin with it.
    """

    own: frozenset[str] = frozenset()
    stack: str = ""

    def differences(self, recorded: Any, now: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
        """Yield place, recorded value and value now for each difference."""
        if isinstance(recorded, dict) and isinstance(now, dict):
            for name in [*recorded, *(name for name in now if name not in recorded)]:
                inner = f"{place}.{name}" if place else name
                if name not in now or name not in recorded:
                    yield inner, recorded.get(name, MISSING), now.get(name, MISSING)
                else:
                    yield from self.differences(recorded[name], now[name], inner)
        elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
            for index, (before, after) in enumerate(zip(recorded, now, strict=True)):
                yield from self.differences(before, after, f"{place}[{index}]")
        elif not self.equivalent(recorded, now):
            before, after = _json(recorded), _json(now)
            if before is None or after is None:
                yield place, recorded, now
            else:
                # A cause, and the input of a child execution, may be JSON texts inside JSON data.
                yield from self.differences(before, after, place)

    def equivalent(self, recorded: Any, now: Any) -> bool:
        """Whether two values without members are equivalent."""
        if not isinstance(recorded, str) or not isinstance(now, str):
            return bool(recorded == now) and isinstance(recorded, bool) == isinstance(now, bool)
        if recorded == now or any(text in now for text in self.own):
            return True
        return _constant(recorded) == _constant(now) or self.same_resource(recorded, now)

    def same_resource(self, recorded: str, now: str) -> bool:
        """Whether two ARNs, URLs or names name the same resource, in another account or another stack."""
        for pattern in (_ARN, _URL):
            before, after = pattern.fullmatch(recorded), pattern.fullmatch(now)
            if before and after:
                *kinds_before, name_before = before.groups()
                *kinds_after, name_after = after.groups()
                return kinds_before == kinds_after and self._same_name(_last(name_before), _last(name_after))
        return self._is_generated(now) and self._same_name(recorded, now)

    def _is_generated(self, name: str) -> bool:
        return bool(self.stack) and name.startswith(f"{self.stack}-")

    def _same_name(self, recorded: str, now: str) -> bool:
        logical = now.removeprefix(f"{self.stack}-") if self._is_generated(now) else now
        return recorded == now or (self._is_generated(now) and logical in recorded)


#: The value of the side that has none.
MISSING = object()


def _json(text: Any) -> Any:
    """The object or array that a string is the JSON text of; None where it is not one."""
    if not isinstance(text, str) or text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _constant(text: str) -> str:
    return _CHANGING.sub("<>", FAILED_IN_STATE.sub("", text))


def _last(name: str) -> str:
    return re.split(r"[/:]", name)[-1] if "function:" not in name else name.split(":")[1]
