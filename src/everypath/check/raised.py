"""Which errors a function can raise, read from its source.

These are the exceptions that are raised by name in the handler and in whatever it calls of the function's own code,
those of the utilities of Powertools that it uses, and those of boto3's clients. What Python and other libraries raise
by themselves, such as a ``KeyError`` for a missing key, is not known.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from everypath.asl.error_catalog import RUNTIME_EXIT_ERROR
from everypath.check.infer import Client, Frame, Inference, Thrown
from everypath.check.known_errors import powertools_errors
from everypath.check.source import (
    KNOWN_LIBRARIES,
    ClassRef,
    Code,
    External,
    FunctionNode,
    FunctionRef,
    Ref,
    Site,
    ValueRef,
    class_name,
    dotted_name,
)
from everypath.check.swallowed import Calls, Clause, Swallow, swallow_of
from everypath.sam.model import Function

_EVERYTHING = frozenset({"BaseException"})
_BROAD = frozenset({"Exception", "BaseException"})
_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "builtins.SystemExit"})
CLIENT_ERROR = "ClientError"
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class RaisedErrors:
    """What a function can raise.

    Parameters
    ----------
    errors : tuple of Thrown
        The errors that leave the handler, one for each place that raises them, in the order of their names.
    swallowed : tuple of Swallow
        The ``except`` clauses that keep an error from leaving the handler.
    families : dict of str to set of str
        For each base class, the names of the exceptions in `errors` that are subclasses of it.
    duplicates : dict of str to tuple of Site
        The names that several exception classes of the code have, with the places of the classes.
    services : frozenset of str
        botocore's names of the services whose clients it calls, ``""`` for an unknown one, and for clients that it
        imports and seems not to call; empty if it lets none of their errors out.
    libraries : tuple of str
        The imported packages whose exceptions are not known.
    identifiers : frozenset of str
        Every word of its modules, raised or not.
    complete : bool
        Whether the class of every ``raise`` statement is known.
    """

    errors: tuple[Thrown, ...]
    swallowed: tuple[Swallow, ...]
    families: dict[str, frozenset[str]]
    duplicates: dict[str, tuple[Site, ...]]
    services: frozenset[str]
    libraries: tuple[str, ...]
    identifiers: frozenset[str]
    complete: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The error names, each once, in order."""
        return tuple(dict.fromkeys(error.name for error in self.errors))

    def cannot_raise(self, name: str) -> bool:
        """Whether it is certain that an error never leaves the handler, as far as the code raises it by name."""
        unknown = self.libraries or "" in self.services or name in self.identifiers
        return self.complete and not unknown and name not in self.names

    def sites(self, name: str) -> list[Site]:
        """The places that raise an error."""
        return [error.site for error in self.errors if error.name == name]


def raised_by(function: Function) -> RaisedErrors | None:
    """Return what a function can raise; None where its source cannot be read.

    Parameters
    ----------
    function : Function
        A function of a template.

    Returns
    -------
    RaisedErrors or None
        None for a function that is not written in Python, or whose handler is not found.
    """
    if not function.is_python:
        return None
    code = code_of(function)
    handler = handler_of(code, function.handler)
    if handler is None:
        return None
    escapes = Escapes(code, function.code_dir)
    errors = sorted(escapes.handler_errors(handler), key=lambda error: (error.name, str(error.site)))
    return RaisedErrors(
        errors=tuple(errors),
        swallowed=tuple(escapes.swallowed()),
        families=_families(errors),
        duplicates=_duplicates(code, function.code_dir, {error.name for error in errors}),
        services=_services(code, escapes, errors),
        libraries=_libraries(code),
        identifiers=frozenset(word for module in code.modules.values() for word in _WORD.findall(module.text)),
        complete=escapes.complete,
    )


def error_names(function: Function) -> tuple[str, ...]:
    """The error names that a function can raise: bare class names, as Step Functions sees them."""
    raised = raised_by(function)
    return raised.names if raised else ()


def code_of(function: Function) -> Code:
    """Return the modules of a function and of its layers."""
    layers = [path / "python" if (path / "python").is_dir() else path for path in function.layers]
    roots = [] if function.inline_code is not None else [function.code_dir]
    return Code([*roots, *layers], function.inline_code)


def handler_of(code: Code, handler: str) -> FunctionRef | None:
    """Return the function that ``module.function`` names; None where the code alone does not say which it is."""
    module, _, name = handler.rpartition(".")
    ref: Ref | None = code.resolve(f"{module.replace('/', '.')}.{name}")
    if isinstance(ref, ValueRef):  # handler = decorator(function)
        call = ref.node
        decorated = dotted_name(call.args[0]) if isinstance(call, ast.Call) and call.args else None
        ref = code.resolve_in(ref.module, decorated) if decorated else None
    if isinstance(ref, ClassRef):
        ref = code.method(ref, "__call__")
    return ref if isinstance(ref, FunctionRef) else None


def _families(errors: list[Thrown]) -> dict[str, frozenset[str]]:
    families: dict[str, set[str]] = {}
    for error in errors:
        for base in error.ancestors:
            families.setdefault(base, set()).add(error.name)
    return {base: frozenset(names) for base, names in families.items()}


def _duplicates(code: Code, root: Path, raised: set[str]) -> dict[str, tuple[Site, ...]]:
    places: dict[str, set[Site]] = {}
    for module in code.modules.values():
        for name, node in module.classes.items():
            if name in raised:
                places.setdefault(name, set()).add(Site.locate(module.path, root, node.lineno))
    return {name: tuple(sorted(sites, key=str)) for name, sites in places.items() if len(sites) > 1}


def _services(code: Code, escapes: Escapes, errors: list[Thrown]) -> frozenset[str]:
    if any(error.name == CLIENT_ERROR for error in errors):
        return frozenset(escapes.services)
    heads = {name.partition(".")[0] for module in code.modules.values() for name in module.imports.values()}
    return frozenset({""}) if "boto3" in heads and not escapes.services else frozenset()


def _libraries(code: Code) -> tuple[str, ...]:
    heads = {name.partition(".")[0] for module in code.modules.values() for name in module.imports.values()}
    known = KNOWN_LIBRARIES | sys.stdlib_module_names
    return tuple(sorted(head for head in heads if head and head not in known and code.module(head) is None))


@dataclass
class Escapes:
    """Works out which errors leave a function; each function of the code is analysed once.

    Parameters
    ----------
    code : Code
        The modules.
    root : Path
        The function's directory; paths are shown relative to it.
    """

    code: Code
    root: Path
    services: set[str] = field(default_factory=set)
    complete: bool = True

    def __post_init__(self) -> None:
        self._errors: dict[ast.AST, frozenset[Thrown]] = {}
        self._inference = Inference(self.code)
        self._calls = Calls()
        self._clauses: dict[ast.AST, Clause] = {}

    def handler_errors(self, ref: FunctionRef) -> frozenset[Thrown]:
        """The errors that leave the handler."""
        self._calls.entry = ref.node
        return self._function_errors(ref)

    def swallowed(self) -> list[Swallow]:
        """The clauses that keep an error from leaving the handler, in the order of their places."""
        found = {swallow for each in self._clauses.values() if (swallow := swallow_of(each, self._calls)) is not None}
        return sorted(found, key=lambda swallow: str(swallow.site))

    def _function_errors(self, ref: FunctionRef, outer: Frame | None = None) -> frozenset[Thrown]:
        if ref.node not in self._errors:
            self._errors[ref.node] = frozenset()  # for a function that calls itself
            frame = self._inference.frame(ref, outer)
            errors = set(self._block(ref.node.body, frame))
            for decorator in reversed(ref.node.decorator_list):
                errors = self._decorated_errors(decorator, errors, frame)
            self._errors[ref.node] = frozenset(errors)
        return self._errors[ref.node]

    def _decorated_errors(self, decorator: ast.expr, errors: set[Thrown], frame: Frame) -> set[Thrown]:
        """The errors that leave a function through one of its decorators."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        ref = self._inference.resolve(called, frame)
        if not isinstance(ref, FunctionRef):
            return errors | self._external(ref, decorator, frame)
        decorator_function = _inner_function(ref.node) if isinstance(decorator, ast.Call) else ref.node
        wrapper = _inner_function(decorator_function) if decorator_function is not None else None
        if decorator_function is None or wrapper is None or not decorator_function.args.args:
            return errors
        parameter = decorator_function.args.args[0].arg
        if not any(isinstance(node, ast.Name) and node.id == parameter for node in ast.walk(wrapper)):
            return errors
        outer = self._inference.frame(FunctionRef(ref.module, wrapper))
        return set(self._block(wrapper.body, replace(outer, wrapped={parameter: frozenset(errors)})))

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
        ref = self._inference.resolve(node.func, frame)
        if isinstance(ref, FunctionRef):
            self._calls.add(ref.node, node, frame.function)
            yield from self._function_errors(ref, frame)
        elif isinstance(ref, ClassRef):
            for name in ("__init__", "__post_init__"):
                method = self.code.method(ref, name)
                if method is not None:
                    yield from self._function_errors(method)
        elif isinstance(ref, Client):
            self.services.add(ref.service)
            yield Thrown(CLIENT_ERROR, self._site(node, frame), _BROAD)
        yield from self._external(ref, node, frame)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if isinstance(argument, ast.Name | ast.Attribute):
                callback = self._inference.resolve(argument, frame)
                if isinstance(callback, FunctionRef):  # passed on to be called
                    self._calls.add(callback.node, None, frame.function)
                    yield from self._function_errors(callback, frame)

    def _external(self, ref: Ref | Client | None, node: ast.expr, frame: Frame) -> set[Thrown]:
        if not isinstance(ref, External):
            return set()
        site = self._site(node, frame)
        if ref.name in _EXITS:
            return {Thrown(RUNTIME_EXIT_ERROR, site, _EVERYTHING)}
        return {Thrown(name, site, _BROAD) for name in powertools_errors(ref.name)}

    def _raise(self, node: ast.Raise, frame: Frame) -> Iterator[Thrown]:
        if node.exc is None:
            yield from frame.caught
            return
        yield from self._expression(node.exc, frame)
        if isinstance(node.exc, ast.Name) and node.exc.id in frame.errors:
            yield from frame.errors[node.exc.id]
            return
        classes = self._inference.classes(node.exc, frame)
        if not classes:
            self.complete = False
        for ref in classes:
            if isinstance(ref, External) and ref.name in _EXITS:
                yield Thrown(RUNTIME_EXIT_ERROR, self._site(node, frame), _EVERYTHING)
            else:
                yield Thrown(class_name(ref), self._site(node, frame), self.code.ancestors(ref))

    def _try(self, node: ast.Try | ast.TryStar, frame: Frame) -> Iterator[Thrown]:
        uncaught = set(self._block(node.body, frame))
        for handler in node.handlers:
            types = self._caught_names(handler.type, frame)
            caught = {error for error in uncaught if _catches(types, error)}
            uncaught -= caught
            yield from self._handler(node, handler, types, caught, frame)
        yield from uncaught
        yield from self._block(node.orelse, frame)
        yield from self._block(node.finalbody, frame)

    def _handler(
        self,
        guarded: ast.Try | ast.TryStar,
        node: ast.ExceptHandler,
        types: frozenset[str],
        caught: set[Thrown],
        frame: Frame,
    ) -> Iterator[Thrown]:
        raised = set(self._block(node.body, frame.catching(node.name, frozenset(caught))))
        broad = bool(types & _BROAD)
        # A call of a service in the clause may fail, but does not pass the error on.
        passed_on = any(error.name != CLIENT_ERROR for error in raised) or _raises(node.body)
        if not passed_on and (broad or (caught and frame.function is self._calls.entry)):
            names = tuple(sorted({error.name for error in caught}))
            swallow = Swallow(self._site(node, frame), () if broad else names)
            self._clauses[node] = Clause(swallow, frame.function, node, guarded.body)
        yield from raised

    def _with(self, node: ast.With | ast.AsyncWith, frame: Frame) -> Iterator[Thrown]:
        suppressed: set[str] = set()
        for item in node.items:
            yield from self._expression(item.context_expr, frame)
            call = item.context_expr
            if isinstance(call, ast.Call) and self._inference.resolve(call.func, frame) == External(
                "contextlib.suppress"
            ):
                for argument in call.args:
                    suppressed |= self._caught_names(argument, frame)
        uncaught = {error for error in self._block(node.body, frame) if not _catches(suppressed, error)}
        if suppressed & _BROAD:
            self._clauses[node] = Clause(Swallow(self._site(node, frame), ()), frame.function, node, node.body)
        yield from uncaught

    def _caught_names(self, node: ast.expr | None, frame: Frame) -> frozenset[str]:
        if node is None:
            return _EVERYTHING
        nodes = node.elts if isinstance(node, ast.Tuple) else [node]
        names: set[str] = set()
        for each in nodes:
            classes = self._inference.classes(each, frame)
            names |= {class_name(ref) for ref in classes}
            if not classes and isinstance(each, ast.Attribute):  # client.exceptions.SomeException
                names.add(each.attr)
        return frozenset(names)

    def _site(self, node: ast.AST, frame: Frame) -> Site:
        return Site.locate(frame.module.path, self.root, getattr(node, "lineno", 1))


def _inner_function(node: FunctionNode) -> FunctionNode | None:
    """The first function that is defined directly in another one."""
    return next((each for each in node.body if isinstance(each, FunctionNode)), None)


def _catches(types: Iterable[str], error: Thrown) -> bool:
    return any(name == "BaseException" or name == error.name or name in error.ancestors for name in types)


def _raises(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Raise) for statement in body for node in ast.walk(statement))
