"""What is wrong with a definition, and what goes wrong when one of its expressions is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from everypath.errors import EverypathError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a definition.

    Parameters
    ----------
    code : str
        AWS's code, such as ``SCHEMA_VALIDATION_FAILED``.
    message : str
        What is wrong, in AWS's words where they are known.
    path : tuple of str or int or None
        Where, from the root of the definition; None where AWS says ``null``.
    """

    code: str
    message: str
    path: tuple[str | int, ...] | None

    @property
    def location(self) -> str:
        """The place as AWS writes it: ``/States/Call API/Retry[0]/MaxAttempts``."""
        if self.path is None:
            return ""
        return "".join(f"[{part}]" if isinstance(part, int) else f"/{part}" for part in self.path) or "/"

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer: ``/States/Call API/Retry/0/MaxAttempts``."""
        escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in self.path or ())
        return "".join(f"/{part}" for part in escaped)

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {'null' if self.path is None else self.location}"


class DefinitionError(EverypathError):
    """A definition that cannot be run, with all of its ``problems``."""

    def __init__(self, problems: list[Problem], source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{source or 'definition'}: {count}\n{lines}")


class ExpressionSyntaxError(Exception):
    """A path, an intrinsic function or a JSONata expression that cannot be compiled.

    Parameters
    ----------
    message : str
        What is wrong.
    place : tuple of str or int
        Where in the field that holds it; empty for the field itself.
    """

    def __init__(self, message: str, place: tuple[str | int, ...] = ()) -> None:
        self.place = place
        super().__init__(message)


class StateError(Exception):
    """The error and the cause with which an expression fails the state that evaluates it.

    It never leaves the engine: the state turns it into the failure that its retriers and catchers see. `location` is
    the field of a failed JSONata expression, such as ``Arguments/Payload``.
    """

    def __init__(self, error: str, cause: str | None, location: str | None = None) -> None:
        self.error = error
        self.cause = cause
        self.location = location
        super().__init__(f"{error}: {cause}")
