"""Follows exceptions through a function's source: what is raised, what catches it, what leaves the handler."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from everypath.asl.error_catalog import RUNTIME_EXIT_ERROR
from everypath.check.infer import Client, Frame, Inference
from everypath.check.known_errors import of_powertools
from everypath.check.source import ClassRef, Code, External, FunctionNode, FunctionRef, Module, Ref, bare

_EVERYTHING = frozenset({"BaseException"})
_BROAD = frozenset({"Exception", "BaseException"})
_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "builtins.SystemExit"})
CLIENT_ERROR = "ClientError"


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a function's source."""

    file: str
    line: int

    @classmethod
    def of(cls, path: Path, root: Path, line: int) -> Site:
        """The place in a file, which is named from the function's directory."""
        try:
            return cls(str(path.relative_to(root)), line)
        except ValueError:
            return cls(str(path), line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error that comes from somewhere; `ancestors` are the bare names of its base classes."""

    name: str
    site: Site
    ancestors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Swallow:
    """An ``except`` clause that raises nothing; `names` are those that it keeps, none where it takes everything."""

    site: Site
    names: tuple[str, ...]


@dataclass
class Escapes:
    """Works out which errors leave a function; each function of the code is read once.

    Parameters
    ----------
    code : Code
        The modules.
    root : Path
        The function's directory, from which places are named.
    """

    code: Code
    root: Path
    swallowed: set[Swallow] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    complete: bool = True

    def __post_init__(self) -> None:
        self._known: dict[ast.AST, frozenset[Thrown]] = {}
        self._infer = Inference(self.code)
        self._entry: ast.AST | None = None

    def of_handler(self, ref: FunctionRef) -> frozenset[Thrown]:
        """The errors that leave the handler."""
        self._entry = ref.node
        return self._of(ref)

    def _of(self, ref: FunctionRef, outer: Frame | None = None) -> frozenset[Thrown]:
        if ref.node not in self._known:
            self._known[ref.node] = frozenset()  # for a function that calls itself
            frame = self._infer.frame(ref, outer)
            found = set(self._block(ref.node.body, frame))
            for decorator in reversed(ref.node.decorator_list):
                found = self._decorated(decorator, found, frame)
            self._known[ref.node] = frozenset(found)
        return self._known[ref.node]

    def _decorated(self, decorator: ast.expr, found: set[Thrown], frame: Frame) -> set[Thrown]:
        """What leaves a function behind one of its decorators."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        ref = self._infer.resolve(called, frame)
        if not isinstance(ref, FunctionRef):
            return found | self._external(ref, decorator, frame)
        made = _inner(ref.node) if isinstance(decorator, ast.Call) else ref.node
        wrapper = _inner(made) if made is not None else None
        if made is None or wrapper is None or not made.args.args:
            return found
        parameter = made.args.args[0].arg
        if not any(isinstance(node, ast.Name) and node.id == parameter for node in ast.walk(wrapper)):
            return found
        outer = self._infer.frame(FunctionRef(ref.module, wrapper))
        return set(self._block(wrapper.body, replace(outer, wrapped={parameter: frozenset(found)})))

    def _block(self, body: Iterable[ast.stmt], frame: Frame) -> Iterator[Thrown]:
        for statement in body:
            yield from self._statement(statement, frame)

    def _statement(self, node: ast.stmt, frame: Frame) -> Iterator[Thrown]:
        if isinstance(node, FunctionNode | ast.ClassDef):
            return
        if isinstance(node, ast.Raise):
            yield from self._raise(node, frame)
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from self._try(node, frame)
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield from self._with(node, frame)
        else:
            yield from self._parts(node, frame)

    def _parts(self, node: ast.AST, frame: Frame) -> Iterator[Thrown]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from self._statement(child, frame)
            elif isinstance(child, ast.expr):
                yield from self._expression(child, frame)
            else:
                yield from self._parts(child, frame)

    def _expression(self, node: ast.expr, frame: Frame) -> Iterator[Thrown]:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                yield from self._call(inner, frame)

    def _call(self, node: ast.Call, frame: Frame) -> Iterator[Thrown]:
        if isinstance(node.func, ast.Name) and node.func.id in frame.wrapped:
            yield from frame.wrapped[node.func.id]
        ref = self._infer.resolve(node.func, frame)
        if isinstance(ref, FunctionRef):
            yield from self._of(ref, frame)
        elif isinstance(ref, ClassRef):
            for name in ("__init__", "__post_init__"):
                method = self.code.method(ref, name)
                if method is not None:
                    yield from self._of(method)
        elif isinstance(ref, Client):
            self.services.add(ref.service)
            yield Thrown(CLIENT_ERROR, self._site(node, frame), _BROAD)
        yield from self._external(ref, node, frame)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if isinstance(argument, ast.Name | ast.Attribute):
                callback = self._infer.resolve(argument, frame)
                if isinstance(callback, FunctionRef):  # passed on to be called
                    yield from self._of(callback, frame)

    def _external(self, ref: Ref | Client | None, node: ast.expr, frame: Frame) -> set[Thrown]:
        if not isinstance(ref, External):
            return set()
        site = self._site(node, frame)
        if ref.name in _EXITS:
            return {Thrown(RUNTIME_EXIT_ERROR, site, _EVERYTHING)}
        return {Thrown(name, site, _BROAD) for name in of_powertools(ref.name)}

    def _raise(self, node: ast.Raise, frame: Frame) -> Iterator[Thrown]:
        if node.exc is None:
            yield from frame.caught
            return
        yield from self._expression(node.exc, frame)
        if isinstance(node.exc, ast.Name) and node.exc.id in frame.errors:
            yield from frame.errors[node.exc.id]
            return
        classes = self._infer.classes(node.exc, frame)
        if not classes:
            self.complete = False
        for ref in classes:
            if isinstance(ref, External) and ref.name in _EXITS:
                yield Thrown(RUNTIME_EXIT_ERROR, self._site(node, frame), _EVERYTHING)
            else:
                yield Thrown(bare(ref), self._site(node, frame), self.code.ancestors(ref))

    def _try(self, node: ast.Try | ast.TryStar, frame: Frame) -> Iterator[Thrown]:
        left = set(self._block(node.body, frame))
        for handler in node.handlers:
            types = self._caught_names(handler.type, frame)
            taken = {error for error in left if _takes(types, error)}
            left -= taken
            yield from self._handler(handler, types, taken, frame)
        yield from left
        yield from self._block(node.orelse, frame)
        yield from self._block(node.finalbody, frame)

    def _handler(
        self, node: ast.ExceptHandler, types: frozenset[str], taken: set[Thrown], frame: Frame
    ) -> Iterator[Thrown]:
        found = set(self._block(node.body, frame.catching(node.name, frozenset(taken))))
        broad = bool(types & _BROAD)
        if not found and not _raises(node.body) and (broad or (taken and frame.function is self._entry)):
            names = tuple(sorted({error.name for error in taken}))
            self.swallowed.add(Swallow(self._site(node, frame), () if broad else names))
        yield from found

    def _with(self, node: ast.With | ast.AsyncWith, frame: Frame) -> Iterator[Thrown]:
        suppressed: set[str] = set()
        for item in node.items:
            yield from self._expression(item.context_expr, frame)
            call = item.context_expr
            if isinstance(call, ast.Call) and self._infer.resolve(call.func, frame) == External("contextlib.suppress"):
                for argument in call.args:
                    suppressed |= self._caught_names(argument, frame)
        left = {error for error in self._block(node.body, frame) if not _takes(suppressed, error)}
        if suppressed & _BROAD:
            self.swallowed.add(Swallow(self._site(node, frame), ()))
        yield from left

    def _caught_names(self, node: ast.expr | None, frame: Frame) -> frozenset[str]:
        if node is None:
            return _EVERYTHING
        nodes = node.elts if isinstance(node, ast.Tuple) else [node]
        found: set[str] = set()
        for each in nodes:
            classes = self._infer.classes(each, frame)
            found |= {bare(ref) for ref in classes}
            if not classes and isinstance(each, ast.Attribute):  # client.exceptions.SomeException
                found.add(each.attr)
        return frozenset(found)

    def _site(self, node: ast.AST, frame: Frame) -> Site:
        return site_of(frame.module, self.root, node)


def site_of(module: Module, root: Path, node: ast.AST) -> Site:
    """The place of a node of a module."""
    return Site.of(module.path, root, getattr(node, "lineno", 1))


def _inner(node: FunctionNode) -> FunctionNode | None:
    """The function that is defined directly in another one."""
    return next((each for each in node.body if isinstance(each, FunctionNode)), None)


def _takes(types: Iterable[str], error: Thrown) -> bool:
    return any(name == "BaseException" or name == error.name or name in error.ancestors for name in types)


def _raises(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Raise) for statement in body for node in ast.walk(statement))
