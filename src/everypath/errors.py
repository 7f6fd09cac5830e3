"""What is wrong with what a user gave: a template, a definition, an input, an option."""

from __future__ import annotations


class EverypathError(Exception):
    """Bad input of any kind; the message names the file, the place, what was expected and what came.

    The command line prints the message alone and exits with 2. Everything else that is raised is a bug.
    """


class TemplateError(EverypathError):
    """A SAM template, or a file that it names, cannot be used."""


class InputError(EverypathError):
    """An execution input, an event file or an option cannot be used."""


class TargetError(EverypathError):
    """What workflows are to run on does not answer, or refuses."""


class NotOnTargetError(EverypathError):
    """A run that a target cannot make: a fault that cannot be injected there, a history that is not kept there."""
