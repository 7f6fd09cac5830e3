"""`make sfn-local`, with a program in the place of Docker that runs this project's own server as the container."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration import sfn_local

ROOT = sfn_local.ROOT
#: What `make test` and `make sfn-local` run.
[SUITE] = [line.split() for line in re.findall("^APPLICATION_SUITE := (.+)", (ROOT / "Makefile").read_text(), re.M)]
FAILING = """
import os
import everypath

def test_it():
    machine = everypath.load("template.yaml")
    assert not machine.target.name.endswith(os.environ["SFN_LOCAL_PORT"])
"""
DOCKER = f"""#!{sys.executable}
import os, signal, subprocess, sys
from pathlib import Path

here = Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
match sys.argv[1:]:
    case ["version"] | ["compose", "version"]:
        pass
    case ["image", "inspect", _]:
        sys.exit(0 if (here / "image").exists() else 1)
    case ["pull", *_]:
        sys.exit("Error response from daemon: no such host")
    case ["network", *_]:
        print("lo")
    case ["compose", "--file", _, "up", "--detach"]:
        endpoint = "http://127.0.0.1:" + os.environ["LAMBDA_PORT"]
        mocks = here / "mounted.json"  # the container sees the file as it is now
        mocks.write_bytes(Path(os.environ["MOCK_CONFIG"]).read_bytes())
        command = ["{sfn_local.EVERYPATH}", "serve", "--port", os.environ["SFN_LOCAL_PORT"], "--clock", "real",
                   "--lambda-endpoint", endpoint, "--mock-config", str(mocks)]
        if not (here / "silent").exists():
            with (here / "log").open("w") as log:
                server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            (here / "pid").write_text(str(server.pid))
    case ["compose", "--file", _, "logs"]:
        print("it says nothing")
    case ["compose", "--file", _, "down", "--timeout", "5"]:
        if (here / "pid").exists():
            os.kill(int((here / "pid").read_text()), signal.SIGTERM)
    case other:
        sys.exit(f"no such command: {{other}}")
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a `docker` that is first on the path, and of what it leaves and looks for."""
    program = tmp_path / "docker"
    program.write_text(DOCKER)
    program.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SFN_LOCAL_PORT", str(free.getsockname()[1]))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "image").touch()
    return tmp_path


def calls(docker: Path) -> list[str]:
    """What `docker` was told to do with Compose."""
    lines = (docker / "calls").read_text().splitlines()
    return [line.split()[3] for line in lines if line.startswith("compose --file")]


def run(docker: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.integration.sfn_local", *SUITE]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow("the suite of the application runs twice, once with all its waits and backoffs in real time")
def test_the_tests_of_the_workflow_pass_in_real_time_and_the_container_is_stopped(docker: Path) -> None:
    done = run(docker)
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = re.findall(r"^(\d+) passed, 1 skipped in", done.stdout, re.M)
    assert int(second) == int(first) + len(list((ROOT / "events").glob("*.json")))
    assert calls(docker) == ["up", "down"]


@pytest.mark.slow("starts two servers and two pytests, and waits for each of them")
def test_a_test_that_fails_there_is_the_result_and_the_container_is_stopped(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sfn_local, "HISTORIES", str(docker / "test_it.py"))
    monkeypatch.setattr(sfn_local, "PROCESSES", 0)
    (docker / "test_it.py").write_text(FAILING)
    assert sfn_local.main([str(docker / "test_it.py"), f"--rootdir={docker}"]) == 1
    assert calls(docker) == ["up", "down"]


def test_a_test_that_fails_already_on_everypath_serve_is_the_result_and_no_container_is_started(docker: Path) -> None:
    (docker / "test_it.py").write_text("def test_it():\n    raise AssertionError\n")
    assert sfn_local.main([str(docker / "test_it.py"), f"--rootdir={docker}"]) == 1
    assert calls(docker) == []


def test_an_image_that_cannot_be_pulled_is_told_in_one_line(docker: Path) -> None:
    (docker / "image").unlink()
    done = run(docker)
    assert done.returncode == 2
    assert done.stderr == (
        "sfn-local: the image amazon/aws-stepfunctions-local:2.0.0 cannot be pulled: "
        "Error response from daemon: no such host\n"
    )
    assert calls(docker) == []


@pytest.mark.slow("waits until nobody answers any more")
def test_a_container_that_does_not_answer_is_stopped_and_its_log_is_shown(
    docker: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (docker / "silent").touch()
    monkeypatch.setattr(sfn_local, "PATIENCE", 1)
    (docker / "test_it.py").write_text("def test_it():\n    pass\n")
    assert sfn_local.main([str(docker / "test_it.py"), f"--rootdir={docker}"]) == 2
    shown = capfd.readouterr()
    assert "it says nothing" in shown.out
    assert "does not answer" in shown.err
    assert calls(docker) == ["up", "logs", "down"]


def test_a_port_that_is_taken_is_told_before_anything_is_started(
    docker: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with sfn_local.lambda_endpoint("127.0.0.1") as port:
        monkeypatch.setenv("SFN_LOCAL_PORT", str(port))
        assert sfn_local.main(SUITE) == 2
    assert f"something else answers on http://127.0.0.1:{port}" in capfd.readouterr().err
    assert calls(docker) == []


@pytest.mark.parametrize("interface", ["", "no-such-bridge"])
def test_where_docker_has_no_bridge_on_this_machine_containers_find_it_by_its_loopback(
    docker: Path, interface: str
) -> None:
    (docker / "docker").write_text(f"#!/bin/sh\necho '{interface}'\n")
    assert sfn_local.bridge_address() == "127.0.0.1"
