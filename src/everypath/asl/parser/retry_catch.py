"""Parses Retry and Catch."""

from __future__ import annotations

from everypath.asl.error_catalog import ALL
from everypath.asl.parser import expressions
from everypath.asl.parser.block import Block
from everypath.asl.parser.fields import CATCHER, RETRIER, refuse_fields
from everypath.asl.tree import Catcher, Retrier

#: Bounds of the numbers of a retrier, as measured with ValidateStateMachineDefinition (badmintoncryer/cdk-preflight,
#: ``pf-sfn-asl-numeric-ranges``). An IntervalSeconds of 0 is taken, whatever the documents say.
LARGEST = 99_999_999
LONGEST_DELAY = 31_622_400
JITTER = ("NONE", "FULL")
#: What AWS says of a States.ALL in another place.
MISPLACED_WILDCARD = f"{ALL} must appear alone and at end of list"


def parse_retriers(block: Block) -> tuple[Retrier, ...]:
    """Parse ``Retry``; an empty list is taken (recorded)."""
    blocks = block.blocks("Retry", empty=True)
    return tuple(_retrier(inner, is_last=index == len(blocks) - 1) for index, inner in enumerate(blocks))


def parse_catchers(block: Block, jsonata: bool) -> tuple[Catcher, ...]:
    """Parse ``Catch``; an empty list is taken (recorded)."""
    blocks = block.blocks("Catch", empty=True)
    return tuple(_catcher(inner, jsonata, is_last=index == len(blocks) - 1) for index, inner in enumerate(blocks))


def _retrier(block: Block, *, is_last: bool) -> Retrier:
    block.refuse_others(RETRIER)
    block.require("ErrorEquals")
    block.string("Comment")
    return Retrier(
        error_equals=_error_names(block, is_last=is_last),
        interval_seconds=block.number("IntervalSeconds", minimum=0, maximum=LARGEST, default=1),
        max_attempts=block.number("MaxAttempts", minimum=0, maximum=LARGEST, default=3),
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
    """``ErrorEquals``: names, of which AWS checks nothing but that States.ALL stands alone and last.

    A mistyped wildcard such as ``State.ALL`` is taken as a custom name (recorded). The sentence is AWS's, and so is its
    place, the name itself (aws/aws-cdk issue 10530).
    """
    names = block.array("ErrorEquals")
    for index, name in enumerate(names):
        if not isinstance(name, str):
            block.wrong_type("STRING", "ErrorEquals", index)
        elif name == ALL and (len(names) > 1 or not is_last):
            block.problem(MISPLACED_WILDCARD, "ErrorEquals", index)
    return tuple(name for name in names if isinstance(name, str))
