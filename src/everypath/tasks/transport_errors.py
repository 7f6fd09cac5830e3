"""What went wrong on the way to a service, in the words of the Java SDK, which a cause quotes."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

_UNREACHED = "Unable to execute HTTP request: "
_NO_CREDENTIALS = (
    "Unable to load credentials from any of the providers in the chain. Set AWS_ACCESS_KEY_ID and"
    " AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; where AWS_ENDPOINT_URL names a stand-in, any values will do."
)


def describe(error: Exception) -> str:
    """Return the message of Java's SDK for an exception of botocore that has no answer from a service.

    Parameters
    ----------
    error : Exception
        A `botocore.exceptions.BotoCoreError`.
    """
    from botocore import exceptions as boto

    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
        return f"{_NO_CREDENTIALS} ({error})"
    if isinstance(error, boto.ReadTimeoutError):
        return f"{_UNREACHED}Read timed out"
    if isinstance(error, boto.ConnectTimeoutError):
        return unreached(_endpoint(error), "connect timed out")
    if isinstance(error, boto.EndpointConnectionError):
        return unreached(_endpoint(error), _reason(error))
    if isinstance(error, boto.ConnectionError):
        return f"{_UNREACHED}{error}"
    return str(error)


def unreached(url: str, reason: str) -> str:
    """Return the message for an endpoint that could not be connected to.

    Parameters
    ----------
    url : str
        The endpoint.
    reason : str
        ``Name or service not known`` (recorded), ``Connection refused`` and the like.
    """
    parts = urlsplit(url)
    host = parts.hostname or url
    if reason == "Name or service not known":
        return f"{_UNREACHED}{host}: {reason}"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{_UNREACHED}Connect to {host}:{port} [{host}] failed: {reason}"


def reason_of(error: BaseException | None) -> str:
    """Return why a connection failed, from an exception of urllib3 or of the operating system."""
    while error is not None:
        if isinstance(error, socket.gaierror) or type(error).__name__ == "NameResolutionError":
            return "Name or service not known"
        if isinstance(error, ConnectionRefusedError):
            return "Connection refused (Connection refused)"
        if isinstance(error, TimeoutError):
            return "connect timed out"
        error = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(error, BaseException):
            break
    return "Connection refused (Connection refused)"


def _endpoint(error: Any) -> str:
    return str(error.kwargs.get("endpoint_url", ""))


def _reason(error: Any) -> str:
    return reason_of(error.kwargs.get("error"))
