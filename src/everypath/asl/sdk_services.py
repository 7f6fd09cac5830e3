"""The services and actions of `aws-sdk` integrations, from the API models in botocore.

botocore is imported when the first such resource is parsed: that takes longer than all the rest together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from everypath.asl.java_names import action_name

#: Where the ARN's name of a service is not botocore's without its hyphens. The ARN takes the name of the Java
#: SDK's package, which comes from the service id in the API model.
_BOTOCORE_NAMES = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
_HIDDEN = frozenset(name.replace("-", "") for name in _BOTOCORE_NAMES.values())

#: Actions that the developer guide lists as unavailable, besides those that stream events.
_UNAVAILABLE = {
    "comprehendmedical": {"detectEntities"},
    "efs": {"createTags"},
    "elastictranscoder": {"testRole"},
    "emr": {"describeJobFlows"},
    "iotdeviceadvisor": {"listTestCases"},
    "lambda": {"invokeAsync"},
    "mediapackage": {"rotateChannelCredentials"},
    "rdsdata": {"executeSql"},
    "shield": {"deleteSubscription"},
}


@lru_cache(maxsize=1)
def service_names() -> Mapping[str, str]:
    """Return botocore's name for each name that an ARN may have."""
    names = {name.replace("-", ""): name for name in _loader().list_available_services("service-2")}
    return {arn: name for arn, name in names.items() if arn not in _HIDDEN} | _BOTOCORE_NAMES


def nearest(service: str) -> list[str]:
    """Return the names that may have been meant: the ARN's for botocore's, or similar ones."""
    from difflib import get_close_matches

    bare = service.replace("-", "")
    exact = [arn for arn, name in _BOTOCORE_NAMES.items() if name.replace("-", "") == bare]
    return exact or get_close_matches(service, list(service_names()), n=3)


@lru_cache(maxsize=64)
def actions(service: str) -> Mapping[str, str]:
    """Return the API operations of a service by the names of their actions in an ARN.

    Raises
    ------
    KeyError
        If there is no such service.
    """
    model = service_model(service_names()[service])
    unavailable = _UNAVAILABLE.get(service, set())
    names = {action_name(operation): operation for operation in model.operation_names}
    return {
        action: operation
        for action, operation in names.items()
        if action not in unavailable and not _streams_events(model.operation_model(operation))
    }


@lru_cache(maxsize=64)
def service_model(botocore_name: str) -> Any:
    """Return botocore's `ServiceModel` of a service."""
    from botocore.model import ServiceModel

    return ServiceModel(_loader().load_service_model(botocore_name, "service-2"), botocore_name)


@lru_cache(maxsize=64)
def error_shapes(botocore_name: str) -> frozenset[str]:
    """Return the names of the errors in a service's API model; none where there is no such service."""
    from botocore.exceptions import UnknownServiceError

    try:
        return frozenset(shape.name for shape in service_model(botocore_name).error_shapes)
    except UnknownServiceError:
        return frozenset()


@lru_cache(maxsize=1)
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


def _streams_events(operation: Any) -> bool:
    """Tell whether an operation streams events, which cannot be the result of a task."""
    return bool(operation.has_event_stream_input or operation.has_event_stream_output)
