from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from everypath.lambda_runtime.local_function import LocalFunction
from everypath.sam import Function

MakeFunction = Callable[..., LocalFunction]


@pytest.fixture
def make(tmp_path: Path) -> MakeFunction:
    """Makes a function of a module ``app.py``, or of several files given by name."""

    def function(
        source: str = "", *, files: dict[str, str] | None = None, name: str = "fn", **fields: Any
    ) -> LocalFunction:
        directory = tmp_path / name
        directory.mkdir(exist_ok=True)
        for file, text in {"app.py": source, **(files or {})}.items():
            path = directory / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        given: dict[str, Any] = {
            "logical_id": name,
            "name": name,
            "arn": f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
            "code_dir": directory,
            "handler": "app.handler",
            "runtime": "python3.13",
        }
        return LocalFunction(Function(**(given | fields)))

    return function
