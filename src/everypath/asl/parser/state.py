"""Parses one state of a definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.parser import expressions
from everypath.asl.parser.assign import parse_assign
from everypath.asl.parser.block import Block
from everypath.asl.parser.choice_rule import Rule, check_rule, compile_rule
from everypath.asl.parser.fields import BY_TYPE, EXCLUSIVE, REQUIRED, WAITS, refuse_fields
from everypath.asl.parser.map_state import parse_map
from everypath.asl.parser.retry_catch import parse_catchers, parse_retriers
from everypath.asl.parser.task import LONGEST_TIMEOUT, parse_task
from everypath.asl.settings import Constant
from everypath.asl.timestamps import NO_TIMESTAMP, parse_timestamp
from everypath.asl.tree import Choice, ChoiceRule, Fail, Parallel, Pass, State, StateGraph, Succeed, Wait

TYPES = tuple(BY_TYPE)
LANGUAGES = ("JSONPath", "JSONata")
FLOW_FIELDS = frozenset({"StartAt", "States", "Comment"})


@dataclass(frozen=True, slots=True)
class Language:
    """What a state inherits from its machine; the query language of a Map or Parallel is not inherited."""

    machine_jsonata: bool
    express: bool


FlowParser = Callable[[Block, Language], StateGraph | None]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What the parsers of the single types need to know."""

    jsonata: bool
    language: Language
    parse_flow: FlowParser
    common: Fields = field(default_factory=dict)


def query_language(block: Block, inherited: bool) -> bool:
    """Whether an object's query language is JSONata.

    Anything but the exact ``JSONPath`` stands for JSONata, wrong values included (measured on AWS: floci-io/floci
    issue 2968).
    """
    return inherited if "QueryLanguage" not in block else bool(block.get("QueryLanguage") != "JSONPath")


def parse_state(name: str, block: Block, language: Language, parse_flow: FlowParser) -> State | None:
    """Parse a state; None, with problems noted, where it is wrong.

    What concerns the state as a whole is noted first, then what concerns its fields, as AWS does (floci-io/floci pull
    request 2972).
    """
    if not block.require("Type"):
        return None
    kind = block.string("Type", choices=TYPES)
    if kind is None:
        return None
    before = len(block.problems)
    jsonata = query_language(block, language.machine_jsonata)
    _check_shape(block, kind, jsonata, language)
    block.string("QueryLanguage", choices=LANGUAGES)
    context = Context(jsonata, language, parse_flow, _common(name, block, kind, jsonata))
    state = PARSERS[kind](block, context)
    return state if len(block.problems) == before else None


def _check_shape(block: Block, kind: str, jsonata: bool, language: Language) -> None:
    """Note what is missing, what is too much, and what excludes each other."""
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
    """Next or an End that is true; an End that is false is as good as none."""
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
        found["assign"] = parse_assign(block, jsonata=jsonata)
    if jsonata and "Output" in fields:
        found["output"] = expressions.template(block, "Output", jsonata=True)
    elif "InputPath" in fields:
        found["input_path"] = expressions.filter_path(block, "InputPath")
        found["output_path"] = expressions.filter_path(block, "OutputPath")
    return found


def result_fields(block: Block, jsonata: bool) -> Fields:
    """The fields of a state that makes a result."""
    if jsonata:
        return {"parameters": expressions.template(block, "Arguments", jsonata=True)}
    path, keeps = expressions.result_path(block)
    return {
        "parameters": expressions.template(block, "Parameters", jsonata=False),
        "result_selector": expressions.template(block, "ResultSelector", jsonata=False),
        "result_path": path,
        "keeps_result": keeps,
    }


def handling_fields(block: Block, jsonata: bool) -> Fields:
    """The fields of a state that handles errors."""
    return result_fields(block, jsonata) | {
        "retriers": parse_retriers(block),
        "catchers": parse_catchers(block, jsonata),
    }


def _task(block: Block, context: Context) -> State | None:
    fields = context.common | handling_fields(block, context.jsonata)
    return parse_task(block, context.jsonata, context.language.express, fields)


def _pass(block: Block, context: Context) -> Pass:
    fields = context.common | result_fields(block, context.jsonata)
    return Pass(**fields, result=block.get("Result"), has_result="Result" in block)


def _wait(block: Block, context: Context) -> Wait:
    jsonata = context.jsonata
    seconds = expressions.number(block, "Seconds", jsonata=jsonata, minimum=0, maximum=LONGEST_TIMEOUT)
    timestamp = expressions.timestamp(block, "Timestamp", jsonata=jsonata)
    if isinstance(timestamp, Constant) and parse_timestamp(timestamp.value) is None:
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
        assign = parse_assign(inner, jsonata=context.jsonata)
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
    fields = handling_fields(block, context.jsonata)
    branches = []
    for inner in block.blocks("Branches"):
        inner.refuse_others(FLOW_FIELDS)
        branches.append(context.parse_flow(inner, context.language))
    return Parallel(**context.common, **fields, branches=tuple(graph for graph in branches if graph is not None))


def _map(block: Block, context: Context) -> State | None:
    fields = handling_fields(block, context.jsonata)

    def processor(inner: Block) -> StateGraph | None:
        config = inner.get("ProcessorConfig")
        mode = config.get("Mode") if isinstance(config, dict) else None
        if context.language.express and mode == "DISTRIBUTED":
            # Sentence: badmintoncryer/cdk-preflight, ``pf-sfn-express-unsupported``.
            inner.problem(
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
                "ProcessorConfig", "Mode",
            )  # fmt: skip
        return context.parse_flow(inner, context.language)

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
