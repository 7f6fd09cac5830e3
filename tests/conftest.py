"""What holds for all tests."""

import sys

from hypothesis import HealthCheck, settings

# How long an example takes is a matter of the machine and of what else it does, not of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_sessionfinish() -> None:
    """Save what `make coverage` measured: a worker of pytest-xdist that is slow to exit is killed, with its data."""
    coverage = sys.modules.get("coverage")
    measuring = coverage and coverage.Coverage.current()
    if measuring:
        measuring.save()
