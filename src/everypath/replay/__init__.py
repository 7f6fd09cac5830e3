"""Runs today's definition with what the tasks of a recorded execution came to, and compares the two histories."""

from everypath.replay.replayed_machine import Subject, replay
from everypath.replay.replayer import Replay

__all__ = ["Replay", "Subject", "replay"]
