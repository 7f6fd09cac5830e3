"""Nothing is answered that is not on disk, of a server that keeps its state there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from everypath.server.protocol import Json
    from everypath.server.store import Store

_READS = ("Describe", "List", "Get", "Validate")


async def keep(store: Store, operation: str, request: Json, answer: Json) -> None:
    """Keep the state machines and activities that an operation may have changed, and wait until all is on disk.

    Parameters
    ----------
    request, answer : dict
        In which stand the ARNs of what it was about.
    """
    assert store.state is not None
    if not operation.rpartition(".")[2].startswith(_READS):
        for value in (*request.values(), *answer.values()):
            if isinstance(value, str) and value.startswith("arn:"):
                store.changed(value)
    await store.state.flushed()
