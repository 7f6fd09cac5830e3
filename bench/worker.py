"""Makes one measurement of one peer, in a process of its own: ``python -m bench.worker PEER MEASUREMENT``.

What it found is written to standard output as JSON: samples by key, or why there are none.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.commands import COMMANDS
from bench.servers import SERVERS
from bench.timing import Samples, peak_megabytes

if TYPE_CHECKING:
    from bench.peer import Peer


def main() -> None:
    """Make the measurement that the command line names."""
    _, peer, measurement = sys.argv
    # Handlers log to standard output; what they say is not part of the answer.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        found = _measure(peer, measurement)
    print(json.dumps(found))


def _measure(peer: str, measurement: str) -> dict[str, Any]:
    if measurement in COMMANDS:
        return {"samples": COMMANDS[measurement](peer)}
    from bench.peer import Failed

    if measurement in SERVERS:
        try:
            return {"samples": SERVERS[measurement](peer)}
        except (Failed, OSError) as error:
            return {"failed": str(error)}
    from bench.measurements import MEASUREMENTS

    try:
        samples: Samples = MEASUREMENTS[measurement](_peer(peer))
    except Failed as error:
        return {"failed": str(error)}
    return {"samples": {"megabytes": [peak_megabytes()], **samples}}


def _peer(name: str) -> Peer:
    if name == "moto":
        from bench.peer_moto import Moto

        return Moto()
    from bench.peer_everypath import Everypath

    return Everypath()


if __name__ == "__main__":
    main()
