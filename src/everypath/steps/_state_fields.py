"""The fields that states share, for the signatures of their constructors."""

from __future__ import annotations

from typing import TypedDict

from everypath.steps._fields import Payload, QueryLanguage, Template


class StateFields(TypedDict, total=False):
    """The fields of every state."""

    comment: str
    query_language: QueryLanguage


class DataFields(StateFields, total=False):
    """The fields of every state but Fail."""

    input_path: str | None
    output_path: str | None
    output: Payload


class AssigningFields(DataFields, total=False):
    """The fields of every state but Succeed and Fail."""

    assign: Template


class ResultFields(AssigningFields, total=False):
    """The fields of the states that have a result: Task, Pass, Parallel and Map."""

    parameters: Template
    result_path: str | None


class WorkFields(ResultFields, total=False):
    """The fields of the states that can fail: Task, Parallel and Map."""

    result_selector: Template
