"""Amazon S3 as the store that distributed Maps read their items from and write their results to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from everypath.engine.item_store import StoreFailure
from everypath.integrations import guard

if TYPE_CHECKING:
    from everypath.integrations.clients import Connections

Answer = TypeVar("Answer")


class S3Items:
    """The objects of one region, wherever ``AWS_ENDPOINT_URL`` and the credentials lead.

    Its methods block; see `everypath.engine.item_store.ItemStore`, which it is.

    Parameters
    ----------
    connections : Connections
        Makes the boto3 clients.
    region : str
        Where S3 is called: the bucket must be in the state machine's region (AWS: "ResultWriter (Map)").
    """

    blocks = True

    def __init__(self, connections: Connections, region: str) -> None:
        self._connections = connections
        self._region = region

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the content of an object.

        Parameters
        ----------
        parameters : mapping
            Of S3's GetObject.

        Raises
        ------
        StoreFailure
            S3 has refused, or was not reached.
        """
        content: bytes = _reach(lambda: self._client().get_object(**parameters)["Body"].read())
        return content

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        """Return the first `limit` objects of a bucket, all of its pages where it is None.

        Parameters
        ----------
        parameters : mapping
            Of S3's ListObjectsV2.
        limit : int or None
            How many.

        Raises
        ------
        StoreFailure
            S3 has refused, or was not reached.
        """
        return _reach(lambda: self._listed(parameters, limit))

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        """Write an object.

        Parameters
        ----------
        parameters : mapping
            Of S3's PutObject.

        Raises
        ------
        StoreFailure
            S3 has refused, or was not reached.
        """
        _reach(lambda: self._client().put_object(**parameters))

    def _listed(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in self._client().get_paginator("list_objects_v2").paginate(**parameters):
            found += page.get("Contents", [])
            if limit is not None and len(found) >= limit:
                break
        return found[:limit]

    def _client(self) -> Any:
        return self._connections.client("s3", self._region)


def _reach(attempt: Callable[[], Answer]) -> Answer:
    """Turn whatever boto3 raises into the failure that a catcher sees."""
    try:
        return guard.reach(attempt)
    except guard.Refused as refused:
        raise StoreFailure(_refusal(refused.response)) from refused
    except guard.NoAnswer as problem:
        raise StoreFailure(str(problem)) from problem


def _refusal(response: Mapping[str, Any]) -> str:
    """A refusal in the form in which the causes of optimized integrations have it (recorded for other services)."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return (
        f"{error.get('Message')} (Service: Amazon S3; Status Code: {metadata.get('HTTPStatusCode', 400)}; "
        f"Error Code: {error.get('Code')}; Request ID: {metadata.get('RequestId')}; Proxy: null)"
    )
