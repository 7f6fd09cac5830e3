"""Parses one state of a definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.asl.parser import expressions
from everypath.asl.parser.block import LARGEST_NUMBER, Block
from everypath.asl.parser.choice_rule import check_rule, compile_rule
from everypath.asl.parser.fields import BY_TYPE, EXCLUSIVE, REQUIRED, WAITS, refuse_fields
from everypath.asl.parser.map_state import parse_map
from everypath.asl.parser.retry_catch import parse_catchers, parse_retriers
from everypath.asl.resource import Resource, UnknownResource, is_asynchronous, parse_resource
from everypath.asl.scope import Expression
from everypath.asl.settings import Constant
from everypath.asl.timestamps import NO_TIMESTAMP, written_timestamp
from everypath.asl.tree import Choice, ChoiceRule, Fail, Parallel, Pass, Rule, State, StateGraph, Succeed, Task, Wait

TYPES = tuple(BY_TYPE)
LANGUAGES = ("JSONPath", "JSONata")
GRAPH_FIELDS = frozenset({"StartAt", "States", "Comment"})

#: The arguments that AWS demands of an integration, as far as was measured with ValidateStateMachineDefinition
#: (badmintoncryer/cdk-preflight, ``pf-sfn-asl-integration-parameters``).
REQUIRED_ARGUMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "invoke"): ("FunctionName",),
    ("sqs", "sendMessage"): ("QueueUrl", "MessageBody"),
    ("sns", "publish"): ("Message",),
    ("dynamodb", "putItem"): ("TableName", "Item"),
    ("dynamodb", "getItem"): ("TableName", "Key"),
    ("states", "startExecution"): ("StateMachineArn",),
    ("events", "putEvents"): ("Entries",),
    ("ecs", "runTask"): ("TaskDefinition",),
    ("glue", "startJobRun"): ("JobName",),
}


@dataclass(frozen=True, slots=True)
class Language:
    """What a state inherits from its state machine; it inherits nothing from a Map or a Parallel around it."""

    machine_jsonata: bool
    express: bool


GraphParser = Callable[[Block, Language], StateGraph | None]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What the parser of each type of state needs to know."""

    jsonata: bool
    language: Language
    parse_graph: GraphParser
    common: Fields = field(default_factory=dict)


def query_language(block: Block, inherited: bool) -> bool:
    """Whether an object's query language is JSONata.

    Anything other than exactly ``JSONPath`` means JSONata, wrong values included (measured on AWS: floci-io/floci
    issue 2968).
    """
    return inherited if "QueryLanguage" not in block else bool(block.get("QueryLanguage") != "JSONPath")


def parse_state(name: str, block: Block, language: Language, parse_graph: GraphParser) -> State | None:
    """Parse a state; return None, with its problems noted, where it is wrong.

    Problems of the state as a whole come before those of its fields, as with AWS (floci-io/floci pull request 2972).
    """
    kind = block.deciding("Type", TYPES)
    if kind is None:
        return None
    before = len(block.problems)
    jsonata = query_language(block, language.machine_jsonata)
    _check_shape(block, kind, jsonata, language)
    block.string("QueryLanguage", choices=LANGUAGES)
    context = Context(jsonata, language, parse_graph, _common(name, block, kind, jsonata))
    state = PARSERS[kind](block, context)
    return state if len(block.problems) == before else None


def _check_shape(block: Block, kind: str, jsonata: bool, language: Language) -> None:
    """Note which fields are missing, which are not allowed, and which exclude each other."""
    downgraded = language.machine_jsonata and not jsonata
    if downgraded:
        block.problem("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    refuse_fields(block, BY_TYPE[kind], jsonata=jsonata, mixed=downgraded)
    if kind in REQUIRED:
        block.require(*REQUIRED[kind])
    if "Next" in BY_TYPE[kind]:
        _check_transition(block)
    for fields in EXCLUSIVE.get(kind, ()):
        block.at_most_one(*fields)
    if kind == "Wait":
        block.exactly_one(*WAITS)


def _check_transition(block: Block) -> None:
    """Check for either Next or a true End; a false End counts as none."""
    if block.get("End") is not False:
        block.exactly_one("Next", "End")
    elif "Next" not in block:
        block.problem("This object should have only one of the following fields: [Next, End]")


def _common(name: str, block: Block, kind: str, jsonata: bool) -> Fields:
    found: Fields = {"name": name, "place": block.place, "jsonata": jsonata, "comment": block.string("Comment")}
    fields = BY_TYPE[kind]
    if "Next" in fields:
        block.boolean("End")
        found["next"] = block.string("Next")
    if "Assign" in fields:
        found["assign"] = expressions.assign(block, jsonata=jsonata)
    if jsonata and "Output" in fields:
        found["output"] = expressions.template(block, "Output", jsonata=True)
    elif "InputPath" in fields:
        found["input_path"] = expressions.filter_path(block, "InputPath")
        found["output_path"] = expressions.filter_path(block, "OutputPath")
    return found


def _result_fields(block: Block, jsonata: bool) -> Fields:
    """Parse the fields of a state that has a result."""
    if jsonata:
        return {"parameters": expressions.template(block, "Arguments", jsonata=True)}
    path, keeps = expressions.result_path(block)
    return {
        "parameters": expressions.template(block, "Parameters", jsonata=False),
        "result_selector": expressions.template(block, "ResultSelector", jsonata=False),
        "result_path": path,
        "keeps_result": keeps,
    }


def _handling_fields(block: Block, jsonata: bool) -> Fields:
    """Parse the fields of a state that handles errors."""
    return _result_fields(block, jsonata) | {
        "retriers": parse_retriers(block),
        "catchers": parse_catchers(block, jsonata),
    }


def _task(block: Block, context: Context) -> Task | None:
    jsonata = context.jsonata
    fields = context.common | _handling_fields(block, jsonata)
    resource = _resource(block, context.language.express)
    if resource is not None:
        _check_arguments(block, resource, "Arguments" if jsonata else "Parameters")
    timeout = expressions.number(block, "TimeoutSeconds", jsonata=jsonata, minimum=1, maximum=LARGEST_NUMBER)
    heartbeat = expressions.number(block, "HeartbeatSeconds", jsonata=jsonata, minimum=1, maximum=LARGEST_NUMBER)
    limits = block.get("TimeoutSeconds"), block.get("HeartbeatSeconds")
    if all(type(limit) is int for limit in limits) and limits[1] >= limits[0]:
        # Demanded by the documents ("Task state"); whether AWS checks it, and its message, are not known.
        block.problem("HeartbeatSeconds must be smaller than TimeoutSeconds", "HeartbeatSeconds")
    credentials = _credentials(block, jsonata, resource)
    if resource is None:
        return None
    return Task(
        **fields, resource=resource, timeout_seconds=timeout, heartbeat_seconds=heartbeat, credentials=credentials,
        asynchronous=is_asynchronous(resource, block.get("Arguments" if jsonata else "Parameters")),
    )  # fmt: skip


def _resource(block: Block, express: bool) -> Resource | None:
    text = block.string("Resource")
    if text is None:
        return None
    try:
        resource = parse_resource(text)
    except UnknownResource as error:
        block.problem(str(error), "Resource")
        return None
    if express and resource.kind == "activity":
        block.problem("Express state machine does not support Activity ARN", "Resource")
    elif express and resource.pattern:
        # The two blanks are AWS's (recorded).
        block.problem(f"Express state machine does not support '.{resource.pattern}' service integration ", "Resource")
    return resource


def _check_arguments(block: Block, resource: Resource, field: str) -> None:
    if resource.kind in ("lambda", "activity"):
        return
    if field not in block:
        block.problem(f"{field} field is required for resource ARN: {resource.text}", "Resource")
        return
    data = block.get(field)
    if resource.kind == "sdk" or not isinstance(data, dict):
        return
    for name in REQUIRED_ARGUMENTS.get((resource.service, resource.action), ()):
        if name not in data and (field == "Arguments" or f"{name}.$" not in data):
            block.problem(f"The field '{name}' is required but was missing", field)


def _credentials(block: Block, jsonata: bool, resource: Resource | None) -> Expression | None:
    inner = block.block("Credentials")
    if inner is None:
        return None
    if "RoleArn" not in inner and (jsonata or "RoleArn.$" not in inner):
        inner.problem("The field 'RoleArn' is required but was missing")
    if resource is not None and resource.kind == "activity":
        # Message: badmintoncryer/cdk-preflight, ``pf-sfn-asl-credentials``.
        inner.problem("The field 'Credentials' is not supported for activities")
    return expressions.template(block, "Credentials", jsonata=jsonata)


def _pass(block: Block, context: Context) -> Pass:
    fields = context.common | _result_fields(block, context.jsonata)
    return Pass(**fields, result=block.get("Result"), has_result="Result" in block)


def _wait(block: Block, context: Context) -> Wait:
    jsonata = context.jsonata
    seconds = expressions.number(block, "Seconds", jsonata=jsonata, minimum=0, maximum=LARGEST_NUMBER)
    timestamp = expressions.timestamp(block, "Timestamp", jsonata=jsonata)
    if isinstance(timestamp, Constant) and written_timestamp(timestamp.value) is None:
        block.problem(NO_TIMESTAMP, "Timestamp")
    moment = None if jsonata else expressions.moment(block)
    return Wait(
        **context.common,
        seconds=seconds,
        timestamp=timestamp or moment,
        timestamp_path=None if moment is None else block.get("TimestampPath"),
    )


def _choice(block: Block, context: Context) -> Choice:
    branches = []
    for inner in block.blocks("Choices"):
        inner.require("Next")
        rule = _rule(inner, context.jsonata)
        target = inner.string("Next")
        assign = expressions.assign(inner, jsonata=context.jsonata)
        output = expressions.template(inner, "Output", jsonata=True) if context.jsonata else None
        if rule is not None and target is not None:
            branches.append(ChoiceRule(rule, target, assign, output))
    return Choice(**context.common, choices=tuple(branches), next=block.string("Default"))


def _rule(block: Block, jsonata: bool) -> Rule | None:
    if not jsonata:
        return compile_rule(block, top=True)
    block.string("Comment")
    good = check_rule(block, jsonata=True, top=True)
    rule = expressions.condition(block) if "Condition" in block else None
    return rule if good else None


def _succeed(block: Block, context: Context) -> Succeed:
    return Succeed(**context.common)


def _fail(block: Block, context: Context) -> Fail:
    found: Fields = {}
    for name in ("Error", "Cause"):
        found[name.lower()] = expressions.string(block, name, jsonata=context.jsonata)
        if not context.jsonata and name + "Path" in block:
            found[name.lower()] = expressions.string_path(block, name + "Path")
    return Fail(**context.common, **found)


def _parallel(block: Block, context: Context) -> Parallel:
    fields = _handling_fields(block, context.jsonata)
    branches = []
    for inner in block.blocks("Branches"):
        inner.refuse_others(GRAPH_FIELDS)
        branches.append(context.parse_graph(inner, context.language))
    return Parallel(**context.common, **fields, branches=tuple(graph for graph in branches if graph is not None))


def _map(block: Block, context: Context) -> State | None:
    fields = _handling_fields(block, context.jsonata)

    def processor(inner: Block) -> StateGraph | None:
        config = inner.get("ProcessorConfig")
        mode = config.get("Mode") if isinstance(config, dict) else None
        if context.language.express and mode == "DISTRIBUTED":
            # Message: badmintoncryer/cdk-preflight, ``pf-sfn-express-unsupported``.
            inner.problem(
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
                "ProcessorConfig", "Mode",
            )  # fmt: skip
        # The children of such a Map are Express executions, which neither run jobs nor wait for callbacks.
        express = mode == "DISTRIBUTED" and config.get("ExecutionType") == "EXPRESS"
        return context.parse_graph(inner, replace(context.language, express=context.language.express or express))

    return parse_map(block, context.jsonata, context.common | fields, processor)


PARSERS: dict[str, Callable[[Block, Context], State | None]] = {
    "Task": _task,
    "Wait": _wait,
    "Pass": _pass,
    "Succeed": _succeed,
    "Fail": _fail,
    "Choice": _choice,
    "Parallel": _parallel,
    "Map": _map,
}
