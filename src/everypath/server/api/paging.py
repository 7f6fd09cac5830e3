"""Responses in pages: a token names the element after which the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from everypath.server.protocol import ApiError, Json

Element = TypeVar("Element")

#: The size of a page if the request gives none, or 0 (recorded).
DEFAULT_SIZE = 100


def page(elements: Sequence[Element], request: Json, key: Callable[[Element], str]) -> tuple[Sequence[Element], Json]:
    """Return the page that a request asks for, and ``nextToken`` if another one follows.

    Parameters
    ----------
    elements : sequence
        The elements of all pages.
    request : dict
        With ``maxResults`` and ``nextToken``.
    key : callable
        Identifies an element: others may have been added before it when the next page is requested.

    Raises
    ------
    ApiError
        ``InvalidToken``.
    """
    start = 0
    token = request.get("nextToken")
    if token is not None:
        last = _last_key(token)
        index = next((index for index, element in enumerate(elements) if key(element) == last), None)
        if index is None:
            raise invalid_token()
        start = index + 1
    size = int(request.get("maxResults") or DEFAULT_SIZE)
    chosen = elements[start : start + size]
    if start + size >= len(elements):
        return chosen, {}
    return chosen, {"nextToken": urlsafe_b64encode(f"after {key(chosen[-1])}".encode()).decode()}


def invalid_token() -> ApiError:
    """Return the error of a token that the service has not issued."""
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def _last_key(token: str) -> str:
    try:
        text = urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        raise invalid_token() from None
    if not text.startswith("after "):
        raise invalid_token()
    return text.removeprefix("after ")
