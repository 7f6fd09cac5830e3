"""The headers in a task's result are those of AWS, whoever has answered."""

import zlib

import pytest

from everypath.integrations.emulator_quirks import as_aws_sends

LOCAL = "http://127.0.0.1:5000/"
MOTO = [
    ("Server", "Werkzeug/3.1.9 Python/3.11.7"),
    ("Date", "Wed, 25 Nov 2026 19:03:08 GMT"),
    ("Content-Type", "application/x-amz-json-1.0"),
    ("x-amzn-requestid", "R1"),
    ("Content-Length", "12"),
    ("Access-Control-Allow-Origin", "*"),
    ("Connection", "close"),
]


def test_a_queue_on_a_stand_in_has_the_headers_that_sqs_sends() -> None:
    assert as_aws_sends("sqs", LOCAL, MOTO, b'{"a": "\xc3\xa9 \\" "}') == [
        ("x-amzn-RequestId", "R1"),
        ("connection", "keep-alive"),
        ("Content-Length", "14"),
        ("Date", "Wed, 25 Nov 2026 19:03:08 GMT"),
        ("Content-Type", "application/x-amz-json-1.0"),
    ]


def test_a_table_on_a_stand_in_has_the_headers_that_dynamodb_sends() -> None:
    headers = dict(as_aws_sends("dynamodb", LOCAL, MOTO, b'{"a": 1}'))
    assert list(headers) == [
        "Server", "Connection", "x-amzn-RequestId", "x-amz-crc32", "Content-Length", "Date", "Content-Type"
    ]  # fmt: skip
    assert headers["Server"] == "Server"
    assert headers["x-amz-crc32"] == str(zlib.crc32(b'{"a":1}'))


def test_the_length_of_what_is_not_json_is_that_of_what_was_sent() -> None:
    xml = [("Content-Type", "text/xml")]
    assert dict(as_aws_sends("sns", LOCAL, xml, b"<a> </a>"))["Content-Length"] == "8"


def test_numbers_are_as_long_as_they_were_sent() -> None:
    assert (
        dict(as_aws_sends("stepfunctions", LOCAL, MOTO, b'{"startDate": 1.764096000123456E9}'))["Content-Length"]
        == "33"
    )


def test_a_header_that_was_not_sent_is_not_made_up() -> None:
    assert [name for name, _ in as_aws_sends("sqs", LOCAL, [], b"{}")] == ["connection", "Content-Length"]


@pytest.mark.parametrize(
    "url",
    ["https://sqs.us-east-1.amazonaws.com/", "https://sqs.cn-north-1.amazonaws.com.cn/", "https://sqs.eu.api.aws"],
)
def test_what_aws_has_sent_stays_as_it_is(url: str) -> None:
    assert as_aws_sends("sqs", url, MOTO, b"{}") == MOTO


def test_a_name_that_only_ends_like_one_of_aws_is_a_stand_in() -> None:
    assert as_aws_sends("sqs", "http://notamazonaws.com/", MOTO, b"{}") != MOTO


def test_the_headers_of_a_service_that_is_not_recorded_stay_as_they_are() -> None:
    assert as_aws_sends("s3", LOCAL, MOTO, b"{}") == MOTO
