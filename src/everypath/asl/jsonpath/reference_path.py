"""Reference paths: how ``ResultPath`` puts a value at one, and what ``ItemsPath`` finds at one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import REFERENCE_PATH_CONFLICT
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.java_values import json_text
from everypath.asl.jsonpath.path import Path, PathNotFound, check_path, compile_path, refuse_null_input
from everypath.asl.jsonpath.steps import Child, Index
from everypath.asl.scope import Scope


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """A path that identifies one place.

    Parameters
    ----------
    text : str
        The path as it is in the definition.
    keys : tuple of str or int
        Names of members and indices of elements, from the root.
    """

    text: str
    keys: tuple[str | int, ...]

    def put(self, root: Any, value: Any) -> Any:
        """Return a new root with `value` at this place.

        The given root is not changed: the containers on the path are copied, the rest is shared. Missing objects are
        created (specification, "Input and Output Processing").

        Raises
        ------
        StateError
            ``States.ReferencePathConflict``: a value on the path is not a container, or has no such element. The
            specification has ``States.ResultPathMatchFailure``; name and words are those that users of AWS report.
        """
        try:
            return self._put(root, value, 0)
        except LookupError:
            cause = f"Unable to apply ReferencePath {self.text} to input {json_text(root)}"
            raise StateError(REFERENCE_PATH_CONFLICT, cause) from None

    def _put(self, node: Any, value: Any, depth: int) -> Any:
        """Return a copy of a container with `value` in it; raises `LookupError` where there is no place for it."""
        if depth == len(self.keys):
            return value
        key = self.keys[depth]
        if isinstance(key, str) and isinstance(node, dict):
            inner = node[key] if key in node else self._made(depth + 1)
            return {**node, key: self._put(inner, value, depth + 1)}
        if isinstance(key, int) and isinstance(node, list) and 0 <= key < len(node):
            copy = list(node)
            copy[key] = self._put(node[key], value, depth + 1)
            return copy
        raise LookupError(key)

    def _made(self, depth: int) -> Any:
        """Return what to create for a missing member; an array is not created, so that its index is not found."""
        return {} if depth < len(self.keys) and isinstance(self.keys[depth], str) else None


def compile_reference_path(text: str) -> ReferencePath:
    """Compile the path of a ``ResultPath``.

    Raises
    ------
    ExpressionSyntaxError
        The path may identify several places, or a variable, or the context object.
    """
    problem = check_path(text, reference=True)
    path = None if problem else compile_path(text)
    if path is None or path.root != "$":
        raise ExpressionSyntaxError(problem or "Value is not a Reference Path")
    return ReferencePath(text, _keys(path))


@dataclass(frozen=True, slots=True)
class ItemsAt:
    """``ItemsPath``: a reference path that must find something."""

    path: Path

    def evaluate(self, scope: Scope) -> Any:
        """Return the value at the path.

        Raises
        ------
        StateError
            ``States.ReferencePathConflict``, in the words that users of AWS report, where there is none.
        """
        refuse_null_input(self.path, scope)
        try:
            return self.path.evaluate(scope)
        except PathNotFound:
            document = self.path.document(scope)
            cause = f'Unable to apply step "{_missing(_keys(self.path), document)}" to input {json_text(document)}'
            raise StateError(REFERENCE_PATH_CONFLICT, cause) from None


def _keys(path: Path) -> tuple[str | int, ...]:
    keys: list[str | int] = []
    for step in path.steps:
        assert isinstance(step, (Child, Index))
        keys.append(step.names[0] if isinstance(step, Child) else step.indices[0])
    return tuple(keys)


def _missing(keys: tuple[str | int, ...], node: Any) -> str | int:
    """Return the first of the keys that leads nowhere."""
    for key in keys[:-1]:
        try:
            node = node[key]
        except (LookupError, TypeError):
            return key
    return keys[-1]
