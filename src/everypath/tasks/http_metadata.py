"""What HTTP said, as the results of optimized integrations hold it (recorded)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def metadata_of(headers: Iterable[tuple[str, str]], status: int, request_id: str) -> dict[str, Any]:
    """Return ``SdkHttpMetadata`` and ``SdkResponseMetadata``; header names are sorted regardless of their case."""
    every: dict[str, list[str]] = {}
    for name, value in headers:
        every.setdefault(name, []).append(value)
    single = {name: every[name][0] for name in sorted(every, key=str.lower)}
    return {
        "SdkHttpMetadata": {"AllHttpHeaders": every, "HttpHeaders": single, "HttpStatusCode": status},
        "SdkResponseMetadata": {"RequestId": request_id},
    }
