"""Replays a recorded execution against today's definition, and compares the two histories."""

from __future__ import annotations

import warnings

from everypath.replay.replayed_machine import ReplayedMachine, replay
from everypath.replay.replayer import Replay

__all__ = ["Replay", "ReplayedMachine", "replay"]


def __getattr__(name: str) -> object:
    if name != "Subject":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "everypath.replay.Subject is now everypath.replay.ReplayedMachine; the old name goes in 0.3",
        DeprecationWarning,
        stacklevel=2,
    )
    return ReplayedMachine
