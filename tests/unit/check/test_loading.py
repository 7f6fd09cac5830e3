"""Handlers that Lambda cannot load."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from everypath.check.checker import check
from everypath.check.finding import Finding
from everypath.check.load import load_machine
from everypath.check.new_syntax import parses_with
from tests.unit.check.projects import TEMPLATE, project, task

HANDLER = "def handler(event, context): return event\n"


def load_findings(folder: Path, modules: dict[str, str], template: str = TEMPLATE) -> list[Finding]:
    """The findings of EP110 in a project with these modules."""
    file = project(folder, {"Reserve": task()}, modules)
    file.write_text(template)
    return [each for each in check(load_machine(str(file), None, {})) if each.code == "EP110"]


def only_message(found: list[Finding]) -> str:
    assert [(each.severity, each.pointer) for each in found] == [("error", "/States/Reserve")]
    return found[0].message.removeprefix("ReserveFunction cannot be loaded: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "app.handler",
            "ap.handler",
            "there is no module 'ap' in the code of ReserveFunction (code/). Did you mean 'ap",
        ),
        ("app.handler", "app.handle", "app.py has no function 'handle'. Did you mean 'app.handler'?"),
        ("app.handler", "handler", "expected module.function, got 'handler'"),
        ("CodeUri: code", "CodeUri: cod", 'expected a directory, got "cod": there is no'),
    ],
)
def test_a_wrong_handler_or_directory_is_an_error(old: str, new: str, message: str, tmp_path: Path) -> None:
    found = load_findings(tmp_path, {"app.py": HANDLER}, TEMPLATE.replace(old, new))
    assert message in only_message(found)


def test_a_syntax_error_is_an_error_with_its_file_and_line(tmp_path: Path) -> None:
    found = load_findings(tmp_path, {"app.py": HANDLER + "def broken(:\n"})
    assert only_message(found) == "app.py:2 cannot be parsed: invalid syntax."


def test_a_syntax_error_in_a_module_that_is_imported_is_an_error(tmp_path: Path) -> None:
    found = load_findings(tmp_path, {"app.py": f"from shop import stock\n{HANDLER}", "shop/stock.py": "x = (\n"})
    assert only_message(found) == "shop/stock.py:1 cannot be parsed: '(' was never closed."


INLINE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  ReserveFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.99
      InlineCode: |
        type Order = dict[str, int]
        def handler(event: Order, context):
            return f"{event["id"]}"
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.json
      DefinitionSubstitutions: {ReserveFunctionArn: !GetAtt ReserveFunction.Arn}
"""


def test_syntax_that_no_python_has_is_an_error_in_inline_code(tmp_path: Path) -> None:
    template = INLINE.replace('return f"{event["id"]}"', "return (")
    assert "InlineCode of ReserveFunction, line " in only_message(load_findings(tmp_path, {}, template))


@pytest.mark.parametrize(
    "text",
    [
        "type Order[T] = dict[str, T]\ndef first[T: (int, str)](x: list[T]) -> T:\n    return x[0]\n",
        'def handler(e, c):\n    return f"{e["id"]!r:>{c["n"]}} {{no}} {e=} {e != c}" "tail"\n',
        "def handler(e, c):\n    return f'{', '.join(e)}'\n",
        "class Box[T]:\n    pass\n",
    ],
)
def test_newer_syntax_is_right_for_a_newer_python_only(text: str) -> None:
    assert parses_with(text, (3, 13))
    assert not parses_with(text, (3, 11))


def test_an_except_clause_without_parentheses_is_right_for_python_3_14() -> None:
    text = "try:\n    pass\nexcept KeyError, ValueError:\n    pass\n"
    assert (parses_with(text, (3, 14)), parses_with(text, (3, 13))) == (True, False)


@pytest.mark.parametrize(
    "text", ["def broken(:\n", 'x = f"{e["id"}"\n', "type = = 3\n", 'x = f"{a b}"\n', 'x = f"{\n', "def f[(x)\n"]
)
def test_what_no_python_can_parse_is_right_for_none(text: str) -> None:
    assert not parses_with(text, (3, 14))


def test_syntax_that_this_python_is_too_old_for_is_a_warning_with_runtime_line_and_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ast

    parse_here = ast.parse

    def parse(text: str | bytes, *arguments: Any, **options: Any) -> Any:
        """What a Python of before 3.12 does."""
        if "type Order" in str(text):
            raise SyntaxError("invalid syntax", ("index.py", 1, 1, "", 1, 1))
        return parse_here(text, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr("everypath.check.source.ast.parse", parse)
        found = load_findings(tmp_path, {}, INLINE)
    assert [each.severity for each in found] == ["warning"]
    assert (
        "line 1, is not checked: its syntax is right for python3.99, and too new for this Python (" in found[0].message
    )


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            {"app.py": f"from shop.stock import left\n{HANDLER}", "shop/__init__.py": ""},
            "app.py:1 imports 'shop.stock', and there is no such module in the code of ReserveFunction (code/).",
        ),
        (
            {"app.py": f"from errors import OutOfStok\n{HANDLER}", "errors.py": "class OutOfStock(Exception): ...\n"},
            "app.py:1 imports 'OutOfStok' from errors.py, which does not have it. Did you mean 'OutOfStock'?",
        ),
        (
            {
                "app.py": f"import shop.main\n{HANDLER}",
                "shop/main.py": "from . import nothing\n",
                "shop/__init__.py": "",
            },
            "shop/main.py:1 imports 'nothing' from shop/__init__.py, which does not have it.",
        ),
        (
            {"app.py": f"from .shop import left\n{HANDLER}", "shop.py": "left = 1\n"},
            "app.py:1 is a relative import, and app is in no package: import 'shop'.",
        ),
        (
            {"app.py": f"import common\n{HANDLER}", "../common.py": ""},
            "app.py:1 imports 'common', which is beside the code of ReserveFunction (code/) and is not deployed "
            "with it: move it into the directory, or make it a layer.",
        ),
    ],
)
def test_a_missing_module_of_the_project_is_an_error(modules: dict[str, str], message: str, tmp_path: Path) -> None:
    assert only_message(load_findings(tmp_path, modules)) == message


@pytest.mark.parametrize(
    "modules",
    [
        {"app.py": f"import requests, boto3, json, yaml.nodes\n{HANDLER}"},
        {"app.py": f"try:\n    from shop import gone\nexcept ImportError:\n    gone = None\n{HANDLER}", "shop.py": ""},
        {"app.py": f"from shop import made\n{HANDLER}", "shop.py": "globals().update(load())\n"},
        {"app.py": f"from shop import made\n{HANDLER}", "shop.py": "made, other = load()\n"},
        {"app.py": f"from shop import sub\n{HANDLER}", "shop/__init__.py": "", "shop/sub/data.txt": ""},
        {"app.py": f"import common\n{HANDLER}", "../common.py": "", "requirements.txt": "common>=1\n"},
        {"app.py": f"import sys\nsys.path.append('..')\nimport common\n{HANDLER}", "../common.py": ""},
        {"app.py": f"import shop.moves.web\n{HANDLER}", "shop/__init__.py": "", "shop/moves.py": ""},
        {"app.py": "from wrapped import *\n"},
        {"app.py": "import mangum\nhandler = mangum.Mangum(None)\n"},
    ],
)
def test_what_a_deployment_may_provide_is_not_missing(modules: dict[str, str], tmp_path: Path) -> None:
    assert load_findings(tmp_path, modules) == []


def test_the_handler_may_be_in_a_layer_or_a_required_package(tmp_path: Path) -> None:
    wrapped = TEMPLATE.replace("app.handler", "wrapper.run")
    layered = wrapped.replace("Runtime:", "Layers: ['arn:aws:lambda:eu-west-1:1:layer:w:1'], Runtime:")
    assert load_findings(tmp_path, {"app.py": HANDLER}, layered) == []
    assert load_findings(tmp_path, {"app.py": HANDLER, "requirements.txt": "wrapper==1\n"}, wrapped) == []


@pytest.mark.parametrize("runtime", ["nodejs22.x", "provided.al2023", "java21"])
def test_nothing_is_said_of_a_handler_in_another_language(runtime: str, tmp_path: Path) -> None:
    template = TEMPLATE.replace("python3.13", runtime).replace("app.handler", "src/none.handler")
    assert load_findings(tmp_path, {"app.py": dedent(HANDLER)}, template) == []


def test_a_function_that_several_tasks_call_is_reported_once(tmp_path: Path) -> None:
    first = {**task(), "Next": "Second"}
    del first["End"]
    file = project(tmp_path, {"First": first, "Second": task()}, {"app.py": "x = 1\n"})
    found = [each for each in check(load_machine(str(file), None, {})) if each.code == "EP110"]
    assert [each.pointer for each in found] == ["/States/First"]
