from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from everypath import sam
from everypath.lambda_runtime.local_function import LocalFunction
from tests.unit.tasks.conftest import MakeFunction


def result(function: LocalFunction, event: Any = None) -> Any:
    invocation = function.invoke(json.dumps(event), request_id="id")
    assert not invocation.is_error, invocation.payload
    return json.loads(invocation.payload)


SAME_NAMES = """
    import app, utils
    from utils.names import NAME
    def handler(event, context):
        import late
        return [NAME, utils.WHO, late.WHO, app.handler is handler]
"""


def same_names(who: str) -> dict[str, str]:
    return {
        "utils/__init__.py": f"WHO = 'utils of {who}'",
        "utils/names.py": f"NAME = '{who}'",
        "late.py": f"WHO = 'late of {who}'",
    }


def test_functions_with_modules_of_the_same_name_do_not_see_each_others(make: MakeFunction) -> None:
    first = make(SAME_NAMES, files=same_names("first"), name="first")
    second = make(SAME_NAMES, files=same_names("second"), name="second")
    for function, who in ((first, "first"), (second, "second"), (first, "first"), (second, "second")):
        assert result(function) == [who, f"utils of {who}", f"late of {who}", True]


def test_a_module_that_is_imported_late_is_kept(make: MakeFunction) -> None:
    function = make(
        """
        def handler(event, context):
            import counter
            counter.count += 1
            return counter.count
        """,
        files={"counter.py": "count = 0"},
    )
    assert [result(function), result(function)] == [1, 2]


def test_the_program_does_not_see_a_functions_modules(make: MakeFunction) -> None:
    before = set(sys.modules)
    result(make(SAME_NAMES, files=same_names("x")))
    left = {name for name in set(sys.modules) - before if name.split(".")[0] in ("app", "utils", "late")}
    assert not left


def test_a_function_does_not_see_the_programs_modules_of_the_same_name(
    make: MakeFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("utils/__init__.py", "utils/other.py", "app.py"):
        path = tmp_path / "program" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("WHO = 'program'")
    monkeypatch.syspath_prepend(str(tmp_path / "program"))
    mine = {name: importlib.import_module(name) for name in ("app", "utils", "utils.other")}
    try:
        function = make(SAME_NAMES, files=same_names("function"))
        assert result(function)[0] == "function"
        sees = "def handler(event, context):\n    import utils.other"
        blind = make(sees, files={"utils/__init__.py": ""}, name="blind")
        invocation = blind.invoke("{}", request_id="id")
        assert json.loads(invocation.payload)["errorMessage"] == "No module named 'utils.other'"
        assert {name: sys.modules[name] for name in mine} == mine
    finally:
        for name in mine:
            sys.modules.pop(name, None)


def test_installed_packages_are_shared_with_the_program(make: MakeFunction) -> None:
    import yaml

    function = make("import yaml\ndef handler(event, context): return id(yaml)")
    assert result(function) == id(yaml)


def test_a_package_beside_the_code_is_taken_before_an_installed_one(make: MakeFunction) -> None:
    import yaml

    built = make(
        "import yaml\ndef handler(event, context): return yaml.WHO",
        files={"yaml/__init__.py": "WHO = 'built'"},
    )
    assert [result(built), result(built)] == ["built", "built"]
    assert sys.modules["yaml"] is yaml


def test_a_directory_that_is_no_package_gives_way_to_an_installed_one(make: MakeFunction) -> None:
    function = make(
        "import yaml\ndef handler(event, context): return hasattr(yaml, 'safe_load')",
        files={"yaml/notes.txt": ""},
    )
    assert result(function) is True


def test_a_package_without_init_is_found(make: MakeFunction) -> None:
    function = make(
        "from shared import thing\ndef handler(event, context): return thing.WHO",
        files={"shared/thing.py": "WHO = 'thing'"},
    )
    assert result(function) == "thing"
    assert "shared" not in sys.modules


def test_a_directory_that_the_function_puts_on_the_path_is_its_own(make: MakeFunction) -> None:
    source = """
        import os, sys
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendor"))
        import vendored
        def handler(event, context):
            import vendored_late
            return [vendored.WHO, vendored_late.WHO]
    """
    first, second = (
        make(source, files={f"vendor/{m}.py": f"WHO = '{who}'" for m in ("vendored", "vendored_late")}, name=who)
        for who in ("one", "two")
    )
    path = sys.path[:]
    for function, who in ((first, "one"), (second, "two"), (first, "one")):
        assert result(function) == [who, who]
    assert sys.path == path
    assert "vendored" not in sys.modules


def test_a_layer_is_on_the_module_path_behind_the_code(make: MakeFunction, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "common.py").write_text("def fail(): raise ValueError('layer')")
    (layer / "app.py").write_text("")
    function = make("import common\ndef handler(event, context): common.fail()", layers=(layer,))
    payload = json.loads(function.invoke("{}", request_id="id").payload)
    assert payload["stackTrace"][1] == (
        "  File \"/opt/python/common.py\", line 1, in fail\n    def fail(): raise ValueError('layer')\n"
    )


def test_a_function_has_its_own_environment_variables(make: MakeFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE", "program")
    source = "import os\nAT_START = os.environ['TABLE']\n" + dedent("""
        def handler(event, context): return [AT_START, os.environ['TABLE'], os.environ['AWS_LAMBDA_FUNCTION_NAME']]
    """)
    first = make(source, name="first", environment={"TABLE": "one"})
    second = make(source, name="second", environment={"TABLE": "two"})
    assert result(first) == ["one", "one", "first"]
    assert result(second) == ["two", "two", "second"]
    assert os.environ["TABLE"] == "program"
    assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ


def test_a_function_finds_the_variables_that_lambda_sets(make: MakeFunction) -> None:
    function = make(
        "import os\ndef handler(event, context): return {name: os.environ.get(name) for name in event}", memory=256
    )
    wanted = {
        "_HANDLER": "app.handler",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_NAME": "fn",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/fn",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_SAM_LOCAL": "true",
        "LAMBDA_TASK_ROOT": str(function.function.code_dir),
        "TZ": ":UTC",
    }
    assert result(function, list(wanted)) == wanted


CHANGING = """
    import os
    def handler(event, context):
        for name, value in event.items():
            if value is None: del os.environ[name]
            else: os.environ[name] = value
        return [os.environ.get(name) for name in ("GONE", "NEW", "OLD")]
"""


def test_what_a_function_changes_in_its_variables_it_keeps_and_nobody_else_sees(
    make: MakeFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONE", "program")
    monkeypatch.setenv("OLD", "program")
    monkeypatch.delenv("NEW", raising=False)
    function = make(CHANGING)
    assert result(function, {"GONE": None, "NEW": "a", "OLD": "b"}) == [None, "a", "b"]
    assert (os.environ["GONE"], os.environ["OLD"], "NEW" in os.environ) == ("program", "program", False)
    assert result(function, {}) == [None, "a", "b"]
    assert result(make(CHANGING, name="other"), {}) == ["program", None, "program"]


def test_credentials_of_the_program_reach_the_function(make: MakeFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    source = "import os\ndef handler(event, context): return [os.environ.get(name) for name in event]"
    names = ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"]
    assert result(make(source), names) == ["mine", os.environ.get("AWS_SESSION_TOKEN"), "http://127.0.0.1:5000"]


def test_a_function_needs_no_credentials(make: MakeFunction, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    function = make("""
        import boto3
        client = boto3.client("sqs")
        def handler(event, context): return client.meta.region_name
    """)
    assert result(function) == "eu-west-1"
    assert "AWS_ACCESS_KEY_ID" not in os.environ


def test_credentials_of_a_file_are_not_hidden(
    make: MakeFunction, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    (tmp_path / "credentials").touch()
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    function = make("import os\ndef handler(event, context): return os.environ.get('AWS_ACCESS_KEY_ID')")
    assert result(function) is None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no time zones for processes")
def test_local_time_is_utc_in_a_function_and_the_programs_again_after_it(
    make: MakeFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        function = make("import time\ndef handler(event, context): return time.localtime(0).tm_hour")
        assert [result(function), result(function)] == [0, 0]
        assert time.localtime(0).tm_hour == 9
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_working_directory_is_the_code(make: MakeFunction) -> None:
    function = make(
        "def handler(event, context): return open('data.txt').read()", files={"data.txt": "beside the code"}
    )
    before = Path.cwd()
    assert result(function) == "beside the code"
    assert Path.cwd() == before


def test_functions_run_one_at_a_time_whatever_the_thread(make: MakeFunction) -> None:
    source = """
        import os, time
        def handler(event, context):
            before = os.environ["WHO"]
            time.sleep(0.005)
            return [before, os.environ["WHO"], context.function_name]
    """
    functions = [make(source, name=f"f{i}", environment={"WHO": f"f{i}"}) for i in range(4)]
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda function=function: found.append(result(function))) for function in functions * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted([[f"f{i}"] * 3 for i in range(4)] * 3)


def test_a_function_may_call_another_in_the_same_thread(make: MakeFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = make(
        "import os\ndef handler(event, context): return os.environ['WHO']",
        name="inner",
        environment={"WHO": "inner"},
    )
    outer = make(
        """
        import os, sys, builtins
        def handler(event, context): return [builtins.call_inner(), os.environ["WHO"], __name__ in sys.modules]
        """,
        name="outer",
        environment={"WHO": "outer"},
    )
    monkeypatch.setattr("builtins.call_inner", lambda: result(inner), raising=False)
    assert result(outer) == ["inner", "outer", True]


def test_an_unrelated_project_with_two_functions_of_the_same_file_name_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(
        dedent("""
        Globals: {Function: {Runtime: python3.13, Handler: app.handler}}
        Resources:
          Charge: {Type: AWS::Serverless::Function, Properties: {CodeUri: charge}}
          Refund: {Type: AWS::Serverless::Function, Properties: {CodeUri: refund}}
        """)
    )
    for name in ("charge", "refund"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(
            f"from errors import Refused\ndef handler(event, context): raise Refused('{name}')"
        )
        (tmp_path / name / "errors.py").write_text("class Refused(Exception): pass")
    functions = sam.read("template.yaml").functions
    for logical_id in ("Charge", "Refund", "Charge"):
        invocation = LocalFunction(functions[logical_id]).invoke("{}", request_id="id")
        assert invocation.error_type == "Refused"
        assert json.loads(invocation.payload)["errorMessage"] == logical_id.lower()


def test_importing_the_module_imports_nothing_of_aws() -> None:
    code = (
        "import sys, everypath.lambda_runtime.local_function; print({'boto3', 'yaml', 'botocore'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
