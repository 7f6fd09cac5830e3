from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from everypath.engine.item_store import StoreFailure
from everypath.integrations.s3_items import S3Items


class Client:
    """A client of S3 that has one object and two pages."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []
        self.pages = 0

    def get_object(self, **parameters: Any) -> dict[str, Any]:
        if parameters["Key"] == "unreachable":
            raise EndpointConnectionError(endpoint_url="http://localhost:1", error=ConnectionRefusedError())
        if parameters["Key"] != "file":
            response = {
                "Error": {"Code": "NoSuchKey", "Message": "The specified key does not exist."},
                "ResponseMetadata": {"HTTPStatusCode": 404, "RequestId": "R"},
            }
            raise ClientError(response, "GetObject")
        return {"Body": io.BytesIO(b"content")}

    def put_object(self, **parameters: Any) -> None:
        self.written.append(parameters)

    def get_paginator(self, name: str) -> Client:
        assert name == "list_objects_v2"
        return self

    def paginate(self, **parameters: Any) -> Any:
        for page in (["a", "b"], ["c"]):
            self.pages += 1
            yield {"Contents": [{"Key": parameters["Prefix"] + key} for key in page]}
        yield {}


class Connections:
    def __init__(self) -> None:
        self.s3 = Client()

    def client(self, service: str, region: str) -> Client:
        assert (service, region) == ("s3", "eu-west-1")
        return self.s3


@pytest.fixture
def connections() -> Connections:
    return Connections()


@pytest.fixture
def items(connections: Connections) -> S3Items:
    return S3Items(connections, "eu-west-1")  # type: ignore[arg-type]


def test_an_object_is_read_whole(items: S3Items) -> None:
    assert items.get_object({"Bucket": "b", "Key": "file"}) == b"content"


def test_what_s3_refuses_is_told_as_an_optimized_integration_tells_it(items: S3Items) -> None:
    with pytest.raises(StoreFailure) as raised:
        items.get_object({"Bucket": "b", "Key": "none"})
    assert str(raised.value) == (
        "The specified key does not exist. (Service: Amazon S3; Status Code: 404; Error Code: NoSuchKey; "
        "Request ID: R; Proxy: null)"
    )


def test_an_endpoint_that_is_not_reached_is_a_failure_of_the_store(items: S3Items) -> None:
    with pytest.raises(StoreFailure, match="Unable to execute HTTP request"):
        items.get_object({"Bucket": "b", "Key": "unreachable"})


def test_all_pages_of_a_bucket_are_listed(items: S3Items) -> None:
    found = items.list_objects({"Bucket": "b", "Prefix": "p/"}, None)
    assert [each["Key"] for each in found] == ["p/a", "p/b", "p/c"]


def test_no_more_pages_are_asked_for_than_the_limit_needs(items: S3Items, connections: Connections) -> None:
    assert len(items.list_objects({"Bucket": "b", "Prefix": "p/"}, 1)) == 1
    assert connections.s3.pages == 1


def test_an_object_is_written_with_the_parameters_given(items: S3Items, connections: Connections) -> None:
    items.put_object({"Bucket": "b", "Key": "k", "Body": b"x"})
    assert connections.s3.written == [{"Bucket": "b", "Key": "k", "Body": b"x"}]
