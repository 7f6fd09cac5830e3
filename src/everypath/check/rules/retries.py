"""Retriers: those that are missing, those that cannot help, and those that take too long."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.asl import error_catalog
from everypath.asl.error_catalog import LAMBDA_CLIENT_EXECUTION_TIMEOUT, LAMBDA_TRANSIENT, takes
from everypath.asl.tree import LONGEST_DELAY
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.error_names import meant_name
from everypath.check.finding import Hit, rule
from everypath.check.view import Handler, StateView, number

#: Errors that every attempt is likely to end with, and what to do about them.
_DETERMINISTIC = {
    error_catalog.TIMEOUT: "raise TimeoutSeconds, or catch it",
    error_catalog.SANDBOX_TIMEDOUT: "raise the function's Timeout, or catch it",
    error_catalog.DATA_LIMIT_EXCEEDED: "pass the data through S3, or catch it",
    error_catalog.INTRINSIC_FAILURE: "correct the expression, or catch it",
    error_catalog.PARAMETER_PATH_FAILURE: "correct the path, or catch it",
    error_catalog.PERMISSIONS: "correct the role, or catch it",
    error_catalog.QUERY_EVALUATION_ERROR: "correct the expression, or catch it",
    error_catalog.RESULT_PATH_MATCH_FAILURE: "correct the ResultPath, or catch it",
}
#: The transient errors that a retrier is expected to name; the SDK's own timeout is too rare to ask for.
_EXPECTED = tuple(name for name in LAMBDA_TRANSIENT if name != LAMBDA_CLIENT_EXECUTION_TIMEOUT)
#: An uncapped wait of more seconds is reported.
_LONG_WAIT = 60


@rule("EP206", "warning", "No retrier for Lambda's transient errors")
def transient_errors(checked: CheckedDefinition) -> Iterator[Hit]:
    """Lambda tasks that fail for good when Lambda throttles them, or fails for a moment."""
    for state in checked.tasks:
        named = {name for retrier in state.retriers if _attempts(retrier) for name in retrier.names}
        retried = named | {meant for name in named if (meant := meant_name(state, name))}
        missing = [name for name in _EXPECTED if not takes(retried, name)]
        if state.calls_lambda and missing:
            message = f"Nothing retries {', '.join(missing)}: Lambda sometimes throttles calls or fails briefly."
            yield Hit(state.place, f"{message} Add a retrier for them.")


@rule("EP207", "warning", "A retry of an error that will occur again")
def deterministic(checked: CheckedDefinition) -> Iterator[Hit]:
    """Retriers that name a timeout, or a mistake in the definition."""
    for state in checked.states:
        for retrier in state.retriers:
            for name in dict.fromkeys(retrier.names):
                if name in _DETERMINISTIC and _attempts(retrier):
                    times = f"{_attempts(retrier):g} more times" if _attempts(retrier) != 1 else "once more"
                    message = f"{name} is likely to occur {times}, after as long a time: {_DETERMINISTIC[name]}."
                    yield Hit(retrier.named_at(name), message)


@rule("EP208", "info", "Retries without jitter")
def no_jitter(checked: CheckedDefinition) -> Iterator[Hit]:
    """Retriers without jitter, which all retry at the same moment."""
    for state in checked.tasks:
        for retrier in state.retriers:
            if _attempts(retrier) and retrier.data.get("JitterStrategy") != "FULL":
                message = 'Executions that fail together try again together: add "JitterStrategy": "FULL".'
                yield Hit(retrier.place, message)


@rule("EP209", "info", "Waits between retries grow without a limit")
def no_max_delay(checked: CheckedDefinition) -> Iterator[Hit]:
    """Retriers whose last wait is longer than a minute, without ``MaxDelaySeconds``."""
    for state in checked.states:
        for retrier in state.retriers:
            waits = waits_of(retrier)
            if waits and waits[-1] > _LONG_WAIT and "MaxDelaySeconds" not in retrier.data:
                message = f"The last wait of this retrier is {waits[-1]:g} s: limit it with MaxDelaySeconds."
                yield Hit(retrier.place, message)


@rule("EP210", "warning", "The retries take longer than the state machine's TimeoutSeconds")
def longer_than_machine(checked: CheckedDefinition) -> Iterator[Hit]:
    """States whose waits between attempts alone exceed the ``TimeoutSeconds`` of the definition."""
    limit = number(checked.definition.get("TimeoutSeconds"), 0)
    for state in checked.states:
        total = _total(state)
        if 0 < limit < total:
            message = f"The retries wait up to {total:g} s, but the execution ends after {limit:g} s (TimeoutSeconds)"
            yield Hit((*state.place, "Retry"), f"{message}, and no catcher runs: wait less, or allow more time.")


@rule("EP211", "info", "The retries take longer than the state's TimeoutSeconds, which does not limit them")
def longer_than_state(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks whose author may take ``TimeoutSeconds`` for a limit of all attempts together."""
    for state in checked.tasks:
        limit, total = number(state.data.get("TimeoutSeconds"), 0), _total(state)
        if 0 < limit < total:
            message = f"The retries wait up to {total:g} s in all: TimeoutSeconds ({limit:g} s) is for each attempt"
            yield Hit((*state.place, "Retry"), f"{message}. If it is meant for all of them, wait less.")


def waits_of(retrier: Handler) -> list[float]:
    """The seconds before each attempt of a retrier, without jitter; of very many attempts the first thousand."""
    interval, rate = retrier.number("IntervalSeconds", 1), retrier.number("BackoffRate", 2.0)
    longest = retrier.number("MaxDelaySeconds", LONGEST_DELAY)
    waits: list[float] = []
    wait = interval
    for _ in range(min(int(_attempts(retrier)), 1000)):
        waits.append(min(wait, longest))
        wait = min(wait * rate, longest)
    return waits


def _total(state: StateView) -> float:
    return sum(sum(waits_of(retrier)) for retrier in state.retriers)


def _attempts(retrier: Handler) -> float:
    return retrier.number("MaxAttempts", 3)
