"""The result of an execution, in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.engine.data import to_text
from everypath.history.execution import Execution
from everypath.report.history_table import cause_in_words, errors, history_table


def report(execution: Execution, title: str, *, clock: str = "virtual") -> str:
    """Return the outcome, the path, the time, the transitions, and the history of an execution that failed."""
    lines = [f"{title}  {to_text(execution.input)}", f"  {_outcome(execution)}"]
    facts = {"time": f"{execution.elapsed:g} s ({clock})"}
    if execution.history is not None:
        facts = {"path": " > ".join(execution.history.path)} | facts
        facts |= {"transitions": str(execution.history.transitions), "events": str(len(execution.history.events))}
    else:
        facts["events"] = "unknown: only the embedded engine has the history of an Express workflow"
    lines += [f"  {name:<12} {fact}" for name, fact in facts.items()]
    if execution.has_history and not execution.succeeded:
        lines += ["", *(f"  {line}" for line in history_table(execution).splitlines())]
        lines += ["", *_errors(execution)]
    return "\n".join(lines)


def _outcome(execution: Execution) -> str:
    if execution.succeeded:
        return f"SUCCEEDED    {to_text(execution.output)}"
    words = [execution.error or "", cause_in_words(execution.cause or "")]
    return f"{execution.status:<12} {': '.join(word for word in words if word)}".rstrip()


def _errors(execution: Execution) -> Iterator[str]:
    for event, error, cause in errors(execution):
        yield f"  event {event['id']}: {': '.join(word for word in (error, cause) if word)}"
