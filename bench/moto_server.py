"""moto's server, executing state machines: ``python -m bench.moto_server PORT``."""

from __future__ import annotations

import sys

from moto.core.config import default_user_config
from moto.server import main

if __name__ == "__main__":
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    main(["--port", sys.argv[1]])
