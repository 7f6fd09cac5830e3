"""This project's own application, the tutorial."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"


def copy_application(folder: Path) -> None:
    """Copy the application into a folder, where a test may change it."""
    for name in ("functions", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TEMPLATE, folder)
