"""The rows of the table: which measurement each shows, how, and what it has to reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.timing import Samples


@dataclass(frozen=True)
class Target:
    """What everypath has to reach: at least so many times a peer's speed, or at most so much of its own unit."""

    ratio: float | None = None
    most: float | None = None


def samples_of(key: str) -> Callable[[Samples], list[float]]:
    """Take the samples of one key."""
    return lambda samples: samples[key]


SECONDS, MEMORY = samples_of("seconds"), samples_of("megabytes")


def per_item(samples: Samples) -> list[float]:
    """How much longer an item takes among 10,000 than among 100, turn by turn."""
    return [(large / 10_000) / (small / 100) for large, small in zip(samples["10000"], samples["100"], strict=True)]


def as_time(seconds: float) -> str:
    """Show seconds in a unit that suits them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def as_rate(seconds: float) -> str:
    """Show how many of what takes so long fit into a second."""
    return f"{1 / seconds:,.0f} /s"


def as_memory(megabytes: float) -> str:
    """Show megabytes."""
    return f"{megabytes:.0f} MB"


def as_factor(factor: float) -> str:
    """Show how many times something is something else; three digits say enough."""
    return f"{factor:,.0f} ×" if factor >= 100 else f"{factor:.3g} ×"


@dataclass(frozen=True)
class Row:
    """One row.

    Parameters
    ----------
    title : str
        What was measured.
    measurement : str
        Which measurement its figure is taken from.
    samples : callable
        Takes the figure's samples out of the measurement's; their median is shown.
    show : callable
        Writes the figure.
    compared : bool
        Whether a ratio of the peers' figures says anything.
    """

    title: str
    measurement: str
    samples: Callable[[Samples], list[float]] = SECONDS
    show: Callable[[float], str] = as_time
    target: Target | None = None
    compared: bool = True

    def figure(self, samples: Samples) -> float:
        """The median of the row's samples."""
        return median(self.samples(samples))


ROWS = (
    Row("Tutorial, 429 path", "tutorial_429", target=Target(ratio=1000)),
    Row("3 Pass states, one at a time", "one_at_a_time", show=as_rate, target=Target(ratio=60)),
    Row("3 Pass states, 1,000 together", "together", show=as_rate, target=Target(ratio=60)),
    Row("Inline Map, 10 items", "inline_map", samples_of("10")),
    Row("Inline Map, 1,000 items", "inline_map", samples_of("1000")),
    Row("Inline Map, 10,000 items", "inline_map", samples_of("10000")),
    Row(
        "Inline Map, an item of 10,000 against one of 100",
        "inline_map",
        per_item,
        as_factor,
        Target(most=1.5),
        compared=False,
    ),
    Row("Inline Map, peak memory", "inline_map", MEMORY, as_memory, Target(most=400)),
    Row("Distributed Map, 1,000 items", "distributed_map"),
    Row("Parallel of 40 branches", "parallel"),
    Row("1,000 states in a chain", "long_chain"),
    Row("JSONata, 3 states", "jsonata"),
    Row("Parsing 200 states", "parse"),
    Row("Import", "import_time", target=Target(most=0.15)),
    Row("Import of all that a run needs", "import_all_time"),
    Row("Application, one event, whole process", "process", target=Target(most=0.5)),
    Row("Application, all events, whole process", "process_all", target=Target(most=0.5)),
    Row("Application, peak memory", "process_all", MEMORY, as_memory),
    Row("Server, ready", "server_ready", target=Target(most=0.6)),
    Row("Server, memory when ready", "server_ready", samples_of("idle"), as_memory, Target(most=90)),
    Row("Server, memory after 100 executions", "server_ready", samples_of("busy"), as_memory, Target(most=90)),
    Row("Server, one at a time", "server_one_at_a_time", show=as_rate, target=Target(ratio=20)),
    Row("Server, 200 at once", "server_together", show=as_rate, target=Target(ratio=20)),
)
