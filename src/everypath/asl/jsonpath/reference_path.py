"""Reference paths, and how ``ResultPath`` puts a value at one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import REFERENCE_PATH_CONFLICT
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.java_values import json_text
from everypath.asl.jsonpath.path import check_path, compile_path
from everypath.asl.jsonpath.steps import Child, Index


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
            specification has ``States.ResultPathMatchFailure``; this is what AWS reports.
        """
        return self._put(root, value, 0, root)

    def _put(self, node: Any, value: Any, depth: int, root: Any) -> Any:
        if depth == len(self.keys):
            return value
        key = self.keys[depth]
        if isinstance(key, str) and isinstance(node, dict):
            inner = node[key] if key in node else self._made(depth + 1)
            return {**node, key: self._put(inner, value, depth + 1, root)}
        if isinstance(key, int) and isinstance(node, list) and -len(node) <= key < len(node):
            copy = list(node)
            copy[key] = self._put(node[key], value, depth + 1, root)
            return copy
        cause = f'Unable to apply step "{key}" to input {json_text(root)}'
        raise StateError(REFERENCE_PATH_CONFLICT, cause)

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
    keys: list[str | int] = []
    for step in path.steps:
        assert isinstance(step, (Child, Index))
        keys.append(step.names[0] if isinstance(step, Child) else step.indices[0])
    return ReferencePath(text, tuple(keys))
