"""Timestamps as Step Functions reads and writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# RFC 3339 with an upper-case T and Z, as the specification of the Amazon States Language demands.
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_ISO_OFFSET = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?(?:\.(\d*))?(Z|[+-]\d{2}(?::\d{2}(?::\d{2})?)?)",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = 9

#: What AWS says of any other text (recorded: validation).
NO_TIMESTAMP = "String does not match RFC3339 timestamp"


def written_timestamp(text: object) -> float | None:
    """Return the seconds since the epoch of a timestamp in a definition; None where it is not as RFC 3339 has it.

    AWS is stricter with it than with one that an expression or a path gives: see `parse_timestamp`.
    """
    return parse_timestamp(text) if isinstance(text, str) and _RFC3339.fullmatch(text) else None


def parse_timestamp(text: object) -> float | None:
    """Return a timestamp's seconds since the epoch; None where `text` is none.

    AWS reads what Java calls ISO_OFFSET_DATE_TIME: the seconds and the minutes of the offset may be left out, T and Z
    may be in lower case (measured in 2026), and a fraction may have nine digits; it is cut off at microseconds.
    """
    match = _ISO_OFFSET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    date, minutes, seconds, fraction, zone = match.groups()
    if fraction is not None and (seconds is None or len(fraction) > _DIGITS):
        return None
    offset = {"Z": "+00:00"}.get(zone.upper(), zone if ":" in zone else f"{zone}:00")
    try:
        return datetime.fromisoformat(
            f"{date}T{minutes}{seconds or ':00'}.{(fraction or '')[:6]:<06}{offset}"
        ).timestamp()
    except (ValueError, OverflowError):
        return None


def format_timestamp(seconds: float) -> str:
    """Return seconds since the epoch as the context object writes them: ``2026-01-01T00:00:00.000Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
