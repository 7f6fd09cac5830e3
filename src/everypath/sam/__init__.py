"""Reads a SAM template: its Lambda functions and its state machines.

::

    template = everypath.sam.read("template.yaml", {"Stage": "test"})
    template.state_machine("MyAPIStateMachine").definition
    template.functions["MockAPIFunction"].code_dir

An error in a template is an `everypath.errors.TemplateError` that names the file, the line and the place. A value that
is unknown before deployment is an error only where it is needed.
"""

from everypath.sam.model import Function, StateMachine, Template
from everypath.sam.reader import read

__all__ = ["Function", "StateMachine", "Template", "read"]
