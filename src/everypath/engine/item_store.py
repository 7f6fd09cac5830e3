"""Where a distributed Map reads its items from, and writes its results to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class StoreFailure(Exception):
    """The store has refused, or was not reached; the message is the cause that a catcher sees."""


class ItemStore(Protocol):
    """The three operations of Amazon S3 that a Map may name; they block, and are called in a thread.

    Each takes the API's own parameters, as ``ItemReader`` and ``ResultWriter`` have them, and raises `StoreFailure`.

    Attributes
    ----------
    blocks : bool
        Whether they take time. Those of a store in memory do not: they are called at once, and no time passes.
    """

    blocks: bool

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the content of an object."""
        ...

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        """Return the first `limit` objects of a bucket, all of its pages where it is None.

        Each has what S3 gives: ``ETag``, ``LastModified`` as a datetime, ``Key``, ``Size``, ``StorageClass``.
        """
        ...

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        """Write an object."""
        ...
