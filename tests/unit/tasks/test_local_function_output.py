from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path

import pytest

from everypath import sam
from everypath.lambda_runtime.local_function import Invocation, LocalFunction
from tests.unit.tasks.conftest import MakeFunction


def call(function: LocalFunction, event: object = None, request_id: str = "id") -> Invocation:
    return function.invoke(json.dumps(event), request_id=request_id)


def test_what_a_function_writes_is_its_log_and_not_the_programs_output(
    make: MakeFunction, capfd: pytest.CaptureFixture[str]
) -> None:
    function = make("""
        import sys
        print("imported")
        def handler(event, context):
            print("out", event)
            print("err", file=sys.stderr)
            sys.stdout.buffer.write("bytes é\\n".encode())
            context.log("plain\\n")
    """)
    assert call(function, 1).logs == "imported\nout 1\nerr\nbytes é\nplain\n"
    assert call(function, 2).logs == "out 2\nerr\nbytes é\nplain\n"
    assert capfd.readouterr() == ("", "")


def test_a_stream_that_was_kept_writes_to_the_invocation_of_the_moment(make: MakeFunction) -> None:
    source = "import sys\nkept = sys.stdout\ndef handler(event, context): kept.write(event)"
    first, second = make(source, name="first"), make(source, name="second")
    assert [call(first, "a").logs, call(second, "b").logs, call(first, "c").logs] == ["a", "b", "c"]


def test_a_function_that_closes_its_output_does_not_take_it_from_others(make: MakeFunction) -> None:
    closing = make("import sys\ndef handler(event, context): sys.stdout.buffer.close()", name="closing")
    call(closing)
    assert call(make("def handler(event, context): print('still here')")).logs == "still here\n"


LOGGING = """
    import logging
    logger = logging.getLogger()
    def handler(event, context):
        if event: logger.setLevel(event)
        logger.info("told %s", "quietly")
        logging.getLogger("own").warning("told")
"""


def test_the_root_logger_is_the_runtimes(make: MakeFunction) -> None:
    log = call(make(LOGGING), None, "request-1").logs
    level, time, request_id, text = log.split("\t")
    assert (level, request_id, text) == ("[WARNING]", "request-1", "told\n")
    assert len(time) == len("2026-01-01T00:00:00.000Z")
    assert time.endswith("Z")


def test_a_functions_log_level_is_its_own_and_kept(make: MakeFunction) -> None:
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    function, other = make(LOGGING), make(LOGGING, name="other")
    assert "told quietly" in call(function, "INFO").logs
    assert "told quietly" in call(function).logs
    assert "told quietly" not in call(other).logs
    assert (root.level, root.handlers[:]) == before


def test_logging_that_the_program_disabled_is_not_disabled_in_a_function(make: MakeFunction) -> None:
    logging.disable(logging.CRITICAL)
    try:
        assert "told" in call(make(LOGGING)).logs
        assert logging.root.manager.disable == logging.CRITICAL
    finally:
        logging.disable(logging.NOTSET)


def test_a_handler_added_by_a_function_is_its_own(make: MakeFunction) -> None:
    function = make("""
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="mine: %(message)s", force=True)
        def handler(event, context): logging.warning("hello")
    """)
    assert call(function).logs == "mine: hello\n"
    assert call(function).logs == "mine: hello\n"
    assert call(make(LOGGING, name="other")).logs.startswith("[WARNING]")


OWN_LOGGER = """
import logging, os, sys
logger = logging.getLogger("payments")
if not logger.handlers:
    handler_ = logging.StreamHandler(sys.stdout)
    handler_.setFormatter(logging.Formatter(os.environ["AWS_LAMBDA_FUNCTION_NAME"] + ": %(message)s"))
    logger.addHandler(handler_)
    logger.propagate = False
def handler(event, context): logger.warning("paid")
"""


def test_a_logger_of_the_same_name_in_two_functions_is_two_loggers(make: MakeFunction) -> None:
    first = make(OWN_LOGGER, name="first")
    second = make(OWN_LOGGER, name="second")
    for function, text in ((first, "first: paid\n"), (second, "second: paid\n"), (first, "first: paid\n")):
        assert call(function).logs == text
    assert "payments" not in logging.root.manager.loggerDict


def test_a_logger_of_the_program_is_not_a_functions(make: MakeFunction) -> None:
    mine = logging.getLogger("payments")
    mine.addHandler(logging.NullHandler())
    try:
        function = make(OWN_LOGGER)
        assert call(function).logs == "fn: paid\n"
        assert logging.getLogger("payments") is mine
    finally:
        del logging.root.manager.loggerDict["payments"]


def test_a_logger_of_a_library_is_shared(make: MakeFunction) -> None:
    function = make("import logging\ndef handler(event, context): return id(logging.getLogger('botocore.x'))")
    import botocore  # noqa: F401 - a loaded library owns the loggers called like it

    assert call(function).payload == str(id(logging.getLogger("botocore.x")))


def test_a_failure_is_logged_as_the_runtime_does(make: MakeFunction) -> None:
    log = call(make("def handler(event, context):\n    raise ValueError('no')")).logs
    assert log.replace("\N{NO-BREAK SPACE}", " ") == (
        "[ERROR] ValueError: no\n"
        "Traceback (most recent call last):\n"
        '  File "/var/task/app.py", line 2, in handler\n'
        "    raise ValueError('no')\n"
    )


def test_the_streams_of_the_program_are_put_back(make: MakeFunction) -> None:
    before = sys.stdout, sys.stderr
    call(make("raise SystemExit"))
    call(make("def handler(event, context): raise ValueError", name="other"))
    assert (sys.stdout, sys.stderr) == before


def test_what_a_thread_writes_after_its_invocation_goes_to_the_programs_stderr(
    make: MakeFunction, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    threads: list[threading.Thread] = []
    monkeypatch.setattr("builtins.go", go, raising=False)
    monkeypatch.setattr("builtins.threads", threads, raising=False)
    function = make("""
        import sys, threading
        def late(stdout):
            go.wait()
            print("too late", file=stdout)
        def handler(event, context):
            threads.append(threading.Thread(target=late, args=[sys.stdout]))
            threads[0].start()
    """)
    assert call(function).logs == ""
    go.set()
    threads[0].join()
    assert "too late" in capfd.readouterr().err


def test_the_function_of_this_repository_logs_and_counts(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("aws_lambda_powertools")
    root = Path(__file__).parents[3]
    function = LocalFunction(sam.read(root / "template.yaml", use_build=False).functions["MockAPIFunction"])
    good = call(function, {"statusCode": "200"}, "request-200")
    assert good.payload == '"200 OK"'
    assert any("CloudWatchMetrics" in line for line in good.logs.splitlines())
    assert '"function_request_id":"request-200"' in good.logs
    bad = call(function, {"statusCode": "503"}, "request-503")
    payload = json.loads(bad.payload)
    assert (bad.error_type, payload["errorMessage"]) == ("ServerUnavailableException", "503 Server Unavailable")
    assert payload["stackTrace"][-1].startswith('  File "/var/task/app.py", line ')
    assert capfd.readouterr() == ("", "")
