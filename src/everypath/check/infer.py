"""What the expressions in a function's source stand for, as far as the source alone says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from everypath.check.source import (
    ClassRef,
    Code,
    External,
    FunctionNode,
    FunctionRef,
    Module,
    Ref,
    Site,
    ValueRef,
    dotted_name,
)

_FACTORIES = ("client", "resource")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error and the place that raises it; `ancestors` are the bare names of its base classes."""

    name: str
    site: Site
    ancestors: frozenset[str]


@dataclass(frozen=True)
class Client:
    """A client or resource of boto3, or what was made with one; `service` is empty for an unknown one."""

    service: str


@dataclass(frozen=True)
class Frame:
    """What is known inside a function.

    Parameters
    ----------
    module, owner, function
        Where it is written.
    local : dict of str to expr
        What its variables were last given.
    inner : dict of str to function
        The functions that are defined in it.
    errors : dict of str to Thrown
        The errors that the names of ``except … as name`` stand for.
    caught : set of Thrown
        What a bare ``raise`` raises again.
    wrapped : dict of str to Thrown
        In a decorator: what the function that it decorates raises, by the name of the parameter.
    """

    module: Module
    owner: ClassRef | None
    function: ast.AST
    local: dict[str, ast.expr] = field(default_factory=dict)
    inner: dict[str, FunctionNode] = field(default_factory=dict)
    errors: dict[str, frozenset[Thrown]] = field(default_factory=dict)
    caught: frozenset[Thrown] = frozenset()
    wrapped: dict[str, frozenset[Thrown]] = field(default_factory=dict)

    @classmethod
    def enter(cls, ref: FunctionRef, outer: Frame | None) -> Frame:
        """Return the frame of a function; `outer` is that of its caller, whose inner functions it may be one of."""
        nested = outer is not None and ref.node in outer.inner.values()
        frame = cls(ref.module, ref.owner, ref.node)
        if outer is not None and nested:
            frame = replace(frame, owner=outer.owner, local=dict(outer.local), inner=dict(outer.inner))
        for argument in [*ref.node.args.posonlyargs, *ref.node.args.args, *ref.node.args.kwonlyargs]:
            frame.local.pop(argument.arg, None)
            if argument.annotation is not None:
                # A parameter is taken for an instance of what it is annotated with.
                frame.local[argument.arg] = ast.Call(func=argument.annotation, args=[], keywords=[])
        for name, value in _assignments(ref.node):
            frame.local[name] = value
        for node in ast.walk(ref.node):
            if isinstance(node, FunctionNode) and node is not ref.node:
                frame.inner[node.name] = node
        return frame

    def catching(self, name: str | None, errors: frozenset[Thrown]) -> Frame:
        """The frame inside an ``except`` clause."""
        return replace(self, caught=errors, errors={**self.errors, name: errors} if name else self.errors)


@dataclass(frozen=True)
class Inference:
    """Says what an expression stands for: a function, a class, something external, a client of boto3."""

    code: Code
    _frames: dict[ast.AST, Frame] = field(default_factory=dict, compare=False)
    _instances: dict[tuple[ast.AST, ast.AST], ClassRef | Client | None] = field(default_factory=dict, compare=False)

    def frame(self, ref: FunctionRef, outer: Frame | None = None) -> Frame:
        """Return the frame of a function, made once unless it is an inner one."""
        if outer is not None and ref.node in outer.inner.values():
            return Frame.enter(ref, outer)
        if ref.node not in self._frames:
            self._frames[ref.node] = Frame.enter(ref, None)
        return self._frames[ref.node]

    def resolve(self, node: ast.expr, frame: Frame, depth: int = 0) -> Ref | Client | None:
        """Return what an expression that is called, caught or passed on stands for."""
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Attribute):
            base = self.instance(node.value, frame, depth + 1)
            if isinstance(base, Client):
                return base
            if isinstance(base, ClassRef):
                return self.code.method(base, node.attr)
        parts = dotted_name(node)
        if parts is None:
            return None
        if len(parts) == 1 and parts[0] in frame.inner:
            return FunctionRef(frame.module, frame.inner[parts[0]], frame.owner)
        if parts[0] in frame.local:
            alias = dotted_name(frame.local[parts[0]])
            if alias is None or alias[0] == parts[0]:
                return None
            return self.code.resolve_in(frame.module, [*alias, *parts[1:]])
        return self.code.resolve_in(frame.module, parts)

    def instance(self, node: ast.expr, frame: Frame, depth: int = 0) -> ClassRef | Client | None:
        """Return the class that a value is an instance of, or the client of boto3 that it is.

        Each expression is looked at once: what depends on itself is not known.
        """
        key = (node, frame.function)
        if depth > _DEEPEST:
            return None
        if key not in self._instances:
            self._instances[key] = None
            self._instances[key] = self._instance(node, frame, depth)
        return self._instances[key]

    def _instance(self, node: ast.expr, frame: Frame, depth: int) -> ClassRef | Client | None:
        if isinstance(node, ast.Call):
            return self._result(node, frame, depth + 1)
        if isinstance(node, ast.Await):
            return self.instance(node.value, frame, depth + 1)
        if isinstance(node, ast.Name):
            if node.id in ("self", "cls") and frame.owner is not None:
                return frame.owner
            if node.id in frame.local:
                return self.instance(frame.local[node.id], _without_local(frame, node.id), depth + 1)
            ref = self.code.resolve_in(frame.module, [node.id])
            return self._value(ref, depth) if isinstance(ref, ValueRef) else None
        if isinstance(node, ast.Attribute):
            return self._attribute(node, frame, depth + 1)
        return None

    def classes(self, node: ast.expr, frame: Frame, depth: int = 0) -> list[Ref]:
        """Return the classes that a raised expression may be one of, or an instance of one of."""
        if depth > _DEEPEST:
            return []
        table = _table(node)
        if table is not None:
            return [ref for each in self._table_values(*table, frame) for ref in self.classes(each, frame, depth + 1)]
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "with_traceback":
                return self.classes(node.func.value, frame, depth + 1)
            ref = self.resolve(node.func, frame)
            if isinstance(ref, FunctionRef):
                return self._returned_classes(ref, frame, depth + 1)
            return self.classes(node.func, frame, depth + 1)
        if isinstance(node, ast.IfExp):
            return [*self.classes(node.body, frame, depth + 1), *self.classes(node.orelse, frame, depth + 1)]
        if isinstance(node, ast.Name) and node.id in frame.local:
            return self.classes(frame.local[node.id], _without_local(frame, node.id), depth + 1)
        ref = self.resolve(node, frame)
        if isinstance(ref, ValueRef):
            module_frame = Frame(ref.module, None, ref.module.tree)
            return self.classes(ref.node, module_frame, depth + 1)
        return [ref] if isinstance(ref, ClassRef | External) else []

    def _table_values(self, table: ast.expr, default: list[ast.expr], frame: Frame) -> list[ast.expr]:
        ref = self.resolve(table, frame)
        value = ref.node if isinstance(ref, ValueRef) else table
        if isinstance(value, ast.Name):
            value = frame.local.get(value.id, value)
        return [*(value.values if isinstance(value, ast.Dict) else []), *default]

    def _returned_classes(self, ref: FunctionRef, outer: Frame, depth: int) -> list[Ref]:
        frame = self.frame(ref, outer)
        results = [node.value for node in ast.walk(ref.node) if isinstance(node, ast.Return) and node.value is not None]
        return [ref for result in results for ref in self.classes(result, frame, depth + 1)]

    def _result(self, node: ast.Call, frame: Frame, depth: int) -> ClassRef | Client | None:
        ref = self.resolve(node.func, frame, depth)
        if isinstance(ref, ClassRef | Client):
            return ref
        if isinstance(ref, External):
            package, _, last = ref.name.partition(".")
            return Client(_service_argument(node)) if package == "boto3" and last in _FACTORIES else None
        if isinstance(ref, FunctionRef):
            for inner in ast.walk(ref.node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    instance = self.instance(inner.value, self.frame(ref, frame), depth + 1)
                    if instance is not None:
                        return instance
        if isinstance(node.func, ast.Attribute) and node.func.attr in _FACTORIES:
            session = node.func.value
            made = session if isinstance(session, ast.Call) else self._assigned_call(session, frame)
            if made is not None and self.resolve(made.func, frame, depth) == External("boto3.Session"):
                return Client(_service_argument(node))
        return None

    def _assigned_call(self, node: ast.expr, frame: Frame) -> ast.Call | None:
        ref = self.code.resolve_in(frame.module, [node.id]) if isinstance(node, ast.Name) else None
        value = frame.local.get(node.id) if isinstance(node, ast.Name) else None
        if value is None and isinstance(ref, ValueRef):
            value = ref.node
        return value if isinstance(value, ast.Call) else None

    def _attribute(self, node: ast.Attribute, frame: Frame, depth: int) -> ClassRef | Client | None:
        base = self.instance(node.value, frame, depth)
        if isinstance(base, Client):
            return base
        if isinstance(base, ClassRef):
            for method in (each for each in base.node.body if isinstance(each, FunctionNode)):
                inner = self.frame(FunctionRef(base.module, method, base))
                for target, value in _attribute_assignments(method):
                    if target == node.attr and (instance := self.instance(value, inner, depth + 1)):
                        return instance
            return None
        ref = self.resolve(node, frame, depth) if dotted_name(node) else None
        return self._value(ref, depth) if isinstance(ref, ValueRef) else None

    def _value(self, ref: ValueRef, depth: int) -> ClassRef | Client | None:
        return self.instance(ref.node, Frame(ref.module, None, ref.module.tree), depth + 1)


def _without_local(frame: Frame, name: str) -> Frame:
    return replace(frame, local={key: value for key, value in frame.local.items() if key != name})


def _assignments(function: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, ast.With):
            for item in node.items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, item.context_expr


def _attribute_assignments(function: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    yield target.attr, node.value


def _table(node: ast.expr) -> tuple[ast.expr, list[ast.expr]] | None:
    """The dictionary and the defaults of ``ERRORS[code]`` and ``ERRORS.get(code, Default)``."""
    if isinstance(node, ast.Subscript):
        return node.value, []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return node.func.value, node.args[1:]
    return None


def _service_argument(node: ast.Call) -> str:
    first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "service_name"), None)
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
