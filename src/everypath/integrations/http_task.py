"""``http:invoke``, the HTTP Task: any API over HTTPS, with the credentials of an EventBridge connection.

Source: "Call HTTPS APIs in Step Functions workflows" in the developer guide; the words of what it calls a
``States.Runtime`` are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from everypath.asl.error_catalog import HTTP_SOCKET, RUNTIME, http_status_error
from everypath.integrations import http_call
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.integrations.http_call import Exchange, Reply
from everypath.integrations.http_connection import Client, additions_of, connection_arn
from everypath.integrations.http_request import UnusableRequest, made_request

#: Seconds after which the real service gives up.
_TIMEOUT = 60
_NO_CONNECTION = (
    "The Parameters could not be used to start the Task: [The field 'Authentication' is required but was missing]"
)
_NO_TEXT = ("application/octet-stream", "image/", "video/", "audio/")


def http_invoke(
    parameters: Mapping[str, Any],
    client: Client,
    region: str,
    exchanged: Callable[[Exchange], None] | None = None,
) -> AwsAnswer | AwsFailure:
    """Call an API.

    A status of 300 and more is the failure ``States.Http.StatusCode.…`` with the body as its cause; no answer is
    ``States.Http.Socket``.

    Parameters
    ----------
    parameters : mapping
        The evaluated parameters.
    client : callable
        Returns a boto3 client, to look the connection up with: the one place where its secret can be had.
    region : str
        Part of the user agent.
    exchanged : callable, optional
        Is told what was sent, and what came back.
    """
    arn = connection_arn(parameters)
    if not arn:
        return AwsFailure(RUNTIME, _NO_CONNECTION)
    additions = additions_of(arn, client)
    if isinstance(additions, AwsFailure):
        return additions
    try:
        request = made_request(parameters, additions, region)
        public = made_request(parameters, additions, region, reveal=False)
    except UnusableRequest as problem:
        return AwsFailure(RUNTIME, str(problem))
    reply: Reply | None = None
    try:
        reply = http_call.send(request, _TIMEOUT)
    except http_call.Unanswered as error:
        return AwsFailure(HTTP_SOCKET, str(error))
    finally:
        if exchanged is not None:
            exchanged(Exchange(request, public, reply))
    return _outcome(reply)


def _outcome(reply: Reply) -> AwsAnswer | AwsFailure:
    if not _is_text(reply):
        kind = reply.content_type or "unknown"
        return AwsFailure(RUNTIME, f"The response of the API cannot be read as text: its content type is {kind}")
    if reply.status >= 300:
        return AwsFailure(http_status_error(reply.status), reply.text or reply.reason)
    return AwsAnswer(reply.result())


def _is_text(reply: Reply) -> bool:
    if reply.content_type.lower().startswith(_NO_TEXT):
        return False
    try:
        reply.data.decode()
    except UnicodeDecodeError:
        return False
    return True
