"""The state machine that a recorded execution is replayed against: of a template, or of a file with a definition."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everypath.asl.parser.definition import parse
from everypath.errors import InputError
from everypath.integrations.routing import task_router
from everypath.replay.recording import load_recording
from everypath.replay.replayer import Replay, run_again


@dataclass(frozen=True, slots=True)
class ReplayedMachine:
    """Where today's definition is.

    Parameters
    ----------
    template : path, optional
        A SAM template.
    machine : str, optional
        Logical id or name of its state machine.
    definition : path, optional
        A file with a definition, in place of a template.
    parameter_overrides : mapping of str to str
        Values for the template's parameters.
    values : mapping of str to str
        Values that only a deployment knows.
    config_env : str, optional
        The environment of samconfig.toml.
    """

    template: str | os.PathLike[str] | None = "template.yaml"
    machine: str | None = None
    definition: str | os.PathLike[str] | None = None
    parameter_overrides: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    config_env: str | None = None


def replay(history: str | os.PathLike[str], replayed: ReplayedMachine | None = None) -> Replay:
    """Run the execution of a history again, and compare.

    Parameters
    ----------
    history : path
        What ``aws stepfunctions get-execution-history`` has written.
    replayed : ReplayedMachine, optional
        Today's definition; that of ``template.yaml`` where it is left out.

    Raises
    ------
    InputError
        The history cannot be replayed.
    TemplateError, DefinitionError
        The template or the definition is wrong.
    """
    replayed = replayed or ReplayedMachine()
    recording = load_recording(Path(history))
    if replayed.definition is not None:
        file = Path(replayed.definition)
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{file}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{file}: cannot be read: it is not UTF-8 text") from None
        return run_again(recording, parse(text, source=str(file)), task_router())
    from everypath.api import read_machine

    machine = read_machine(
        replayed.template or "template.yaml",
        replayed.machine,
        parameter_overrides=replayed.parameter_overrides,
        values=replayed.values,
        config_env=replayed.config_env,
    )
    return run_again(recording, machine.tree, machine.tasks, machine.template.stack)
