"""The names of the AWS SDK for Java, through which Step Functions calls other services.

The ARNs, parameters, results and errors of an `aws-sdk` integration carry the names of the SDK's second major
version (``dynamodb``, ``DbInstanceIdentifier``, ``DynamoDb.ConditionalCheckFailedException``). The optimized
integrations are older and carry those of the first (``BOOL``, ``DynamoDB.ConditionalCheckFailedException``).
Everything here is computed from the names in the service's API model, which botocore shares with the SDKs.

Sources: the table of exception prefixes in "AWS SDK service integrations" of the Step Functions developer
guide, and the task results and failures recorded from the real service.
"""

from __future__ import annotations

import re

_ACRONYM_THEN_WORD = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])")
_LOWER_THEN_UPPER = re.compile(r"(?<=[a-z])(?=[A-Z][A-Za-z0-9])")
_DIGIT_THEN_LETTER = re.compile(r"(?<=[0-9])(?=[A-Za-z])")
_VERSION = re.compile(r"([^a-z]{2,})(v[0-9]+)|([^A-Z]{2,})(V[0-9]+)")

#: `Value` is appended to these: no getter can have the name of a keyword or of a method that every object has.
_TAKEN_IN_JAVA = frozenset(
    re.findall(
        r"\w+",
        """abstract assert boolean break byte case catch char class const continue default do double else
        enum extends false final finally float for goto if implements import instanceof int interface long
        native new package private protected public return short static strictfp super switch synchronized
        this throw throws transient true try void volatile while
        clone equals finalize getClass hashCode notify notifyAll toString wait""",
    )
)


def action_name(operation: str) -> str:
    """Return the action of an API operation: ``describeDBInstances`` for ``DescribeDBInstances``."""
    return _decapitalized(operation)


def member_name(member: str) -> str:
    """Return the name that a field has in an `aws-sdk` integration: ``DbInstances`` for ``DBInstances``.

    Leading acronyms are lowered as the SDK's getters lower them, so ``BOOL`` is ``Bool``, ``SSEKMSKeyId`` is
    ``SsekmsKeyId`` and ``MD5OfMessageBody`` is ``Md5OfMessageBody``, but ``ETag`` and ``ChecksumCRC32`` stay.
    """
    getter = _decapitalized(member)
    if getter == "null":  # the SDK renames this one member, of DynamoDB's attribute value, by hand
        return "Nul"
    return _capitalized(getter + "Value" if getter in _TAKEN_IN_JAVA else getter)


def optimized_member_name(member: str) -> str:
    """Return the name that a field has in an optimized integration: only the first letter changes."""
    return _capitalized(member)


def service_name(service_id: str) -> str:
    """Return the prefix of `aws-sdk` errors: ``DynamoDb`` for ``DynamoDB``, ``Sfn`` for ``SFN``."""
    name = _pascal_case(service_id)
    for vendor in ("Amazon", "Aws"):
        name = name.removeprefix(vendor) or name
    return name.removesuffix("Service") or name


def exception_name(shape: str) -> str:
    """Return the exception class of an error in the API: ``NoSuchKeyException`` for ``NoSuchKey``."""
    return _pascal_case(_with_exception(shape))


def optimized_exception_name(shape: str) -> str:
    """Return the exception class of an error in an optimized integration, where acronyms stay as they are."""
    return _capitalized(_with_exception(shape))


def _with_exception(shape: str) -> str:
    return shape if shape.endswith("Exception") else f"{shape.removesuffix('Fault')}Exception"


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in _words(name))


def _words(name: str) -> list[str]:
    """Split where the SDK splits: ``SageMaker A2I Runtime`` into Sage, Maker, A2, I and Runtime."""
    text = re.sub(r"[^A-Za-z0-9]+", " ", name)
    text = _VERSION.sub(lambda m: f"{m[1] or m[3]} {m[2] or m[4]} ", text)
    for boundary in (_LOWER_THEN_UPPER, _ACRONYM_THEN_WORD, _DIGIT_THEN_LETTER):
        text = boundary.sub(" ", text)
    return text.split()


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]


def _decapitalized(name: str) -> str:
    """Lower the first letter, and with it an acronym up to the capital that begins the next word."""
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    return name[:end].lower() + name[end:]
