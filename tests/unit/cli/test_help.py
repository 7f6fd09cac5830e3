"""What ``--help`` says: wrapped, with the exit codes, and with examples that run."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from everypath.cli.main import main
from everypath.sam.model import THIS_RUNTIME
from tests.support.server import Running, serve

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = ("run", "paths", "check", "replay", "compare", "serve")
#: The endpoint of the examples, in whose place the tests use their own server.
ENDPOINT = "http://127.0.0.1:8083"
INVALID = 2


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    monkeypatch.setenv("COLUMNS", "80")

    def text(*command: str) -> str:
        with pytest.raises(SystemExit) as exit:
            main([*command, "--help"])
        assert exit.value.code == 0
        return capsys.readouterr().out

    return text


def examples_of(command: str) -> list[str]:
    epilog: str = import_module(f"everypath.cli.{command}").EPILOG
    return [line.strip() for line in epilog.partition("\nexamples:\n")[2].splitlines()]


EXAMPLES = [example for command in COMMANDS for example in examples_of(command)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's application, for this Python, with the history that two of the examples read."""
    for name in ("functions", "workflow", "events"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    template = (ROOT / "template.yaml").read_text()
    (tmp_path / "template.yaml").write_text(re.sub(r"python3\.\d+", THIS_RUNTIME, template))
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "history.json").open("w") as file:
        subprocess.run(
            [sys.executable, "-m", "everypath", "run", "--event", "events/429.json", "--json"], stdout=file, check=True
        )
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serve("--template", str(ROOT / "template.yaml")) as running:
        yield running


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_ends_with_two_examples_of_itself(command: str, help_of: Callable[..., str]) -> None:
    examples = examples_of(command)
    assert len(examples) == 2
    assert help_of(command).splitlines()[-3:] == ["examples:", *(f"  {example}" for example in examples)]
    assert all(example.startswith(f"everypath {command} ") for example in examples)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_line_of_the_help_is_longer_than_the_terminal_is_wide(command: str, help_of: Callable[..., str]) -> None:
    lines = help_of(*[command] if command else []).splitlines()
    # argparse itself does not break the usage within the alternatives of a group.
    assert [line for line in lines if len(line) > 80 and "[--json | --export" not in line] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_names_its_exit_codes(command: str, help_of: Callable[..., str]) -> None:
    codes = re.search(r"\nexit codes:\n((?: .*\n)+)", help_of(command))
    assert codes is not None
    assert re.findall(r"^  (\d)  ", codes[1], re.MULTILINE) == (["0", "2"] if command == "serve" else ["0", "1", "2"])


@pytest.mark.parametrize("example", [one for one in EXAMPLES if " serve " not in one])
def test_an_example_runs(example: str, project: Path, server: Running) -> None:
    script = shlex.quote(str(Path(sys.executable).with_name("everypath")))
    command = example.replace("everypath", script, 1).replace(ENDPOINT, server.url)
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode < INVALID, done.stderr
    assert "everypath: " not in done.stderr


@pytest.mark.parametrize("example", [one for one in EXAMPLES if " serve " in one])
def test_an_example_serves(example: str, project: Path) -> None:
    options = shlex.split(example)[1:]
    process = subprocess.Popen(
        [sys.executable, "-m", "everypath", *options, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Step Functions is served on http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_an_error_that_nobody_expects_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("everypath.api.read_machine", fail)
    assert main(["run", "--input", "{}"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-2:] == ["RuntimeError: a bug", "everypath: unexpected internal error (please report)"]
