"""Tasks that come to what they came to in a recorded execution."""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

from everypath.asl.resource import Resource
from everypath.engine.data import to_text
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal, Stopped
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.errors import InputError
from everypath.history.attempts import Place, RecordedAttempt
from everypath.history.branches import SCHEDULED, Branch, Branches, details
from everypath.history.log import Event
from everypath.history.outcome import Outcome


class RecordedTasks:
    """Answers each call with the next attempt of the same line and state.

    Parameters
    ----------
    attempts : dict
        The attempts of the recorded execution.
    recorded : Branches
        Its lines.
    behind : Tasks
        Who says what would not even be scheduled.

    Attributes
    ----------
    tokens : set of str
        The task tokens that were given out.
    """

    def __init__(self, attempts: dict[Place, deque[RecordedAttempt]], recorded: Branches, behind: Tasks) -> None:
        self.tokens: set[str] = set()
        self._redrives = 0
        self._under_way: dict[Place, RecordedAttempt] = {}
        self._attempts = attempts
        self._recorded = recorded
        self._behind = behind
        self._branches = Branches()
        self._read = 0
        self._open: list[tuple[int, Branch, str]] = []

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled."""
        return self._behind.problem(resource, arguments)

    def item_store(self, run: CallingRun) -> ItemStore:
        """Nothing is read or written in a replay."""
        raise InputError("a replay does not reach Amazon S3")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that plays the recorded attempt."""
        if call.token is not None:
            self.tokens.add(call.token)
        self._read_events(call.run.history.events)
        branch = self._claim(call)
        place = (branch.key, call.state)
        attempts = self._attempts.get(place, deque())
        while attempts and attempts[0].is_cut_off and attempts[0].redrives < self._redrives:
            attempts.popleft()
        if not attempts:
            return self._unknown(call, branch)
        if attempts[0].redrives > self._redrives:  # before that redrive, there was no time for it
            return _never()
        return self._play(call, place, attempts.popleft())

    def redriven(self, events: Sequence[Event]) -> None:
        """Go on with what was recorded after the next redrive; what is under way is done again."""
        self._read_events(events)
        self._open.clear()
        for place, attempt in self._under_way.items():
            if not attempt.is_cut_off and not attempt.timed_out:
                self._attempts[place].appendleft(attempt)
        self._under_way.clear()
        self._redrives += 1

    async def _play(self, call: TaskCall, place: Place, attempt: RecordedAttempt) -> Outcome:
        self._under_way[place] = attempt
        outcome = await _play(call, attempt)
        del self._under_way[place]
        return outcome

    async def _unknown(self, call: TaskCall, branch: Branch) -> Outcome:
        """A call that the recorded execution did not make, or had no time for before it was stopped."""
        recorded = self._recorded.all.get(branch.key)
        if recorded is None or recorded.whole:
            call.run.stop()
            raise Stopped
        return await _never()

    def branches(self, events: Sequence[Event]) -> Branches:
        """The lines of the replay's whole history."""
        self._read_events(events)
        return self._branches

    def _read_events(self, events: Sequence[Event]) -> None:
        for event in events[self._read :]:
            branch = self._branches.add(event)
            if event["type"] in SCHEDULED:
                self._open.append((event["id"], branch, branch.state))
        self._read = len(events)

    def _claim(self, call: TaskCall) -> Branch:
        """The line of the call, which follows the event that says it was scheduled."""
        events = call.run.history.events
        if call.resource.kind == "activity":
            text = to_text(call.arguments)
            matching = (
                entry
                for entry in self._open
                if entry[2] == call.state and details(events[entry[0] - 1]).get("input") == text
            )
            found = next(matching)
        else:
            found = next(entry for entry in self._open if entry[0] == events[-1]["previousEventId"])
        self._open.remove(found)
        return found[1]


async def _play(call: TaskCall, attempt: RecordedAttempt) -> Outcome:
    if call.resource.kind == "activity" and attempt.worker is not None:
        call.started(attempt.worker)
    passed = 0.0
    if attempt.submitted is not None and (call.resource.needs_token or call.resource.runs_job):
        output, passed = attempt.submitted
        await _sleep(call, passed)
        call.submitted(output)
    if attempt.outcome is None:
        return await _never()
    await _sleep(call, attempt.seconds - passed)
    return attempt.outcome


async def _sleep(call: TaskCall, seconds: float) -> None:
    """Let time pass; the heartbeats of a task that was alive are in no history, and are sent as they must have been."""
    pulse = call.heartbeat_seconds
    while pulse is not None and seconds > pulse / 2:
        await call.run.scheduler.sleep(pulse / 2)
        call.heartbeat()
        seconds -= pulse / 2
    if seconds > 0:
        await call.run.scheduler.sleep(seconds)


async def _never() -> Outcome:
    outcome: Outcome = await Signal()
    return outcome
