"""``python -m everypath``: the command line of the Python that runs it."""

from __future__ import annotations

import sys

from everypath.cli.main import main

sys.exit(main())
