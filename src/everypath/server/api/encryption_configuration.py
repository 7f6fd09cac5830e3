"""``encryptionConfiguration``: what the service refuses."""

from __future__ import annotations

import re

from everypath.server.protocol import ApiError, Json

OWNED_KEY: Json = {"type": "AWS_OWNED_KEY"}
_KEY = re.compile(r"(?:key/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias/[\w/-]+", re.ASCII)
_ARN = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):\d{12}:(?P<key>(?:key|alias)/.+)", re.ASCII)


def check_encryption(configuration: Json, region: str) -> Json:
    """Return an encryption configuration; the refusals were measured by deployments (badmintoncryer/cdk-preflight).

    Parameters
    ----------
    configuration : dict
        The configuration.
    region : str
        That of the state machine, in which its key must be.

    Raises
    ------
    ApiError
        ``InvalidEncryptionConfiguration``.
    """
    key = configuration.get("kmsKeyId")
    if configuration["type"] != OWNED_KEY["type"]:
        if not key or not _is_key(key, region):
            raise _invalid("Must set a valid kmsKeyId.")
    elif key is not None:
        raise _invalid("Custom kmsKeyId is not allowed when selecting AWS_OWNED_KEY.")
    elif configuration.get("kmsDataKeyReusePeriodSeconds") is not None:
        raise _invalid("Custom kmsDataKeyReusePeriodSeconds is not allowed when selecting AWS_OWNED_KEY.")
    return configuration


def _is_key(key: str, region: str) -> bool:
    arn = _ARN.fullmatch(key)
    if arn is not None:
        return arn["region"] == region and _KEY.fullmatch(arn["key"]) is not None
    return not key.startswith("key/") and _KEY.fullmatch(key) is not None


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {reason}")
