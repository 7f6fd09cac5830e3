"""Which ``Host`` headers a server on loopback answers to.

A page in a browser can have a name of its own lead to 127.0.0.1 and so reach a server here; its requests carry that
name. Executions run code, so a server that listens on loopback answers only to the names of this machine.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_NAMES = frozenset({"localhost", "host.docker.internal"})
#: What boto3 puts before the name for StartSyncExecution and TestState.
_SYNC = "sync-"


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=64)
def answers_to(header: str) -> bool:
    """Whether a server on loopback answers to a ``Host`` header."""
    name = _without_port(header).lower().rstrip(".").removeprefix(_SYNC)
    return name in _NAMES or name.endswith(".localhost") or is_loopback(name)


def _without_port(header: str) -> str:
    if header.startswith("["):
        name, bracket, _ = header[1:].partition("]")
        return name if bracket else header
    return header.rpartition(":")[0] if header.count(":") == 1 else header
