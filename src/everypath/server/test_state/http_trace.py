"""What TRACE shows of an HTTP Task: the request that was sent, and the response.

Source: the example "Using TRACE inspectionLevel and revealSecrets" in AWS's guide to TestState.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from everypath.integrations.http_call import Exchange, Reply, Request
from everypath.server.protocol import Json


def shown(exchange: Exchange, *, reveal: bool) -> Json:
    """Return ``request`` and, if there was one, ``response`` of the inspection data.

    Parameters
    ----------
    reveal : bool
        Whether what the connection has added to the request is shown; it is left out otherwise, and the response shown
        as it came (AWS: API reference).
    """
    protocol = urlsplit(exchange.request.url).scheme
    found = {"request": _request(exchange.request if reveal else exchange.public, protocol)}
    return found if exchange.reply is None else found | {"response": _response(exchange.reply, protocol)}


def _request(request: Request, protocol: str) -> Json:
    found = {
        "protocol": protocol,
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers.items()),
    }
    return found if request.body is None else found | {"body": request.body}


def _response(reply: Reply, protocol: str) -> Json:
    return {
        "protocol": protocol,
        "statusCode": str(reply.status),
        "statusMessage": reply.reason,
        "headers": _headers((name, value) for name, values in reply.headers.items() for value in values),
        "body": reply.text,
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> str:
    return f"[{', '.join(f'{name}: {value}' for name, value in pairs)}]"
