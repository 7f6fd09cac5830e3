"""A pytest of its own, as a user of the plugin has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_pytest(project: Path, *options: str, every_plugin: bool = False) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder.

    Parameters
    ----------
    options : str
        Its arguments.
    every_plugin : bool
        Whether all plugins that are installed are loaded, everypath's by its entry point. Otherwise everypath's is the
        only one, and pytest-xdist where there are options for it: hypothesis alone takes longer to load than all else.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    plugins: list[str] = []
    if not every_plugin:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        plugins = ["-p", "everypath.pytest_plugin", *(["-p", "xdist"] if "-n" in options else [])]
    command = [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
