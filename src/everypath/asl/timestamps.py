"""Timestamps as Step Functions reads and writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# RFC 3339 with an upper-case T and Z, as the specification of the Amazon States Language demands.
_RFC3339 = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)

#: What AWS says of any other text (recorded: validation).
NO_TIMESTAMP = "String does not match RFC3339 timestamp"


def parse_timestamp(text: object) -> float | None:
    """Return a timestamp's seconds since the epoch; None where `text` is not an RFC 3339 timestamp.

    Fractions may be of any length (recorded: nanoseconds); they are truncated to microseconds.
    """
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    fraction = (match[7] or ".0")[1:7]
    zone = "+00:00" if match[8] == "Z" else match[8]
    try:
        return datetime.fromisoformat(f"{match[0][:19]}.{fraction:<06}{zone}").timestamp()
    except (ValueError, OverflowError):
        return None


def format_timestamp(seconds: float) -> str:
    """Return seconds since the epoch as the context object writes them: ``2026-01-01T00:00:00.000Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
