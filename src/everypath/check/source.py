"""The source of a function: its modules, and what the names in them stand for. It is only read, never imported."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

#: How many names, or base classes, are followed one after another.
_DEEPEST = 20

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a function's source."""

    file: str
    line: int

    @classmethod
    def locate(cls, path: Path, root: Path, line: int) -> Site:
        """The place in a file, whose path is shown relative to the function's directory."""
        try:
            return cls(str(path.relative_to(root)), line)
        except ValueError:
            return cls(str(path), line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, eq=False)
class Module:
    """A module of the function's code, with the names of its top level."""

    name: str
    path: Path
    tree: ast.Module
    text: str = ""
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    @property
    def package(self) -> str:
        """The package that its relative imports begin at."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A module that cannot be parsed: its file, the line, what Python says, and its text."""

    path: Path
    line: int
    message: str
    text: str


@dataclass(frozen=True)
class FunctionRef:
    """A function, or a method of the class that `owner` is."""

    module: Module
    node: FunctionNode
    owner: ClassRef | None = None


@dataclass(frozen=True)
class ClassRef:
    """A class of the function's code."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True)
class ValueRef:
    """A value at the top level of a module."""

    module: Module
    node: ast.expr


@dataclass(frozen=True)
class External:
    """Something from outside the function's code, by its full name: ``boto3.client``, ``builtins.ValueError``."""

    name: str


Ref: TypeAlias = FunctionRef | ClassRef | ValueRef | External

#: Libraries that are not followed, even beside the function's own code; their exceptions are known by name.
KNOWN_LIBRARIES = frozenset({"boto3", "botocore", "aws_lambda_powertools", "aws_xray_sdk", "typing_extensions"})


class Code:
    """The modules under a function's directory and its layers, each read when it is first needed.

    Parameters
    ----------
    roots : sequence of Path
        The directories with the modules.
    inline : str, optional
        The source of the module ``index``.
    """

    def __init__(self, roots: Sequence[Path], inline: str | None = None) -> None:
        self.roots = tuple(roots)
        self.modules: dict[str, Module] = {}
        self._missing: set[str] = set()
        self.unreadable: dict[str, Unreadable] = {}
        self._resolved: dict[tuple[str, tuple[str, ...]], Ref | None] = {}
        self._installed = KNOWN_LIBRARIES | {name for root in self.roots for name in _installed_packages(root)}
        if inline is not None:
            self._read("index", Path("index.py"), inline)

    def is_installed(self, head: str) -> bool:
        """Whether a top-level name is that of an installed package, which is not followed."""
        return head in self._installed

    def module(self, name: str) -> Module | None:
        """Return a module of the code; None where there is none, or where it cannot be parsed."""
        if name in self.modules:
            return self.modules[name]
        head = name.partition(".")[0]
        if name in self._missing or head in self._installed or not all(part.isidentifier() for part in name.split(".")):
            return None
        for root in self.roots:
            base = root.joinpath(*name.split("."))
            for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
                if path.is_file() and name not in self.unreadable:
                    self._read(name, path)
                    if name in self.modules:
                        return self.modules[name]
        self._missing.add(name)
        return None

    def _read(self, name: str, path: Path, text: str | None = None) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig") if text is None else text
            self.modules[name] = _module(name, path, text)
        except SyntaxError as error:
            self.unreadable[name] = Unreadable(path, error.lineno or 1, error.msg, text or "")
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            self.unreadable[name] = Unreadable(path, 1, str(error) or type(error).__name__, text or "")

    def resolve(self, dotted: str, depth: int = 0) -> Ref:
        """Return what a full name such as ``errors.TooManyRequestsException`` stands for."""
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self.module(".".join(parts[:length]))
            if module is not None:
                return self.resolve_in(module, parts[length:], depth + 1) or External(dotted)
        return External(dotted)

    def resolve_in(self, module: Module, parts: Sequence[str], depth: int = 0) -> Ref | None:
        """Return what a name stands for in a module; None where it stands for nothing, or is defined by itself."""
        key = (module.name, tuple(parts))
        if key not in self._resolved:
            self._resolved[key] = None
            self._resolved[key] = self._resolve_in(module, parts, depth)
        return self._resolved[key]

    def _resolve_in(self, module: Module, parts: Sequence[str], depth: int) -> Ref | None:
        head, rest = parts[0], list(parts[1:])
        if depth > _DEEPEST:
            return None
        if head in module.classes:
            ref = ClassRef(module, module.classes[head])
            return self.method(ref, rest[0]) if rest else ref
        if head in module.functions:
            return None if rest else FunctionRef(module, module.functions[head])
        if head in module.values:
            value = module.values[head]
            alias = dotted_name(value)
            if alias and alias[0] != head:
                return self.resolve_in(module, [*alias, *rest], depth + 1)
            return None if rest else ValueRef(module, value)
        if head in module.imports:
            return self.resolve(".".join([module.imports[head], *rest]), depth + 1)
        for star in module.stars:
            source = self.module(star)
            imported = self.resolve_in(source, parts, depth + 1) if source is not None else None
            if imported is not None and not isinstance(imported, External):
                return imported
        if hasattr(builtins, head):
            return External(".".join(["builtins", head, *rest]))
        return None

    def bases(self, ref: ClassRef) -> list[Ref]:
        """The direct base classes of a class."""
        names = [dotted_name(base) for base in ref.node.bases]
        return [base for name in names if name and (base := self.resolve_in(ref.module, name)) is not None]

    def method(self, ref: ClassRef, name: str, depth: int = 0) -> FunctionRef | None:
        """Return a method of a class, or of a base class of it."""
        for node in ref.node.body:
            if isinstance(node, FunctionNode) and node.name == name:
                return FunctionRef(ref.module, node, ref)
        for base in self.bases(ref) if depth < _DEEPEST else ():
            if isinstance(base, ClassRef) and (method := self.method(base, name, depth + 1)):
                return method
        return None

    def ancestors(self, ref: Ref, depth: int = 0) -> frozenset[str]:
        """The bare names of all base classes that are known."""
        if isinstance(ref, External):
            return _known_ancestors(ref.name)
        names: set[str] = set()
        for base in self.bases(ref) if isinstance(ref, ClassRef) and depth < _DEEPEST else ():
            names |= {class_name(base)} | self.ancestors(base, depth + 1)
        return frozenset(names)


def class_name(ref: Ref) -> str:
    """The bare name of a class, which is the error name of its exceptions."""
    if isinstance(ref, External):
        return ref.name.rpartition(".")[2]
    return "" if isinstance(ref, ValueRef) else ref.node.name


def dotted_name(node: ast.expr) -> list[str] | None:
    """The parts of ``a.b.c``; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return [node.id, *parts] if isinstance(node, ast.Name) else None


def _installed_packages(root: Path) -> set[str]:
    """The packages and modules that pip installed into a directory, as ``sam build`` makes it do."""
    names: set[str] = set()
    for record in root.glob("*.dist-info/RECORD"):
        for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
            head = line.partition(",")[0].partition("/")[0]
            names.add(head.removesuffix(".py"))
    return names


def _known_ancestors(name: str) -> frozenset[str]:
    package, _, last = name.partition(".")
    builtin = getattr(builtins, last, None) if package == "builtins" else None
    if isinstance(builtin, type) and issubclass(builtin, BaseException):
        return frozenset(base.__name__ for base in builtin.__mro__[1:] if base is not object)
    return frozenset({"Exception", "BaseException"})


def _module(name: str, path: Path, text: str) -> Module:
    module = Module(name, path, ast.parse(text, str(path)), text)
    package = module.package
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                module.imports[alias.asname or head] = alias.name if alias.asname else head
        elif isinstance(node, ast.ImportFrom):
            source = absolute_name(package, node)
            for alias in node.names:
                if alias.name == "*":
                    module.stars.append(source)
                else:
                    module.imports[alias.asname or alias.name] = f"{source}.{alias.name}"
    _collect(module, module.tree.body)
    return module


def _collect(module: Module, body: Sequence[ast.stmt]) -> None:
    for node in body:
        if isinstance(node, FunctionNode):
            module.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    module.values[target.id] = node.value
        elif isinstance(node, ast.If | ast.Try):
            for part in (node.body, node.orelse, *(handler.body for handler in getattr(node, "handlers", ()))):
                _collect(module, part)


def absolute_name(package: str, node: ast.ImportFrom) -> str:
    """Return the full name of the module that a ``from … import`` names."""
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
