from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import everypath
from everypath.cli.main import main

COMMANDS = [[str(Path(sys.executable).with_name("everypath"))], [sys.executable, "-m", "everypath"]]


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_version_prints_the_version_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["--version"])
    assert exit.value.code == 0
    assert capsys.readouterr().out == f"everypath {everypath.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=["everypath", "python -m everypath"])
def test_the_command_and_the_module_print_the_same_version(command: list[str]) -> None:
    done = run(*command, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"everypath {everypath.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS, ids=["everypath", "python -m everypath"])
def test_the_command_and_the_module_exit_with_the_same_code(command: list[str], tmp_path: Path) -> None:
    done = run(*command, "run", "--input", "{}", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("everypath: ")


@pytest.mark.parametrize("command", COMMANDS, ids=["everypath", "python -m everypath"])
def test_the_module_calls_itself_everypath_in_its_help(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: everypath ")


def test_asking_for_the_version_imports_no_more_than_the_errors() -> None:
    program = "import sys, everypath; print(everypath.__version__, *(m for m in sys.modules if 'everypath.' in m))"
    assert run(sys.executable, "-c", program).stdout == f"{everypath.__version__} everypath.errors\n"
