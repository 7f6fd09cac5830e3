"""``loggingConfiguration``: its defaults, and what the service refuses."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from everypath.server.protocol import ApiError, Json

OFF: Json = {"level": "OFF", "includeExecutionData": False}


async def logging_configuration(given: Json | None, region: str) -> Json:
    """Return a logging configuration with defaults filled in.

    The refusals of ARNs were measured by a deployment (badmintoncryer/cdk-preflight); the others are recorded.

    Raises
    ------
    ApiError
        ``InvalidLoggingConfiguration``.
    """
    configuration = OFF | {key: value for key, value in (given or {}).items() if value is not None}
    destinations: list[Json] = configuration.get("destinations") or []
    if len(destinations) > 1 or (configuration["level"] != "OFF" and not destinations):
        raise _invalid("Must specify exactly one Log Destination.")
    for destination in destinations:
        arn = (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn")
        if not arn:
            raise _invalid("Must set valid CloudWatch Log Group ARN.")
        parts = arn.split(":")
        if len(parts) < 7 or parts[2] != "logs" or parts[5] != "log-group":
            raise _invalid("Provided ARN is not CloudWatch Logs Log Group ARN.")
        if parts[-1] != "*":
            raise _invalid("Log Group ARN must be provided with '*' qualifier.")
        if _has_local_logs() and not await asyncio.to_thread(_exists, parts[6], region):
            raise _invalid("Log Destination not found.")
    return configuration


def check_logged_name(name: str, configuration: Json) -> None:
    """Check that a state machine which logs has a name that CloudWatch Logs can take; AWS's words are not known.

    Raises
    ------
    ApiError
        ``InvalidLoggingConfiguration``.
    """
    if configuration["level"] != "OFF" and not name.isascii():
        raise _invalid("The name of a state machine that logs must have ASCII characters only.")


def _has_local_logs() -> bool:
    """Whether log groups can be looked up: AWS itself is not asked about a local state machine."""
    return any(os.environ.get(name) for name in ("AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL"))


def _exists(name: str, region: str) -> bool:
    """Whether a log group exists; True if CloudWatch Logs does not answer."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
    try:
        client: Any = boto3.session.Session().client("logs", region_name=region, config=config)
        groups = client.describe_log_groups(logGroupNamePrefix=name).get("logGroups", [])
    except (BotoCoreError, ClientError):
        return True
    return any(group.get("logGroupName") == name for group in groups)


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")
