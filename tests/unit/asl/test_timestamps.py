from __future__ import annotations

import pytest

from everypath.asl.timestamps import format_timestamp, parse_timestamp, written_timestamp


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:00.5Z", 0.5),
        ("1970-01-01T00:00:00.123456789Z", 0.123456),
        ("1970-01-01T00:01Z", 60.0),
        ("1970-01-01t00:00:01z", 1.0),
        ("1970-01-01T01:00+01:00", 0.0),
        ("1970-01-01T01:00:00+01", 0.0),
    ],
)
def test_a_timestamp_is_read(text: str, seconds: float) -> None:
    assert parse_timestamp(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["2016-13-05T21:29:29Z", "2016-12-05T25:29:29Z", "2016-12-05 21:29:29Z", "2016-12-05T21:29:29",
     "05-12-2016T21:29:29Z", "2016-12-05T21Z", "2016-12-05T21:29.5Z", "2016-12-05T21:29:29.1234567890Z",
     "2016-12-05T21:29:29+0100", "2016-02-30T01:59:00Z", "", 5, None],
)  # fmt: skip
def test_what_is_no_timestamp_is_none(text: object) -> None:
    assert parse_timestamp(text) is None
    assert written_timestamp(text) is None


@pytest.mark.parametrize("text", ["2016-12-05t21:29:29Z", "2016-12-05T21:29:29z", "2016-12-05T21:29Z"])
def test_a_timestamp_of_the_definition_must_be_as_rfc_3339_has_it(text: str) -> None:
    assert parse_timestamp(text) is not None
    assert written_timestamp(text) is None
    assert written_timestamp("2016-12-05T21:29:29.5+01:00") is not None


def test_a_timestamp_is_written_with_milliseconds() -> None:
    assert format_timestamp(1.5) == "1970-01-01T00:00:01.500Z"
