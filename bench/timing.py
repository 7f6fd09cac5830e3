"""How time and memory are measured."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

#: What a measurement finds, by what it is about.
Samples = dict[str, list[float]]

Work = Callable[[], object]

#: Seconds that a sample lasts at least. Calls that are shorter are timed as many at a time: what they leave to be done
#: later, the garbage collection of Python above all, is then part of what they cost.
SAMPLE = 0.2


def timed(work: Work, times: int = 1) -> float:
    """How many seconds a call takes, as the mean of so many."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def in_turns(works: Mapping[str, Work], *, least: int = 3, seconds: float = 1.4) -> Samples:
    """Time calls in turns, again and again: at least `least` times each, and for `seconds`.

    Whatever else the machine does meets all of them.
    """
    times: dict[str, int] = {}
    samples: Samples = {name: [] for name in works}
    end = time.perf_counter() + seconds
    for turn in range(sys.maxsize):
        if turn >= least and time.perf_counter() >= end:
            break
        for name, work in works.items():
            if name not in times:
                once = timed(work)
                times[name] = max(1, round(SAMPLE / once))
                if times[name] == 1:
                    samples[name].append(once)
                    continue
            samples[name].append(timed(work, times[name]))
    return samples


def repeat(work: Work, *, warm_up: int = 1, least: int = 3, seconds: float = 1.4) -> Samples:
    """Time a call again and again, after some calls that are not counted."""
    for _ in range(warm_up):
        work()
    return in_turns({"seconds": work}, least=least, seconds=seconds)


def peak_megabytes() -> float:
    """The most memory that this process has held so far."""
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def children_peak_megabytes() -> float:
    """The most memory that any process held that this one has started and waited for.

    Linux counts what this process held when it started another one, too: whoever asks has to be small itself.
    """
    return _megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def resident_megabytes(process: int) -> float:
    """The memory that another process holds at this moment."""
    pages = Path(f"/proc/{process}/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 1e6
    found = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(found.stdout) * 1024 / 1e6


def _megabytes(maximum_resident: int) -> float:
    # Kibibytes on Linux, bytes on macOS.
    return maximum_resident * (1 if sys.platform == "darwin" else 1024) / 1e6
