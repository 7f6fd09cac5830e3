"""The outcome of a task, a state or an execution: an output, or an error and its cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from everypath.asl import error_catalog


@dataclass(frozen=True, slots=True)
class Success:
    """An output, any JSON value."""

    output: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An error name and a cause; each may be missing.

    Parameters
    ----------
    error, cause : str or None
        As a catcher sees them.
    timed_out : bool
        Whether a timeout or a missed heartbeat made it: its events have other names, and no cause.
    fatal : bool
        Whether no retrier and no catcher of its own state can take it; for a Parallel or a Map around that state it
        is an error like any other.
    alias : str or None
        Another name by which retriers and catchers take it; events do not show it.
    """

    error: str | None
    cause: str | None = None
    timed_out: bool = False
    fatal: bool = False
    alias: str | None = None

    def details(self) -> dict[str, str]:
        """The error and the cause as events hold them: what is missing is left out."""
        found = {}
        if self.cause is not None and not self.timed_out:
            found["cause"] = self.cause
        if self.error is not None:
            found["error"] = self.error
        return found

    def output(self) -> dict[str, str | None]:
        """What a catcher gives to its next state."""
        return {"Error": self.error, "Cause": self.cause}


Outcome = Success | Failure

#: A state's TimeoutSeconds or HeartbeatSeconds has passed; when caught, the cause is empty but present (recorded).
TIMEOUT = Failure(error_catalog.TIMEOUT, "", timed_out=True)

#: An expired heartbeat is reported as a timeout (recorded). CDK and AWS's own workflows catch it by its name in the
#: specification; as no recording shows that this fails, either name takes it.
HEARTBEAT_TIMEOUT = replace(TIMEOUT, alias=error_catalog.HEARTBEAT_TIMEOUT)
