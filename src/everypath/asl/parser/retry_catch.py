"""Parses Retry and Catch."""

from __future__ import annotations

from everypath.asl.error_catalog import ALL
from everypath.asl.parser import expressions
from everypath.asl.parser.block import LARGEST_NUMBER, Block
from everypath.asl.parser.fields import CATCHER, RETRIER, refuse_fields
from everypath.asl.tree import LONGEST_DELAY, Catcher, Retrier

JITTER = ("NONE", "FULL")
#: What AWS says of a States.ALL in any other place.
MISPLACED_WILDCARD = f"{ALL} must appear alone and at end of list"


def parse_retriers(block: Block) -> tuple[Retrier, ...]:
    """Parse ``Retry``, which may be empty (recorded)."""
    blocks = block.blocks("Retry", empty=True)
    return tuple(_retrier(inner, is_last=index == len(blocks) - 1) for index, inner in enumerate(blocks))


def parse_catchers(block: Block, jsonata: bool) -> tuple[Catcher, ...]:
    """Parse ``Catch``, which may be empty (recorded)."""
    blocks = block.blocks("Catch", empty=True)
    return tuple(_catcher(inner, jsonata, is_last=index == len(blocks) - 1) for index, inner in enumerate(blocks))


def _retrier(block: Block, *, is_last: bool) -> Retrier:
    """Parse a retrier.

    The bounds were measured with ValidateStateMachineDefinition (badmintoncryer/cdk-preflight,
    ``pf-sfn-asl-numeric-ranges``). AWS accepts an IntervalSeconds of 0, against the documents.
    """
    block.refuse_others(RETRIER)
    block.require("ErrorEquals")
    block.string("Comment")
    return Retrier(
        error_equals=_error_names(block, is_last=is_last),
        interval_seconds=block.number("IntervalSeconds", minimum=0, maximum=LARGEST_NUMBER, default=1),
        max_attempts=block.number("MaxAttempts", minimum=0, maximum=LARGEST_NUMBER, default=3),
        backoff_rate=block.number("BackoffRate", minimum=1.0, integer=False, default=2.0),
        max_delay_seconds=block.number("MaxDelaySeconds", minimum=1, maximum=LONGEST_DELAY),
        full_jitter=block.string("JitterStrategy", choices=JITTER, default="NONE") == "FULL",
    )


def _catcher(block: Block, jsonata: bool, *, is_last: bool) -> Catcher:
    refuse_fields(block, CATCHER, jsonata=jsonata)
    block.require("ErrorEquals", "Next")
    block.string("Comment")
    path, keeps = (None, True) if jsonata else expressions.result_path(block)
    return Catcher(
        error_equals=_error_names(block, is_last=is_last),
        next=block.string("Next") or "",
        result_path=path,
        keeps_result=keeps,
        assign=expressions.assign(block, jsonata=jsonata),
        output=expressions.template(block, "Output", jsonata=True) if jsonata else None,
    )


def _error_names(block: Block, *, is_last: bool) -> tuple[str, ...]:
    """Parse ``ErrorEquals``, of whose names AWS checks only that States.ALL is alone and last.

    A mistyped wildcard such as ``State.ALL`` is a custom name (recorded). Message and place are AWS's (aws/aws-cdk
    issue 10530).
    """
    names = block.array("ErrorEquals")
    for index, name in enumerate(names):
        if not isinstance(name, str):
            block.wrong_type("STRING", "ErrorEquals", index)
        elif name == ALL and (len(names) > 1 or not is_last):
            block.problem(MISPLACED_WILDCARD, "ErrorEquals", index)
    return tuple(name for name in names if isinstance(name, str))
