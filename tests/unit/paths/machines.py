"""Definitions whose paths the tests enumerate."""

from __future__ import annotations

from typing import Any

from everypath.asl.parser.definition import parse
from everypath.asl.tree import StateMachine
from everypath.paths.cases import Case, Enumeration, enumerate_cases

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


def task(following: str | None = None, **fields: Any) -> dict[str, Any]:
    end: dict[str, Any] = {"End": True} if following is None else {"Next": following}
    return {"Type": "Task", "Resource": FUNCTION + "work", **end, **fields}


def machine(states: dict[str, Any], start: str | None = None, **fields: Any) -> StateMachine:
    return parse({"StartAt": start or next(iter(states)), "States": states, **fields})


def enumeration_of(states: dict[str, Any], **fields: Any) -> Enumeration:
    return enumerate_cases(machine(states, **fields))


def case(enumeration: Enumeration, id: str) -> Case:
    return next(case for case in enumeration.cases if case.id == id)


def missing(enumeration: Enumeration) -> dict[str, str]:
    return {one.element.id: one.reason for one in enumeration.unreachable}
