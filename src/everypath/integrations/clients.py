"""boto3 clients for the services that a workflow calls.

Where a call lands is boto3's to decide: by ``AWS_ENDPOINT_URL``, by a mock that the calling test has started, or at
AWS itself with the credentials of the environment.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from everypath.integrations.emulator_quirks import as_aws_sends
from everypath.integrations.results import RAW_HEADERS

#: Lambda may take 15 minutes to answer.
_READ_TIMEOUT = 920


class Connections:
    """Makes clients when they are first needed, and keeps them; it may be used from many threads.

    Parameters
    ----------
    session : callable, optional
        Returns the boto3 session to make clients with; boto3's default session otherwise.
    """

    def __init__(self, session: Callable[[], Any] | None = None) -> None:
        self._session = session or _default_session
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str, role_arn: str | None = None) -> Any:
        """Return a client of a service by botocore's name.

        Parameters
        ----------
        service, region : str
            As boto3 takes them.
        role_arn : str, optional
            The role of the state's ``Credentials``, which is assumed first.

        Raises
        ------
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError
            If the client cannot be made or the role cannot be assumed.
        """
        # The environment is part of the key: a test may start and stop mocks, or move the endpoint, while this lives.
        environment = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith("AWS_")))
        key = (service, region, role_arn, environment)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(service, region, role_arn)
            return self._clients[key]

    def credentials(self, region: str, role_arn: str | None = None) -> Any:
        """Return botocore's credentials to sign other requests with, None where there are none.

        Parameters
        ----------
        region, role_arn : str
            As for `client`.
        """
        if not role_arn:
            return self._session().get_credentials()
        from botocore.credentials import Credentials

        assumed = _assumed(self._session().client("sts", region_name=region), role_arn)
        return Credentials(*assumed.values())

    def _make(self, service: str, region: str, role_arn: str | None) -> Any:
        from botocore.config import Config

        credentials: dict[str, str] = {}
        if role_arn:
            credentials = _assumed(self._session().client("sts", region_name=region), role_arn)
        options: dict[str, Any] = {"read_timeout": _READ_TIMEOUT, "connect_timeout": 10, "max_pool_connections": 50}
        # What is wrong with a request is the service's to say, in its own words: those are what a catcher gets.
        options["parameter_validation"] = False
        # Recorded: objects are put with a checksum, and got without asking for one.
        options["response_checksum_validation"] = "when_required"
        if not {"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"} & os.environ.keys():
            # An outage is for the workflow's own Retry to handle, at once; retries here would hide it and sleep.
            options["retries"] = {"total_max_attempts": 1}
        if _has_own_endpoint(service):
            # No stand-in can be expected to have a host name for every bucket.
            options["s3"] = {"addressing_style": "path"}
        client = self._session().client(service, region_name=region, config=Config(**options), **credentials)
        client.meta.events.register("after-call", _keep_headers)
        return client


def _default_session() -> Any:
    import boto3

    return boto3.session.Session()


def _assumed(sts: Any, role_arn: str) -> dict[str, str]:
    answer: Mapping[str, str] = sts.assume_role(RoleArn=role_arn, RoleSessionName="everypath")["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }


def _has_own_endpoint(service: str) -> bool:
    return any(os.environ.get(name) for name in ("AWS_ENDPOINT_URL", f"AWS_ENDPOINT_URL_{service.upper()}"))


def _require_answer(model: Any, body: bytes) -> None:
    """Raise `ValueError` for a body that botocore has silently taken for an empty answer, although it is not JSON."""
    if "json" in model.service_model.metadata.get("protocol", "") and body.strip():
        json.loads(body)


def _keep_headers(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Keep the headers as AWS sends them: a task's result has them so, and botocore lowers their names."""
    headers = [(str(name), str(value)) for name, value in http_response.headers.items()]
    # The body of a stream may be read once only, by whoever asked for it.
    body = b"" if model.has_streaming_output else http_response.content
    service = model.service_model.service_name
    if not (parsed.keys() - {"ResponseMetadata"}) and http_response.status_code < 300:
        _require_answer(model, body)
    metadata = parsed.setdefault("ResponseMetadata", {})
    metadata[RAW_HEADERS] = as_aws_sends(service, http_response.url, headers, body)
