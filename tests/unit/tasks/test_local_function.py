from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from everypath.errors import TemplateError
from everypath.lambda_runtime.local_function import Invocation, LocalFunction
from tests.unit.tasks.conftest import MakeFunction

ID = "8f3c0a1e-0000-4000-8000-000000000001"


def call(function: LocalFunction, event: Any = None, **options: Any) -> Invocation:
    return function.invoke(json.dumps(event), request_id=ID, **options)


def error(function: LocalFunction, event: Any = None) -> dict[str, Any]:
    invocation = call(function, event)
    assert invocation.is_error
    payload: dict[str, Any] = json.loads(invocation.payload)
    assert invocation.error_type == payload["errorType"]
    return payload


def test_a_result_is_the_payload(make: MakeFunction) -> None:
    invocation = call(make("def handler(event, context): return {'got': event}"), {"a": [1, None]})
    assert invocation.payload == '{"got": {"a": [1, null]}}'
    assert (invocation.is_error, invocation.error_type, invocation.logs) == (False, None, "")
    assert invocation.seconds >= 0


def test_a_handler_may_be_in_a_package(make: MakeFunction) -> None:
    files = {"shop/__init__.py": "", "shop/orders.py": "def handle(e, c): return __name__"}
    assert call(make(files=files, handler="shop.orders.handle")).payload == '"shop.orders"'
    assert call(make(files=files, handler="shop/orders.handle")).payload == '"shop.orders"'


def test_a_handler_is_imported_once_and_kept(make: MakeFunction) -> None:
    function = make("""
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return calls
    """)
    assert [call(function).payload for _ in range(3)] == ["1", "2", "3"]


def test_two_local_functions_of_one_function_do_not_share_its_modules(make: MakeFunction) -> None:
    source = """
        calls = []
        def handler(event, context):
            calls.append(1)
            return len(calls)
    """
    first, second = make(source), make(source)
    assert [call(first).payload, call(first).payload, call(second).payload] == ["1", "2", "1"]


def test_the_context_tells_what_lambda_would(make: MakeFunction) -> None:
    function = make(
        """
        def handler(event, context):
            return {
                "arn": context.invoked_function_arn, "name": context.function_name,
                "version": context.function_version, "memory": context.memory_limit_in_mb,
                "id": context.aws_request_id, "group": context.log_group_name,
                "identity": context.identity.cognito_identity_id, "tenant": context.tenant_id,
                "client": context.client_context and context.client_context.custom,
                "left": 0 < context.get_remaining_time_in_millis() <= 7000,
                "stream": "[$LATEST]" in context.log_stream_name,
            }
        """,
        memory=512,
        timeout=7.0,
    )
    assert json.loads(call(function).payload) == {
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:fn",
        "name": "fn",
        "version": "$LATEST",
        "memory": "512",
        "id": ID,
        "group": "/aws/lambda/fn",
        "identity": None,
        "tenant": None,
        "client": None,
        "left": True,
        "stream": True,
    }
    given = call(function, client_context={"custom": {"a": "b"}}, invoked_arn="arn:x:live")
    payload = json.loads(given.payload)
    assert (payload["client"], payload["arn"]) == ({"a": "b"}, "arn:x:live")


def test_an_exception_is_the_payload_that_the_runtime_would_send(make: MakeFunction) -> None:
    function = make("""
        from errors import TooManyRequestsException
        def handler(event, context):
            return ask()
        def ask():
            raise TooManyRequestsException("429 Too Many Requests")
    """, files={"errors.py": "class TooManyRequestsException(Exception): pass"})  # fmt: skip
    invocation = call(function)
    assert invocation.payload == (
        '{"errorMessage": "429 Too Many Requests", "errorType": "TooManyRequestsException", '
        f'"requestId": "{ID}", "stackTrace": ['
        r'"  File \"/var/task/app.py\", line 3, in handler\n    return ask()\n", '
        r'"  File \"/var/task/app.py\", line 5, in ask\n    '
        r'raise TooManyRequestsException(\"429 Too Many Requests\")\n"]}'
    )
    assert (invocation.is_error, invocation.error_type) == (True, "TooManyRequestsException")


def test_what_an_exception_was_raised_from_is_not_told(make: MakeFunction) -> None:
    function = make("""
        def handler(event, context):
            try:
                {}["key"]
            except KeyError as cause:
                raise ValueError("outer") from cause
    """)
    assert error(function)["stackTrace"] == [
        '  File "/var/task/app.py", line 5, in handler\n    raise ValueError("outer") from cause\n'
    ]


def test_a_stack_trace_shows_the_places_that_files_have_on_lambda(make: MakeFunction) -> None:
    function = make(
        """
        import json
        def handler(event, context):
            if event == "library":
                json.loads("{")
            import yaml
            yaml.safe_load("[")
        """,
        runtime="python3.12",
    )
    trace = error(function, "library")["stackTrace"]
    assert trace[1].startswith('  File "/var/lang/lib/python3.12/json/__init__.py", line ')
    trace = error(function)["stackTrace"]
    assert trace[1].startswith('  File "/var/task/yaml/__init__.py", line ')


def test_a_handler_that_cannot_be_called_shows_the_frame_of_the_runtime(make: MakeFunction) -> None:
    payload = error(make("def handler(): pass"))
    assert payload["errorType"] == "TypeError"
    assert payload["stackTrace"] == [
        '  File "/var/lang/lib/python3.13/site-packages/awslambdaric/bootstrap.py", line 178, '
        "in handle_event_request\n    response = request_handler(event, lambda_context)\n"
    ]


def test_non_ascii_text_is_escaped_as_the_runtimes_version_does_it(make: MakeFunction) -> None:
    source = "def handler(event, context): return 'é'"
    assert call(make(source, runtime="python3.12")).payload == '"é"'
    assert call(make(source, runtime="python3.11")).payload == r'"\u00e9"'


def test_bytes_are_passed_on_as_they_are(make: MakeFunction) -> None:
    assert call(make("def handler(event, context): return b'{\"a\":1}'")).payload == '{"a":1}'


def test_a_result_that_is_no_json_is_a_marshal_error(make: MakeFunction) -> None:
    assert error(make("def handler(event, context): return {'a': {1, 2}}")) == {
        "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
        "errorType": "Runtime.MarshalError",
        "requestId": ID,
        "stackTrace": [],
    }


def test_an_event_that_is_no_json_is_an_unmarshal_error(make: MakeFunction) -> None:
    invocation = make("def handler(event, context): pass").invoke("{", request_id=ID)
    assert json.loads(invocation.payload) == {
        "errorMessage": "Unable to unmarshal input: "
        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "errorType": "Runtime.UnmarshalError",
        "requestId": ID,
        "stackTrace": [],
    }


@pytest.mark.parametrize(
    ("handler", "error_type", "text"),
    [
        ("app.handler", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'"),
        ("none.handler", "Runtime.ImportModuleError", "Unable to import module 'none': No module named 'none'"),
        ("good.missing", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'good'"),
        ("handler", "Runtime.MalformedHandlerName",
         "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"),
        ("sys.handler", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("wrong.handler", "Runtime.ImportModuleError", "Unable to import module 'wrong': "
         "cannot import name 'x' from 'good' (/var/task/good.py)"),
    ],
)  # fmt: skip
def test_a_function_that_cannot_start_is_a_runtime_error(
    make: MakeFunction, handler: str, error_type: str, text: str
) -> None:
    files = {"good.py": "", "wrong.py": "from good import x"}
    assert error(make("import nowhere", files=files, handler=handler)) == {
        "errorMessage": text,
        "errorType": error_type,
        "requestId": "",
        "stackTrace": [],
    }


def test_a_syntax_error_is_told_with_its_place(make: MakeFunction) -> None:
    payload = error(make("def handler(event, context):\n    return (\n"))
    assert payload["errorType"] == "Runtime.UserCodeSyntaxError"
    assert payload["errorMessage"] == "Syntax error in module 'app': '(' was never closed (app.py, line 2)"
    assert payload["stackTrace"] == ['  File "/var/task/app.py" Line 2\n        return (\n']


def test_an_exception_while_the_module_is_imported_has_no_request_id(make: MakeFunction) -> None:
    payload = error(make("import os\nos.environ['MISSING']\ndef handler(event, context): pass"))
    assert (payload["errorType"], payload["errorMessage"]) == ("KeyError", "'MISSING'")
    assert payload["requestId"] == ""
    assert payload["stackTrace"][0].startswith('  File "/var/lang/lib/python3.13/importlib/__init__.py", line ')
    assert "  File \"/var/task/app.py\", line 2, in <module>\n    os.environ['MISSING']\n" in payload["stackTrace"]


def test_a_function_that_could_not_start_is_started_again(make: MakeFunction, tmp_path: Path) -> None:
    function = make(f"""
        from pathlib import Path
        if not Path({str(tmp_path / "ready")!r}).exists():
            raise RuntimeError("not ready")
        def handler(event, context): return "ready"
    """)
    assert error(function)["errorType"] == "RuntimeError"
    (tmp_path / "ready").touch()
    assert call(function).payload == '"ready"'


@pytest.mark.parametrize(
    ("statement", "text", "written"),
    [
        ("sys.exit(1)", "Runtime exited with error: exit status 1", ""),
        ("sys.exit(3)", "Runtime exited with error: exit status 3", ""),
        ("sys.exit()", "Runtime exited without providing a reason", ""),
        ("sys.exit(0)", "Runtime exited without providing a reason", ""),
        ("sys.exit('gone')", "Runtime exited with error: exit status 1", "gone\n"),
        ("raise GeneratorExit", "Runtime exited with error: exit status 1", "GeneratorExit"),
    ],
)
def test_a_handler_that_exits_is_an_exit_error(make: MakeFunction, statement: str, text: str, written: str) -> None:
    invocation = call(make(f"import sys\ndef handler(event, context): {statement}"))
    assert invocation.payload == (
        '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ' + ID + f' Error: {text}"}}'
    )
    assert (invocation.is_error, invocation.error_type) == (True, "Runtime.ExitError")
    assert written in invocation.logs


def test_a_module_that_exits_is_an_exit_error(make: MakeFunction) -> None:
    assert error(make("raise SystemExit(2)")) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: exit status 2",
    }


COUNTING = """
    import sys, time
    calls = 0
    def handler(event, context):
        global calls
        calls += 1
        if event == "exit": sys.exit(1)
        if event == "slow": time.sleep(0.02)
        if event == "stop": raise KeyboardInterrupt
        return calls
"""


def test_an_exception_whose_text_cannot_be_made_ends_the_runtime(make: MakeFunction) -> None:
    function = make("""
        class Unprintable(Exception):
            def __str__(self): raise ValueError("no text")
        def handler(event, context): raise Unprintable
    """)
    invocation = call(function)
    assert invocation.error_type == "Runtime.ExitError"
    assert "ValueError: no text" in invocation.logs


def test_after_an_exit_the_next_invocation_is_a_cold_start(make: MakeFunction) -> None:
    function = make(COUNTING)
    assert call(function).payload == "1"
    assert call(function, "exit").is_error
    assert call(function).payload == "1"


def test_a_handler_that_takes_longer_than_its_timeout_has_timed_out(make: MakeFunction) -> None:
    function = make(COUNTING, timeout=0.01)
    assert call(function).payload == "1"
    invocation = call(function, "slow")
    assert invocation.payload == (
        f'{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {ID} Error: Task timed out after 0.01 seconds"}}'
    )
    assert (invocation.is_error, invocation.error_type) == (True, "Sandbox.Timedout")
    assert call(function).payload == "1", "after a timeout the next invocation is a cold start"


def test_the_import_does_not_count_against_the_timeout(make: MakeFunction) -> None:
    function = make("import time\ntime.sleep(0.05)\ndef handler(event, context): return 1", timeout=0.04)
    assert call(function).payload == "1"


def test_a_result_above_lambdas_limit_is_an_error(make: MakeFunction) -> None:
    invocation = call(make("def handler(event, context): return 'a' * 6_291_556"))
    assert invocation.payload == (
        '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":'
        '"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}'
    )


def test_an_interrupt_of_the_program_is_not_the_functions(make: MakeFunction) -> None:
    function = make(COUNTING)
    before = dict(os.environ), sys.path[:], Path.cwd(), sys.stdout
    with pytest.raises(KeyboardInterrupt):
        call(function, "stop")
    assert (dict(os.environ), sys.path[:], Path.cwd(), sys.stdout) == before


def test_an_interrupt_in_another_thread_is_the_functions_own(make: MakeFunction) -> None:
    function = make(COUNTING)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(call, function, "stop").result().error_type == "Runtime.ExitError"
    assert call(function, "count").payload == "1"


def test_a_function_that_cannot_be_run_is_told_when_it_is_called(make: MakeFunction) -> None:
    function = make(problem="template.yaml:4: Resources/fn: no")
    with pytest.raises(TemplateError, match=r"^template\.yaml:4: Resources/fn: no$"):
        call(function)


def test_a_variable_that_only_a_deployment_knows_is_told_when_the_function_is_called(
    make: MakeFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = make("import os\ndef handler(event, context): return os.environ['DB']", unresolved={"DB": "unknown"})
    with pytest.raises(TemplateError) as caught:
        call(function)
    assert str(caught.value) == "unknown; set the environment variable DB to give it a value"
    monkeypatch.setenv("DB", "here")
    assert call(function).payload == '"here"'


def test_inline_code_runs_from_memory(make: MakeFunction) -> None:
    function = make(
        inline_code="x = 1\ndef handler(event, context):\n    raise ValueError(__file__)\n",
        handler="index.handler",
    )
    payload = error(function)
    assert payload["errorMessage"] == "/var/task/index.py"
    assert payload["stackTrace"] == [
        '  File "/var/task/index.py", line 3, in handler\n    raise ValueError(__file__)\n'
    ]


def test_inline_code_of_two_functions_is_kept_apart(make: MakeFunction) -> None:
    def inline(text: str) -> LocalFunction:
        return make(inline_code=f"def handler(e, c):\n    raise ValueError({text!r})\n", handler="index.handler")

    first, second = inline("one"), inline("two")
    for function, text in ((first, "one"), (second, "two"), (first, "one")):
        payload = error(function)
        assert payload["errorMessage"] == text
        assert repr(text) in payload["stackTrace"][0]
