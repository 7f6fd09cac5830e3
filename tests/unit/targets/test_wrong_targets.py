"""What is wrong with a target is said in one line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.application import TEMPLATE
from tests.support.command import run_command


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A web server that is no AWS API."""

    class Pages(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing that says how to reach AWS."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def run(capsys: pytest.CaptureFixture[str], target: str, *options: str) -> tuple[int, str]:
    code, out, err = run_command(capsys, "run", "--template", TEMPLATE, "--input", "{}", "--target", target, *options)
    assert out == ""
    return code, err


@pytest.mark.parametrize("target", ["local", "aws:", "http://", "ftp://127.0.0.1"])
def test_a_target_that_is_none(capsys: pytest.CaptureFixture[str], target: str) -> None:
    expected = f"expected embedded, a URL such as http://127.0.0.1:8083, or aws:STACK, but got {target!r}\n"
    assert run(capsys, target) == (2, f"everypath: the target: {expected}")


def test_an_endpoint_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        code, error = run(capsys, url)
    assert (code, error) == (2, f'everypath: {url}: Could not connect to the endpoint URL: "{url}/"\n')


def test_a_server_that_is_no_aws_api(capsys: pytest.CaptureFixture[str], elsewhere: str) -> None:
    code, error = run(capsys, elsewhere)
    assert (code, error) == (2, f"everypath: {elsewhere}: what answers there is not the Step Functions API\n")


def test_a_stack_without_a_region(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "aws:shop") == (2, "everypath: aws:shop: no AWS region is configured: set AWS_REGION\n")


def test_a_stack_without_credentials(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    code, error = run(capsys, "aws:shop")
    assert (code, error) == (2, "everypath: aws:shop: there are no AWS credentials: Unable to locate credentials\n")


def test_a_profile_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    code, error = run(capsys, "aws:shop")
    assert (code, error) == (2, "everypath: aws:shop: The config profile (nobody) could not be found\n")


@pytest.mark.parametrize("option", [["--logs"], ["--seed", "7"], ["--real-time"]])
def test_options_of_the_embedded_engine(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    code, error = run(capsys, "http://127.0.0.1:1", *option)
    assert (code, error) == (
        2,
        f"everypath: {option[0]}: only the embedded engine has this option, not http://127.0.0.1:1\n",
    )


def test_a_time_limit_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, error = run(capsys, "http://127.0.0.1:1", "--time-limit", "0")
    assert (code, error) == (2, "everypath: the time limit: expected seconds above 0, but got 0\n")
