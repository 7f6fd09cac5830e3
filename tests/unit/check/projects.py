"""Short ways to write a project, and to say which rules it breaks."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

from everypath.check.checker import check
from everypath.check.finding import Finding
from everypath.check.load import load_file, load_machine
from everypath.check.raised import RaisedErrors, raised_by
from everypath.sam import read
from everypath.sam.model import Function

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  ReserveFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code, Handler: app.handler, Runtime: python3.13}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: order.asl.json
      DefinitionSubstitutions: {ReserveFunctionArn: !GetAtt ReserveFunction.Arn}
"""
FAIL = {"Type": "Fail", "Error": "OrderFailed"}
RETRIED = {"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}


def task(**fields: Any) -> dict[str, Any]:
    """A Lambda task that ends its flow."""
    return {"Type": "Task", "Resource": "${ReserveFunctionArn}", "End": True, **fields}


def catch(*names: str, **fields: Any) -> dict[str, Any]:
    """A catcher."""
    return {"ErrorEquals": list(names), "Next": "Give Up", **fields}


def handled(*names: str, **fields: Any) -> dict[str, Any]:
    """The states of a workflow whose task catches these names."""
    return {"Reserve": task(Catch=[catch(*names)], **fields), "Give Up": FAIL}


def definition(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A definition that begins with the first of some states; what is not there and gone to becomes a Fail."""
    text = json.dumps(states)
    missing = {"Give Up": FAIL} if '"Give Up"' in text and "Give Up" not in states else {}
    unused = "Give Up" in states and '"Next": "Give Up"' not in text
    kept = {name: state for name, state in states.items() if not (unused and name == "Give Up")}
    return {"StartAt": next(iter(states)), "States": kept | missing, **fields}


def project(folder: Path, states: dict[str, Any], modules: dict[str, str] | None = None, **fields: Any) -> Path:
    """Write a template, a definition and the modules of its handler; return the template."""
    (folder / "code").mkdir(exist_ok=True)
    for name, source in (modules or {"app.py": "def handler(event, context): return event"}).items():
        file = folder / "code" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(source))
    (folder / "order.asl.json").write_text(json.dumps(definition(states, **fields), indent=1))
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    return template


def findings(folder: Path, states: dict[str, Any], source: str | None = None, **fields: Any) -> list[Finding]:
    """What is found in a project whose handler is in one module; in a bare definition where there is none."""
    template = project(folder, states, {"app.py": source} if source is not None else None, **fields)
    return check(load_machine(str(template), None, {}) if source is not None else load_file(folder / "order.asl.json"))


def codes(found: list[Finding]) -> set[str]:
    """The codes of some findings."""
    return {each.code for each in found}


def messages(found: list[Finding], code: str) -> list[str]:
    """The messages of the findings of one rule."""
    return [each.message for each in found if each.code == code]


def function(folder: Path, modules: dict[str, str]) -> Function:
    """A function of these modules; its handler is ``app.handler``."""
    return read(project(folder, {"Reserve": task()}, modules)).functions["ReserveFunction"]


def raised(folder: Path, source: str, **modules: str) -> RaisedErrors:
    """What a handler can raise; further modules by name."""
    found = raised_by(function(folder, {"app.py": source, **{f"{name}.py": text for name, text in modules.items()}}))
    assert found is not None
    return found
