"""Clients of boto3, and what goes wrong with them in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from everypath.errors import TargetError

_CONNECT_SECONDS, _READ_SECONDS = 5, 60


def endpoint_client(url: str, region: str, *, answers_within: float | None = None) -> Any:
    """Return a client of Step Functions at a URL.

    Parameters
    ----------
    answers_within : float, optional
        Seconds that an answer may take, of a client that asks once: what has not been answered may have been done.

    Notes
    -----
    Credentials are those of the environment; where it has none, some that say nothing: an endpoint on this machine
    checks no signatures, and to look for credentials on a network that may not be there takes seconds.
    """
    given = os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_PROFILE")
    made_up = {} if given else {"aws_access_key_id": "everypath", "aws_secret_access_key": "everypath"}
    # StartSyncExecution would be sent to a host of its own: an endpoint has one.
    config = _config(answers_within, inject_host_prefix=False)
    return _client("stepfunctions", _region() or region, config, endpoint_url=url, **made_up)


def aws_client(service: str, *, answers_within: float | None = None) -> Any:
    """Return a client of AWS, as the environment configures it; see `endpoint_client`."""
    client = _client(service, _region(), _config(answers_within))
    # AWS answers StartSyncExecution at sync-states.REGION.amazonaws.com; where the environment names another host than
    # AWS's own, there is none of that name.
    if service != "stepfunctions" or urlsplit(client.meta.endpoint_url).netloc.startswith("states"):
        return client
    return _client(service, _region(), _config(answers_within, inject_host_prefix=False))


def _region() -> str | None:
    # boto3 itself reads the second one only.
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def _config(answers_within: float | None, **more: Any) -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=answers_within or _READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1 if answers_within else 3},
        **more,
    )


def _client(service: str, region: str | None, config: Any, **options: Any) -> Any:
    import boto3

    return boto3.session.Session().client(service, region, config=config, **options)


@contextmanager
def explained(target: str) -> Iterator[None]:
    """Turn what boto3 raises into a `TargetError` of one line that names the target."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
    )
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        message = _line(told.get("Message") or "no message")
        words = f"{error.operation_name}: {told.get('Code', '?')}: {message}"
        raise TargetError(f"{target}: {words}") from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise TargetError(f"{target}: there are no AWS credentials: {_line(error)}") from None
    except NoRegionError:
        raise TargetError(f"{target}: no AWS region is configured: set AWS_REGION") from None
    except ResponseParserError as error:
        raise TargetError(f"{target}: what answers there is no AWS API: {_line(error)}") from None
    except (BotoCoreError, ValueError) as error:
        raise TargetError(f"{target}: {_line(error)}") from None


def _line(error: object) -> str:
    return " ".join(str(error).split())
