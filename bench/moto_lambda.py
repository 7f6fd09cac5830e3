"""Lets moto's Lambda call the application's handler in this process.

moto runs functions in Docker, or with ``use_docker: False`` lets every call succeed with what it was given: neither
can play the tutorial here. So the second of the two is given the one thing that it lacks, a handler, and answers as
Lambda does: an exception becomes an error payload and the header ``X-Amz-Function-Error``. What moto's state machine
does with that answer is moto's own.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import traceback
import uuid
from types import SimpleNamespace
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend

from bench.machines import ROOT

#: Where the handler and its packages are here; Lambda has both in one folder.
_TASK = re.compile(r'(?<=File ").*?/(?:functions/mock_api|site-packages)/')


def install() -> None:
    """Load the handler and have it called by every invocation from now on."""
    sys.path.insert(0, str(ROOT / "functions/mock_api"))
    handler = importlib.import_module("app").lambda_handler

    def invoke(
        backend: LambdaSimpleBackend, function: str, qualifier: str, body: Any, headers: Any, answered: dict[str, str]
    ) -> bytes:
        request = str(uuid.uuid4())
        context = SimpleNamespace(
            function_name="MockAPIFunction",
            function_version="$LATEST",
            invoked_function_arn=function,
            memory_limit_in_mb="256",
            aws_request_id=request,
        )
        try:
            answer = handler(json.loads(body), context)
        except Exception as error:
            answered["x-amz-function-error"] = "Unhandled"
            answer = {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "requestId": request,
                "stackTrace": stack_trace(error),
            }
        return json.dumps(answer).encode()

    LambdaSimpleBackend.invoke = invoke


def stack_trace(error: Exception) -> list[str]:
    """Return the lines of a traceback as Lambda has them: from the handler on, and from the folder of its code."""
    assert error.__traceback__ is not None
    return [_TASK.sub("/var/task/", line) for line in traceback.format_tb(error.__traceback__.tb_next)]
