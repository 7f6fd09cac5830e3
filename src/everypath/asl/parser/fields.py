"""The fields that the objects of a definition may have, by type of state and by query language.

The table was measured with ValidateStateMachineDefinition: 8 types by 50 fields (badmintoncryer/
cdk-preflight, ``pf-sfn-asl-state-fields``).
"""

from __future__ import annotations

from collections.abc import Set

from everypath.asl.parser.block import Block

COMMON = frozenset({"Type", "Comment", "QueryLanguage"})
TRANSITION = frozenset({"Next", "End"})
PATHS = frozenset({"InputPath", "OutputPath"})
RESULT = frozenset({"Parameters", "ResultSelector", "ResultPath"})
ERRORS = frozenset({"Retry", "Catch"})

#: Fields by state type, over both query languages.
BY_TYPE: dict[str, frozenset[str]] = {
    "Task": COMMON | TRANSITION | PATHS | RESULT | ERRORS
    | {"Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials",
       "Arguments", "Output", "Assign"},
    "Wait": COMMON | TRANSITION | PATHS
    | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Output", "Assign"},
    "Pass": COMMON | TRANSITION | PATHS | {"Parameters", "ResultPath", "Result", "Output", "Assign"},
    "Succeed": COMMON | PATHS | {"Output"},
    "Fail": COMMON | {"Error", "ErrorPath", "Cause", "CausePath"},
    "Choice": COMMON | PATHS | {"Choices", "Default", "Output", "Assign"},
    "Parallel": COMMON | TRANSITION | PATHS | RESULT | ERRORS | {"Branches", "Arguments", "Output", "Assign"},
    "Map": COMMON | TRANSITION | PATHS | RESULT | ERRORS
    | {"ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter",
       "MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath",
       "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "Label", "Output", "Assign"},
}  # fmt: skip

#: The fields that a type must have.
REQUIRED: dict[str, tuple[str, ...]] = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}

#: Pairs of which only one may be there, in AWS's order.
EXCLUSIVE: dict[str, tuple[tuple[str, str], ...]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
}
WAITS = ("SecondsPath", "Seconds", "TimestampPath", "Timestamp")

#: Fields that only one of the query languages has; Assign is in both.
JSONPATH_ONLY = PATHS | RESULT | {
    "ItemsPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "SecondsPath", "TimestampPath", "ErrorPath",
    "CausePath", "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath", "Result",
}  # fmt: skip
JSONATA_ONLY = frozenset({"Arguments", "Output", "Items", "Condition"})

CATCHER = frozenset({"ErrorEquals", "Next", "ResultPath", "Assign", "Output", "Comment"})
RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)


def refuse_fields(
    block: Block, known: Set[str], *, jsonata: bool, foreign: Set[str] = frozenset(), mixed: bool = False
) -> None:
    """Note the fields that an object may not have.

    Parameters
    ----------
    block : Block
        The object.
    known : set of str
        The fields that it may have, in either query language.
    jsonata : bool
        Its query language.
    foreign : set of str
        The fields that exist only in the other query language; by default those of states.
    mixed : bool
        Whether to accept fields of the other query language: AWS does not report them where it refuses the state's
        QueryLanguage itself (measured on AWS: floci-io/floci pull request 2972).
    """
    mine, other = ("JSONata", "JSONPath") if jsonata else ("JSONPath", "JSONata")
    others = foreign or (JSONPATH_ONLY if jsonata else JSONATA_ONLY)
    for field in block.data:
        if field not in known:
            block.problem(f"Field '{field}' is not supported")
        elif field in others and not mixed:
            block.problem(
                f"The QueryLanguage is set to '{mine}', but field '{field}' is only supported for the '{other}' "
                "QueryLanguage"
            )
