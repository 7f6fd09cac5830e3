"""What a mistyped error name of AWS stands for."""

from __future__ import annotations

from difflib import get_close_matches

from everypath.asl.error_catalog import ALL, LAMBDA_ERRORS, RESERVED, RESERVED_PREFIX, error_prefix
from everypath.asl.java_names import exception_name, optimized_exception_name
from everypath.asl.resource import Resource
from everypath.asl.sdk_services import error_shapes
from everypath.check.view import StateView


def meant_name(state: StateView, name: str) -> str | None:
    """The name that a mistyped one stands for; None where it is none."""
    head, dot, rest = name.partition(".")
    if name.startswith(RESERVED_PREFIX):
        return None
    if head.casefold() in ("state", "states"):
        return near_name(f"{RESERVED_PREFIX}{rest}", RESERVED) if dot else None
    if name.casefold() in ("all", "*"):
        return ALL
    resource = state.resource
    prefix = error_prefix(resource) if resource else None
    if resource is None or prefix is None or not dot:
        return None
    if prefix == "Lambda" and head.casefold() in ("lambda", "sandbox", "runtime"):
        head = head.capitalize()
        near = near_name(f"{head}.{rest}", LAMBDA_ERRORS)
        known = f"{head}.{rest}" in LAMBDA_ERRORS or rest in error_shapes("lambda")
        found = f"{head}.{rest}" if known or near is None else near
        return found if found != name else None
    if head != prefix and head.casefold() == prefix.casefold():
        return f"{prefix}.{rest}"
    return _mistyped_rest(prefix, rest, resource) if head == prefix else None


def _mistyped_rest(prefix: str, rest: str, resource: Resource) -> str | None:
    shapes = error_shapes(resource.client)
    known = frozenset(java_name(shape, resource) for shape in shapes)
    if rest in known or rest == f"{prefix}Exception":
        return None
    near = java_name(rest, resource) if rest in shapes else near_name(rest, known)
    return f"{prefix}.{near}" if near else None


def java_name(shape: str, resource: Resource) -> str:
    """Return the exception of the Java SDK that a task reports for an error of an API model."""
    return exception_name(shape) if resource.kind == "sdk" else optimized_exception_name(shape)


def near_name(name: str, known: frozenset[str]) -> str | None:
    """Return the known name that another one is a misspelling of; None where none is near."""
    folded = {each.casefold(): each for each in sorted(known)}
    if name.casefold() in folded:
        return folded[name.casefold()]
    found = get_close_matches(name, sorted(known), n=1, cutoff=0.86)
    return found[0] if found else None
