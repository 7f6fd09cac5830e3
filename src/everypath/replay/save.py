"""Saves a replay as a regression test: a pytest file, and the history beside it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from everypath.errors import InputError
from everypath.replay.replayed_machine import ReplayedMachine

TEST = '''\
"""A recorded execution, replayed against today's definition; written by `everypath replay --save`."""

from __future__ import annotations

from pathlib import Path

from everypath.replay import ReplayedMachine, replay
from everypath.report.difference import difference_report

HERE = Path(__file__).resolve().parent


def test_{name}_takes_the_recorded_path() -> None:
    found = replay(HERE / {history!r}, ReplayedMachine({replayed}))
    assert found.same_path, difference_report(found)
'''


def save_test(file: Path, history: Path, replayed: ReplayedMachine) -> None:
    """Write a test that replays a history, and the history beside it.

    Parameters
    ----------
    file : Path
        The test, such as ``tests/test_order_4711.py``. The history gets the same name and ends in ``.history.json``.
    history : Path
        The history that was replayed.
    replayed : ReplayedMachine
        What it was replayed against; the test finds it from its own place.

    Raises
    ------
    InputError
        The file is there already, or cannot be written, or is no test for pytest.
    """
    if file.suffix != ".py" or not file.name.startswith("test_"):
        raise InputError(f"--save: expected a file that pytest finds, such as tests/test_order.py, but got {file}")
    beside = file.with_name(f"{file.stem.removeprefix('test_')}.history.json")
    for there in (file, beside):
        if there.exists() and there.resolve() != history.resolve():
            raise InputError(f"--save: {there} is there already")
    name = re.sub(r"\W+", "_", file.stem.removeprefix("test_"))
    text = TEST.format(name=name, history=beside.name, replayed=_arguments(replayed, file.parent))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if beside.resolve() != history.resolve():
            shutil.copyfile(history, beside)
    except OSError as error:
        raise InputError(f"--save: {file} cannot be written: {error}") from None


def _arguments(replayed: ReplayedMachine, folder: Path) -> str:
    if replayed.definition is not None:
        return f"template=None, definition={_from(folder, Path(replayed.definition))}"
    found = [f"template={_from(folder, Path(replayed.template or 'template.yaml'))}"]
    if replayed.machine is not None:
        found.append(f"machine={replayed.machine!r}")
    if replayed.parameter_overrides:
        found.append(f"parameter_overrides={dict(replayed.parameter_overrides)!r}")
    if replayed.values:
        found.append(f"values={dict(replayed.values)!r}")
    if replayed.config_env is not None:
        found.append(f"config_env={replayed.config_env!r}")
    return ", ".join(found)


def _from(folder: Path, file: Path) -> str:
    """A path relative to the test, so that it is right wherever the project is."""
    return f"HERE / {Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()!r}"
