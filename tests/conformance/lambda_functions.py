"""The Lambda functions that cases call, by the file name that a case gives as `handler_file`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

Function = Callable[[Any, object], Any]


class CustomException(Exception):
    """An exception class of the user's own, raised without a message."""


class TooManyRequestsException(Exception):
    """The tutorial's error for status code 429."""


class ServerUnavailableException(Exception):
    """The tutorial's error for status code 503."""


class UnknownException(Exception):
    """The tutorial's error for every other status code."""


class FunctionTimeout(BaseException):
    """The function has taken longer than its configured timeout, of three seconds."""


def identity(event: Any, context: object) -> Any:
    return event


def echo(event: Any, context: object) -> dict[str, str]:
    return {"Return": "HelloWorld"}


def decorated_input(event: Any, context: object) -> str:
    return f"input-event-{event}"


def raw_text(event: Any, context: object) -> bytes:
    return b'"HelloWorld!"'


def large_output(event: Any, context: object) -> bytes:
    return b"a" * (257 * 1024)  # one KiB above what Step Functions accepts as a task result


def wait_60_seconds(event: Any, context: object) -> Any:
    time.sleep(60)
    return event


def raise_exception(event: Any, context: object) -> NoReturn:
    raise Exception("Some exception was raised.")


def raise_custom_exception(event: Any, context: object) -> NoReturn:
    raise CustomException()


def take_too_long(event: Any, context: object) -> NoReturn:
    raise FunctionTimeout


def leave_the_process(event: Any, context: object) -> NoReturn:
    sys.exit(1)


def answer_status_code(event: Any, context: object) -> str:
    """Do what the function of the tutorial does."""
    code = event["statusCode"]
    if code == "429":
        raise TooManyRequestsException("429 Too Many Requests")
    if code == "503":
        raise ServerUnavailableException("503 Server Unavailable")
    if code == "200":
        return "200 OK"
    raise UnknownException("Unknown error")


def fixture(event: Any, context: object) -> Any:
    """Answer as the event says; what the `outcome` cases call."""
    kind, payload = event.get("fixture"), event.get("payload")
    if kind == "sum":
        total = payload["left"] + payload["right"]
        return {"total": total, "decorated": f"{payload['label']}:{total}"}
    if kind == "fresh":
        return {"stage": "fresh", "status": "done"}
    if kind == "retrycount":
        if payload["retryCount"] < 2:
            raise type("Error", (Exception,), {})(f"retry-count-{payload['retryCount']}")
        return {"observedRetryCount": payload["retryCount"]}
    if kind and kind.startswith("throw "):
        raise type(kind[6:], (Exception,), {})("boom")
    return payload


FUNCTIONS: dict[str, Function] = {
    "id_function.py": identity,
    "lambda_functions_id_function.py": identity,
    "echo_function.py": echo,
    "return_decorated_input.py": decorated_input,
    "return_bytes_str.py": raw_text,
    "large_output_string.py": large_output,
    "wait_60_seconds.py": wait_60_seconds,
    "raise_exception.py": raise_exception,
    "raise_custom_exception.py": raise_custom_exception,
    "take_too_long.py": take_too_long,
    "leave_the_process.py": leave_the_process,
    "answer_status_code.py": answer_status_code,
    "fixture.py": fixture,
}

#: The line on which the recorded function raised, as its stack trace gives it.
RECORDED_LINES = {"raise_exception": 2, "raise_custom_exception": 9}
