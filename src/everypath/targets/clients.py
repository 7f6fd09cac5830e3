"""Clients of boto3, and their errors as messages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from everypath.errors import TargetError

_CONNECT_SECONDS, _READ_SECONDS = 5, 60


def endpoint_client(url: str, region: str, read_timeout: float | None = None) -> Any:
    """Return a client of Step Functions at a URL.

    Parameters
    ----------
    read_timeout : float, optional
        Seconds to wait for a response; the client then does not retry, because the request may have been carried out.

    Notes
    -----
    The credentials are those of the environment, or made-up ones if it has none: an endpoint on this machine checks no
    signatures, and searching for credentials on a network that may not exist takes seconds.
    """
    given = os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_PROFILE")
    credentials = {} if given else {"aws_access_key_id": "everypath", "aws_secret_access_key": "everypath"}
    # boto3 would send StartSyncExecution to another host, which an endpoint does not have.
    config = _config(read_timeout, inject_host_prefix=False)
    return _client("stepfunctions", _region() or region, config, endpoint_url=url, **credentials)


def aws_client(service: str, read_timeout: float | None = None) -> Any:
    """Return a client of AWS, as the environment configures it; see `endpoint_client`."""
    client = _client(service, _region(), _config(read_timeout))
    # AWS answers StartSyncExecution at sync-states.REGION.amazonaws.com; another host that the environment names in its
    # place does not.
    if service != "stepfunctions" or urlsplit(client.meta.endpoint_url).netloc.startswith("states"):
        return client
    return _client(service, _region(), _config(read_timeout, inject_host_prefix=False))


def _region() -> str | None:
    # boto3 itself reads only the second one.
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def _config(read_timeout: float | None, **more: Any) -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=read_timeout or _READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1 if read_timeout else 3},
        **more,
    )


def _client(service: str, region: str | None, config: Any, **options: Any) -> Any:
    import boto3

    return boto3.session.Session().client(service, region, config=config, **options)


@contextmanager
def target_errors(target: str) -> Iterator[None]:
    """Turn the exceptions of boto3 into a `TargetError` of one line that names the target."""
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
        details = error.response.get("Error", {})
        message = _one_line(details.get("Message") or "no message")
        raise TargetError(f"{target}: {error.operation_name}: {details.get('Code', '?')}: {message}") from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise TargetError(f"{target}: there are no AWS credentials: {_one_line(error)}") from None
    except NoRegionError:
        raise TargetError(f"{target}: no AWS region is configured: set AWS_REGION") from None
    except ResponseParserError as error:
        raise TargetError(f"{target}: what answers there is no AWS API: {_one_line(error)}") from None
    except (BotoCoreError, ValueError) as error:
        raise TargetError(f"{target}: {_one_line(error)}") from None


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
