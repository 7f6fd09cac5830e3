"""Error names that match nothing, or not what is meant; for all definitions, handlers or not."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.asl.error_catalog import (
    ALWAYS_PREFIXED,
    BRANCH_FAILED,
    HEARTBEAT_TIMEOUT,
    LAMBDA_CRASHES,
    LAMBDA_ERRORS,
    LAMBDA_TOO_MANY_REQUESTS,
    LAMBDA_UNKNOWN,
    NO_CHOICE_MATCHED,
    OPTIMIZED_PREFIXES,
    RESERVED,
    RESERVED_PREFIX,
    RUNTIME,
    TIMEOUT,
    error_prefix,
    is_reserved,
    optimized_error,
)
from everypath.asl.resource import Resource
from everypath.asl.sdk_services import error_shapes
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.error_names import java_name, meant_name, near_name
from everypath.check.finding import Hit, rule
from everypath.check.view import Handler, StateView

_NEVER_SENT = {
    HEARTBEAT_TIMEOUT: "nothing here has HeartbeatSeconds; what expires arrives as States.Timeout",
    BRANCH_FAILED: "Parallel and Map pass on the error name of the branch itself",
}
_TAKES_NOTHING = {
    RUNTIME: "Nothing takes States.Runtime, not even what names it: prevent the error, and remove this.",
    NO_CHOICE_MATCHED: (
        "A Choice of which no rule matches fails with States.Runtime, which nothing takes: give it a Default, and "
        "remove this."
    ),
}
#: The prefixes of services, in whatever case: those of optimized integrations, and those most used with the SDK.
_SERVICE_PREFIXES = frozenset(prefix.casefold() for prefix in (*OPTIMIZED_PREFIXES, "S3", "Sfn", "Kms", "Kinesis"))


def _named_errors(checked: CheckedDefinition) -> Iterator[tuple[StateView, Handler, str]]:
    """Every name in every retrier and catcher, once per retrier or catcher."""
    for state in checked.states:
        for handler in state.handlers:
            for name in dict.fromkeys(handler.names):
                yield state, handler, name


@rule("EP109", "error", "An error name is mistyped: its prefix, or what follows it")
def mistyped(checked: CheckedDefinition) -> Iterator[Hit]:
    """``State.ALL``, ``Ecs.`` for ``ECS.``, ``Lambda.TooManyRequestException``: AWS takes them for custom names."""
    for state, handler, name in _named_errors(checked):
        meant = meant_name(state, name)
        if meant and not _fails_with(checked, state, name):
            message = f"'{name}' is taken for a custom error name and never matches: write '{meant}'."
            yield Hit(handler.named_at(name), message)


@rule("EP108", "warning", "An error name of a service that the task does not call")
def other_service(checked: CheckedDefinition) -> Iterator[Hit]:
    """``DynamoDB.…`` on a Lambda task; a service's error without the prefix that it always has."""
    for state, handler, name in _named_errors(checked):
        resource = state.resource
        prefix = error_prefix(resource) if resource else None
        if resource is None or prefix is None or resource.needs_token or meant_name(state, name):
            continue
        if state.calls_lambda and checked.raised(state) is None:  # in another language, names are what they like
            continue
        head, dot, _ = name.partition(".")
        place = handler.named_at(name)
        if dot and head.casefold() in _SERVICE_PREFIXES and head != prefix:
            yield Hit(place, f"'{name}' is not an error of this task, whose errors begin with '{prefix}.': remove it.")
        elif not dot and _unprefixed(checked, state, name):
            hint = _prefix_hint(prefix, name, resource) if prefix != "Lambda" else _lambda_hint(name)
            message = f"'{name}' never comes from this task: the service's errors begin with '{prefix}.'; {hint}."
            yield Hit(place, message)


@rule("EP202", "error", "An unknown name that begins with States.")
def unknown_reserved(checked: CheckedDefinition) -> Iterator[Hit]:
    """Names under ``States.`` that Step Functions does not have, and that nothing in the definition raises."""
    for state, handler, name in _named_errors(checked):
        if not name.startswith(RESERVED_PREFIX) or is_reserved(name) or "${" in name:
            continue
        near = near_name(name, RESERVED)
        if _fails_with(checked, state, name) or (near is None and _is_open(checked, state)):
            continue
        hint = f"did you mean '{near}'?" if near else "see the Developer Guide, 'Error names'."
        yield Hit(handler.named_at(name), f"Step Functions has no error '{name}': {hint}")


@rule("EP204", "error", "States.Runtime and States.NoChoiceMatched cannot be caught or retried")
def runtime_named(checked: CheckedDefinition) -> Iterator[Hit]:
    """A retrier or catcher that names nothing but ``States.Runtime`` or ``States.NoChoiceMatched``."""
    for state in checked.states:
        for handler in state.handlers:
            if handler.names and set(handler.names) <= _TAKES_NOTHING.keys():
                yield Hit(handler.place, _TAKES_NOTHING[handler.names[0]])


@rule("EP205", "warning", "A name that Step Functions documents but never sends")
def never_sent(checked: CheckedDefinition) -> Iterator[Hit]:
    """A retrier or catcher that names nothing but ``States.BranchFailed``, or a heartbeat where there is none."""
    for state in checked.states:
        for handler in state.handlers:
            if not handler.names or (HEARTBEAT_TIMEOUT in handler.names and _has_heartbeat(checked, state)):
                continue
            if set(handler.names) <= _NEVER_SENT.keys():
                reason = _NEVER_SENT[handler.names[0]]
                yield Hit(handler.place, f"{handler.names[0]} alone never matches: {reason}. Name that as well.")


@rule("EP221", "info", "A catcher names one of States.HeartbeatTimeout and States.Timeout")
def one_of_two_timeouts(checked: CheckedDefinition) -> Iterator[Hit]:
    """Catchers that name one of the two where a heartbeat can expire, and no other catcher names the other one."""
    for state in checked.states:
        named = {name for catcher in state.catchers for name in catcher.names}
        missing = {HEARTBEAT_TIMEOUT, TIMEOUT} - named
        if len(missing) != 1 or not _has_heartbeat(checked, state):
            continue
        (other,) = missing
        for catcher in state.catchers:
            for name in catcher.names:
                if name in (HEARTBEAT_TIMEOUT, TIMEOUT):
                    message = (
                        "AWS documents an expired heartbeat as States.HeartbeatTimeout and has been seen to report"
                    )
                    yield Hit(catcher.named_at(name), f"{message} States.Timeout: name {other}, too.")


@rule("EP219", "warning", "Lambda.Unknown without the names that Lambda sends today")
def lambda_unknown(checked: CheckedDefinition) -> Iterator[Hit]:
    """Timeouts and crashes used to be ``Lambda.Unknown`` and are ``Sandbox.Timedout`` and ``Runtime.ExitError``."""
    for _, handler, name in _named_errors(checked):
        missing = [each for each in LAMBDA_CRASHES if each not in handler.names]
        if name == LAMBDA_UNKNOWN and missing:
            message = f"A function's timeout or crash does not arrive as Lambda.Unknown: add {' and '.join(missing)}."
            yield Hit(handler.named_at(name), message)


def _has_heartbeat(checked: CheckedDefinition, state: StateView) -> bool:
    """Whether a heartbeat can expire in a state or inside it."""
    return any(
        field in task.data
        for task in checked.tasks
        if task is state or state in task.outer
        for field in ("HeartbeatSeconds", "HeartbeatSecondsPath")
    )


def _fails_with(checked: CheckedDefinition, state: StateView, name: str) -> bool:
    """Whether a Fail state inside a state, or the code of its handler, may raise an error of this name."""
    raised = checked.raised(state)
    return name in state.failures or None in state.failures or (raised is not None and name in raised.names)


def _is_open(checked: CheckedDefinition, state: StateView) -> bool:
    """Whether a task of a state, or inside it, may answer with any name: code that is not read, and callbacks."""
    for task in checked.tasks:
        inside = task is state or state in task.outer
        resource = task.resource
        if inside and (resource is None or resource.needs_token or (task.calls_lambda and not checked.raised(task))):
            return True
    return False


def _unprefixed(checked: CheckedDefinition, state: StateView, name: str) -> bool:
    resource = state.resource
    if resource is None:
        return False
    if not state.calls_lambda:
        return resource.pattern == "" and resource.service != "states" and "${" not in name
    raised = checked.raised(state)
    if name not in ALWAYS_PREFIXED or raised is None:
        return False
    return raised.cannot_raise(name) and not any(name in error_shapes(each) for each in raised.services)


def _prefix_hint(prefix: str, name: str, resource: Resource) -> str:
    shapes = error_shapes(resource.client or resource.service)
    known = {java_name(shape, resource) for shape in shapes}
    found = java_name(name, resource) if name in shapes else name
    return f"write '{prefix}.{found}'" if found in known else "correct it, or remove it"


def _lambda_hint(name: str) -> str:
    if name.startswith("Thrott"):
        return f"Lambda's throttling is '{LAMBDA_TOO_MANY_REQUESTS}'"
    prefixed = optimized_error("lambda", name)
    return f"write '{prefixed}'" if prefixed in LAMBDA_ERRORS else "remove it"
