"""What a Task calls: its ``Resource`` ARN, taken apart and checked against what AWS knows.

The services and actions of optimized integrations are listed here, those of SDK integrations are in `sdk_services`.
What AWS knows and everypath cannot call is listed, too, so that a workflow which uses it is told that it is not
supported rather than that it does not exist. Source: "Integrating optimized services" in the Step Functions developer
guide, and the page of each service.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from everypath.asl import sdk_services

Kind = Literal["lambda", "activity", "optimized", "sdk"]

_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):([^:]+):([^:]*):([^:]*):(.+)", re.DOTALL)
#: What the ARN of an integration may have for region and account (AWS: "Integrating services": ``arn:partition:states:
#: region:account:servicename:APIname``).
_REGION = re.compile(r"(?:[a-z]{2,}(?:-[a-z]+)+-\d+)?")
_ACCOUNT = re.compile(r"(?:\d{12})?")
SYNC = "sync"
SYNC_2 = "sync:2"
WAIT_FOR_TOKEN = "waitForTaskToken"
REQUEST = ""

#: The invocation types of Lambda's Invoke with which it does not wait for the function, and the statuses it answers.
NOT_WAITED_FOR = {"Event": 202, "DryRun": 204}

_REQUEST = frozenset({REQUEST})
_JOB = frozenset({REQUEST, SYNC})
_CALLBACK = frozenset({REQUEST, WAIT_FOR_TOKEN})


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an optimized integration.

    Parameters
    ----------
    patterns : frozenset of str
        The integration patterns that AWS knows for it; `REQUEST` is the pattern without a suffix.
    supported : frozenset of str
        Those that everypath can run.
    """

    patterns: frozenset[str]
    supported: frozenset[str] = frozenset()


def _runs(patterns: frozenset[str]) -> Action:
    return Action(patterns, patterns)


def _known(patterns: frozenset[str], *actions: str) -> dict[str, Action]:
    return dict.fromkeys(actions, Action(patterns))


#: By the service's and the action's name in the ARN.
OPTIMIZED: dict[str, dict[str, Action]] = {
    "apigateway": {"invoke": _runs(_CALLBACK)},
    "athena": {
        "startQueryExecution": _runs(_JOB),
        "stopQueryExecution": _runs(_REQUEST),
        "getQueryExecution": _runs(_REQUEST),
        "getQueryResults": _runs(_REQUEST),
    },
    "batch": {"submitJob": _runs(_JOB)},
    "bedrockagentcore": _known(_REQUEST, "invokeHarness"),
    "bedrock": {
        **_known(_JOB | _CALLBACK, "createModelCustomizationJob"),
        **_known(_CALLBACK, "invokeModel"),
    },
    "codebuild": {
        "startBuild": _runs(_JOB),
        "stopBuild": _runs(_REQUEST),
        "batchDeleteBuilds": _runs(_REQUEST),
        "batchGetReports": _runs(_REQUEST),
        "startBuildBatch": Action(_JOB, _REQUEST),
        "stopBuildBatch": _runs(_REQUEST),
        "retryBuildBatch": Action(_JOB, _REQUEST),
        "deleteBuildBatch": _runs(_REQUEST),
    },
    "databrew": _known(_JOB, "startJobRun"),
    "dynamodb": dict.fromkeys(("getItem", "putItem", "updateItem", "deleteItem"), _runs(_REQUEST)),
    "ecs": {"runTask": _runs(_JOB | _CALLBACK)},
    "eks": {
        **_known(_JOB, "createCluster", "deleteCluster", "createFargateProfile", "deleteFargateProfile"),
        **_known(_JOB, "createNodegroup", "deleteNodegroup"),
        **_known(_JOB | _CALLBACK, "runJob"),
        **_known(_CALLBACK, "call"),
    },
    "elasticmapreduce": {
        **_known(_JOB, "createCluster", "terminateCluster", "addStep"),
        **_known(_REQUEST, "setClusterTerminationProtection", "cancelStep"),
        **_known(_REQUEST, "modifyInstanceFleetByName", "modifyInstanceGroupByName"),
    },
    "emr-containers": {
        **_known(_REQUEST, "createVirtualCluster"),
        **_known(_JOB, "deleteVirtualCluster", "startJobRun"),
    },
    "emr-serverless": {
        **_known(_JOB, "createApplication", "startApplication", "stopApplication", "deleteApplication"),
        **_known(_JOB, "startJobRun", "cancelJobRun"),
    },
    "events": {"putEvents": _runs(_CALLBACK)},
    "glue": {"startJobRun": _runs(_JOB)},
    "http": {"invoke": _runs(_REQUEST)},
    "lambda": {"invoke": _runs(_CALLBACK)},
    "mediaconvert": _known(_JOB, "createJob"),
    "sagemaker": {
        **_known(_JOB, "createTrainingJob", "createTransformJob", "createHyperParameterTuningJob"),
        **_known(_JOB, "createLabelingJob", "createProcessingJob"),
        **_known(_REQUEST, "createModel", "createEndpointConfig", "createEndpoint", "updateEndpoint"),
    },
    "sns": {"publish": _runs(_CALLBACK)},
    "sqs": {"sendMessage": _runs(_CALLBACK)},
    "states": {"startExecution": _runs(_JOB | _CALLBACK | {SYNC_2})},
}

#: The actions of S3 that an ``ItemReader`` may name, and those that a ``ResultWriter`` may name.
READING = frozenset({"getObject", "listObjectsV2"})
WRITING = frozenset({"putObject"})

#: Where botocore's name of a service is not the one in the ARN.
BOTOCORE_NAMES = {"bedrockagentcore": "bedrock-agentcore", "elasticmapreduce": "emr", "states": "stepfunctions"}


class UnknownResource(ValueError):
    """A resource that AWS refuses, with its message (recorded); `hint` suggests what was meant.

    Step Functions gives no hints: they are kept apart so that the message stays AWS's.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class UnsupportedResource(UnknownResource):
    """A resource that AWS knows and everypath cannot call."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What a Task calls.

    Parameters
    ----------
    text : str
        The whole ARN.
    kind : {"lambda", "activity", "optimized", "sdk"}
        A function's own ARN, an activity's, or one of the two kinds of service integration.
    service, action : str
        As the ARN has them: ``sqs`` and ``sendMessage``; for `sdk` without the ``aws-sdk:``. A function's
        service is ``lambda``, an activity's ``states``.
    pattern : str
        ``""``, ``sync``, ``sync:2`` or ``waitForTaskToken``.
    partition, region, account : str
        Of the function or the activity; region and account are empty for integrations, whose ARN may name them.
    name, qualifier : str
        Of the function or the activity.
    client, operation : str
        botocore's name of the service, and the API operation; empty where no API of AWS is called.
    supported : bool
        Whether everypath can call it; see `require_supported`.
    """

    text: str
    kind: Kind
    service: str
    action: str = ""
    pattern: str = ""
    partition: str = "aws"
    region: str = ""
    account: str = ""
    name: str = ""
    qualifier: str = ""
    client: str = ""
    operation: str = ""
    supported: bool = True

    @property
    def resource_type(self) -> str:
        """``resourceType`` of the history's Task events: ``sqs``, ``aws-sdk:dynamodb`` (recorded)."""
        return f"aws-sdk:{self.service}" if self.kind == "sdk" else self.service

    @property
    def resource(self) -> str:
        """``resource`` of the history's Task events: ``sendMessage.waitForTaskToken`` (recorded)."""
        if self.kind in ("lambda", "activity"):
            return self.text
        return f"{self.action}.{self.pattern}" if self.pattern else self.action

    @property
    def needs_token(self) -> bool:
        """Whether the task waits for its token to be answered, by a callback or by an activity's worker."""
        return self.pattern == WAIT_FOR_TOKEN or self.kind == "activity"

    @property
    def runs_job(self) -> bool:
        """Whether the task waits until the job that it starts has ended."""
        return self.pattern in (SYNC, SYNC_2)


@lru_cache(maxsize=1024)
def parse_resource(text: str) -> Resource:
    """Return what a Task's ``Resource`` names.

    Raises
    ------
    UnknownResource
        If AWS refuses it when the state machine is created. What AWS knows and everypath cannot call is accepted
        here, because its outcome may be scripted; see `require_supported`.
    """
    match = _ARN.fullmatch(text)
    if not match:
        raise UnknownResource("Value is not a valid resource ARN", _substitution_hint(text))
    partition, service, region, account, rest = match.groups()
    words = rest.split(":")
    if service == "lambda" and words[0] == "function" and len(words) in (2, 3) and all(words):
        qualifier = words[2] if len(words) == 3 else ""
        return Resource(text, "lambda", "lambda", "", "", partition, region, account, words[1], qualifier)
    if service == "states" and words[0] == "activity" and len(words) == 2 and all(words):
        return Resource(text, "activity", "states", "", "", partition, region, account, words[1])
    if service != "states" or not _is_here(region, account):
        raise _not_recognized(text)
    if words[0] == "aws-sdk":
        return _sdk(text, partition, words[1:])
    return _optimized(text, partition, rest)


def is_asynchronous(resource: Resource, arguments: object) -> bool:
    """Whether a task, as it is written, has a function invoked whose end nobody waits for."""
    invokes = resource.kind == "optimized" and resource.service == "lambda" and resource.pattern == REQUEST
    return invokes and isinstance(arguments, dict) and arguments.get("InvocationType") in NOT_WAITED_FOR


def parse_map_resource(text: str, actions: Container[str]) -> Resource:
    """Return what an ``ItemReader`` or a ``ResultWriter`` names: an action of S3.

    Parameters
    ----------
    text : str
        The ARN.
    actions : container of str
        `READING` or `WRITING`.

    Raises
    ------
    UnknownResource
        If a distributed Map cannot read from it or write to it.
    """
    match = _ARN.fullmatch(text)
    if not match:
        raise UnknownResource("Value is not a valid resource ARN", _substitution_hint(text))
    partition, service, region, account, rest = match.groups()
    store, _, action = rest.partition(":")
    if service != "states" or store != "s3" or action not in actions or not _is_here(region, account):
        raise _not_recognized(text)
    return Resource(text, "optimized", store, action, partition=partition, client=store, operation=_operation(action))


def _is_here(region: str, account: str) -> bool:
    """Whether an integration may be named with a region and an account, which are those of the state machine."""
    return bool(_REGION.fullmatch(region) and _ACCOUNT.fullmatch(account))


def require_supported(resource: Resource) -> None:
    """Raise for a resource that everypath cannot call.

    Raises
    ------
    UnsupportedResource
        If AWS knows it and everypath cannot call it; the message says what can be done instead.
    """
    if resource.supported:
        return
    actions = OPTIMIZED[resource.service].items()
    runnable = ", ".join(_spelled(name, action.supported) for name, action in actions if action.supported)
    raise UnsupportedResource(
        f"The resource {resource.text} is known to AWS, but everypath cannot call it. Script its outcome"
        " (`load(…, scripted=[…])`), or call the service by an aws-sdk integration.",
        f"of {resource.service}, these can be called: {runnable}" if runnable else "",
    )


def _sdk(text: str, partition: str, words: list[str]) -> Resource:
    if len(words) != 2:
        raise _not_recognized(text, "an aws-sdk resource is arn:aws:states:::aws-sdk:service:action")
    service, (action, _, pattern) = words[0], words[1].partition(".")
    services = sdk_services.service_names()
    if service not in services:
        raise _not_recognized(text, _did_you_mean(sdk_services.nearest(service)))
    operations = sdk_services.actions(service)
    if action not in operations:
        raise _not_recognized(text, _did_you_mean(_alike(action, operations)))
    if pattern not in _CALLBACK or words[1].endswith("."):
        raise _not_recognized(text, f"aws-sdk integrations know no pattern but .{WAIT_FOR_TOKEN}")
    return Resource(
        text, "sdk", service, action, pattern, partition,
        client=services[service], operation=operations[action],
    )  # fmt: skip


def _optimized(text: str, partition: str, rest: str) -> Resource:
    service, _, what = rest.partition(":")
    action, dot, pattern = what.partition(".")
    if service not in OPTIMIZED:
        raise _not_recognized(text, _did_you_mean(_alike(service, OPTIMIZED)))
    known: Action | None = OPTIMIZED[service].get(action)
    if known is None:
        offered = ", ".join(OPTIMIZED[service])
        hint = f"{service} has {offered}; for other actions there is arn:aws:states:::aws-sdk:…"
        raise _not_recognized(text, hint)
    if pattern not in known.patterns or bool(dot) != bool(pattern):
        raise _not_recognized(text, f"{service}:{action} can be {_spelled(action, known.patterns)}")
    by_api = service not in ("apigateway", "http")
    return Resource(
        text, "optimized", service, action, pattern, partition,
        client=BOTOCORE_NAMES.get(service, service) if by_api else "",
        operation=_operation(action) if by_api else "",
        supported=pattern in known.supported,
    )  # fmt: skip


def _not_recognized(text: str, hint: str = "") -> UnknownResource:
    return UnknownResource(
        f"The resource provided {text} is not recognized. The value is not a valid resource ARN, or the"
        " resource is not available in this region.",
        hint,
    )


def _operation(action: str) -> str:
    return action[:1].upper() + action[1:]


def _spelled(action: str, patterns: frozenset[str]) -> str:
    return ", ".join(f"{action}.{pattern}" if pattern else action for pattern in sorted(patterns))


def _alike(word: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, list(known), n=3)


def _did_you_mean(names: list[str]) -> str:
    return f"did you mean {' or '.join(names)}?" if names else ""


def _substitution_hint(text: str) -> str:
    return "a substitution was not replaced" if "${" in text else ""
