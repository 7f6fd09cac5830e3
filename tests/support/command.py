"""The command line, in this process."""

from __future__ import annotations

import pytest

from everypath.cli.main import main


def run_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `everypath` and return its exit code, its output and its errors."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err
