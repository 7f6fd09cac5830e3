"""Typed steps for state machines, on the AWS Data Science SDK (``stepfunctions``), for the whole language.

The classes are the SDK's, subclassed: ``isinstance`` holds, its `Chain`, its placeholders and its choice
rules go with them. See docs/steps.md.
"""

from everypath.steps.choice import Choice, ChoiceRule, Rule
from everypath.steps.errors import SdkError, StepError
from everypath.steps.fields import Json, Payload, QueryLanguage, Template
from everypath.steps.files import command, is_fresh, write
from everypath.steps.flow_states import Fail, Pass, Succeed, Wait
from everypath.steps.handlers import Catch, ErrorName, Retry
from everypath.steps.machine import StateMachine
from everypath.steps.map import ItemBatcher, ItemReader, Map, ReaderConfig, ResultWriter, WriterConfig
from everypath.steps.parallel import Parallel
from everypath.steps.sdk import Chain, ExecutionInput, StepInput
from everypath.steps.state import State
from everypath.steps.task import Task

__all__ = [
    "Catch",
    "Chain",
    "Choice",
    "ChoiceRule",
    "ErrorName",
    "ExecutionInput",
    "Fail",
    "ItemBatcher",
    "ItemReader",
    "Json",
    "Map",
    "Parallel",
    "Pass",
    "Payload",
    "QueryLanguage",
    "ReaderConfig",
    "ResultWriter",
    "Retry",
    "Rule",
    "SdkError",
    "State",
    "StateMachine",
    "StepError",
    "StepInput",
    "Succeed",
    "Task",
    "Template",
    "Wait",
    "WriterConfig",
    "command",
    "is_fresh",
    "write",
]
