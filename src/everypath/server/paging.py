"""Answers in pages: a token says after which item the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from everypath.server.protocol import ApiError, Json

Item = TypeVar("Item")

#: MapItems of a page where the request does not say, or says 0 (recorded).
DEFAULT = 100


def page(items: Sequence[Item], request: Json, key: Callable[[Item], str]) -> tuple[Sequence[Item], Json]:
    """Return the items of the page that a request asks for, and the ``nextToken`` where there are more.

    Parameters
    ----------
    items : sequence
        All items.
    request : dict
        With ``maxResults`` and ``nextToken``.
    key : callable
        What an item is found again by: more may have come before it when the next page is asked for.

    Raises
    ------
    ApiError
        ``InvalidToken``.
    """
    start = 0
    token = request.get("nextToken")
    if token is not None:
        last = _last(token)
        found = next((index for index, item in enumerate(items) if key(item) == last), None)
        if found is None:
            raise invalid_token()
        start = found + 1
    size = int(request.get("maxResults") or DEFAULT)
    chosen = items[start : start + size]
    if start + size >= len(items):
        return chosen, {}
    return chosen, {"nextToken": urlsafe_b64encode(f"after {key(chosen[-1])}".encode()).decode()}


def invalid_token() -> ApiError:
    """Return the refusal of a token that was never given out."""
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def _last(token: str) -> str:
    try:
        text = urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        raise invalid_token() from None
    if not text.startswith("after "):
        raise invalid_token()
    return text.removeprefix("after ")
