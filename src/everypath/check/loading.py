"""Why Lambda cannot load a function: its code, its handler, its syntax, a module of the project that is missing.

What a deployment may provide is never missing: installed packages, and layers that are defined elsewhere.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from everypath.check.finding import Severity
from everypath.check.new_syntax import parses_with, runtime_version
from everypath.check.raised import code_of
from everypath.check.source import Code, FunctionNode, Module, Site, Unreadable, absolute_name
from everypath.errors import TemplateError
from everypath.sam.model import Function, Template
from everypath.sam.properties import Properties
from everypath.sam.reader import read_properties

_CODE = ("CodeUri", "Code")
_THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class LoadProblem:
    """Why a function cannot be loaded; a warning where only this Python cannot read it."""

    message: str
    severity: Severity = "error"


def load_problem(function: Function, template: Template) -> LoadProblem | None:
    """Return why Lambda cannot load a function; None where it can, or where that is not known.

    Parameters
    ----------
    function : Function
        A function of the template.
    template : Template
        The template.
    """
    # Without a runtime, it is a function of --function, whose code that option has looked for, or no runtime is known.
    if function.runtime is None or not function.is_python:
        return None
    properties = read_properties(template, function.logical_id)
    if function.problem is not None and _code_is_missing(properties, Path(properties.document.name).parent):
        return LoadProblem(function.problem)
    if function.problem is not None:
        return None
    code = code_of(function)
    has_layers = bool(function.layers or properties.get("Layers"))
    problem = _handler_problem(code, function, has_layers=has_layers)
    # What is built otherwise than from the directory, or has layers, may get its modules from anywhere.
    complete = not has_layers and not properties.metadata
    return problem or next(_import_problems(code, function, complete=complete), None)


def _code_is_missing(properties: Properties, folder: Path) -> bool:
    """Whether a local directory is named that is not there; an archive may still have to be made."""
    for name in _CODE:
        try:
            value = properties.get(name)
        except TemplateError:
            continue
        archive = isinstance(value, str) and ("://" in value or value.endswith((".zip", ".jar", ".war")))
        if isinstance(value, str) and not archive and not (folder / value).exists():
            return True
    return False


def _handler_problem(code: Code, function: Function, *, has_layers: bool) -> LoadProblem | None:
    path, dot, name = function.handler.rpartition(".")
    module_name = path.replace("/", ".")
    if not dot or not path or not name:
        return LoadProblem(f"Handler: expected module.function, got '{function.handler}'.{_meant(code, function)}")
    module = code.module(module_name)
    if module is None:
        if module_name in code.unreadable:
            return _syntax_problem(code.unreadable[module_name], function)
        if has_layers or _is_provided(module_name, code, function):
            return None
        where = "InlineCode, which is the module index" if function.inline_code is not None else _shown(function)
        return LoadProblem(f"Handler: there is no module '{path}' in {where}.{_meant(code, function)}")
    if code.resolve_in(module, [name]) is None and not _mentions(module, name):
        site = Site.locate(module.path, function.code_dir, 1).file
        return LoadProblem(f"Handler: {site} has no function '{name}'.{_meant(code, function)}")
    return None


def _syntax_problem(unreadable: Unreadable, function: Function) -> LoadProblem:
    site = Site.locate(unreadable.path, function.code_dir, unreadable.line)
    inline = function.inline_code is not None and unreadable.path.name == "index.py"
    where = f"InlineCode of {function.logical_id}, line {unreadable.line}," if inline else str(site)
    version = runtime_version(function.runtime or "")
    if version is not None and version > sys.version_info[:2] and parses_with(unreadable.text, version):
        message = f"{where} is not checked: its syntax is right for {function.runtime}, and too new for this Python"
        return LoadProblem(f"{message} ({_THIS_PYTHON}). Check it with the Python of its Runtime.", "warning")
    return LoadProblem(f"{where} cannot be parsed: {unreadable.message}.")


def _import_problems(code: Code, function: Function, *, complete: bool) -> Iterator[LoadProblem]:
    """What is wrong with the modules that are imported as soon as the handler's is."""
    waiting = [function.handler.rpartition(".")[0].replace("/", ".")]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        module = code.module(name) if name not in seen else None
        seen.add(name)
        if module is None:
            if name in code.unreadable:
                yield _syntax_problem(code.unreadable[name], function)
            continue
        for node in _top_level_imports(module):
            for imported, names in _imported(module, node):
                problem = _import_problem(code, function, module, node, imported)
                if problem is None and complete:
                    site = Site.locate(module.path, function.code_dir, node.lineno)
                    problem = _outside(code, function, site, imported)
                if problem is None:
                    problem = next(_missing_names(code, function, module, node, imported, names), None)
                if problem is not None:
                    yield problem
                waiting += [imported, *(f"{imported}.{each}" for each in names)]


def _import_problem(
    code: Code, function: Function, module: Module, node: ast.stmt, imported: str
) -> LoadProblem | None:
    level = node.level if isinstance(node, ast.ImportFrom) else 0
    if level > len(module.package.split(".") if module.package else ()):
        site = Site.locate(module.path, function.code_dir, node.lineno)
        return LoadProblem(f"{site} is a relative import, and {module.name} is in no package: import '{imported}'.")
    if code.module(imported) is not None or imported in code.unreadable:
        return None
    site = Site.locate(module.path, function.code_dir, node.lineno)
    head = imported.partition(".")[0]
    parent = imported.rpartition(".")[0]
    if parent and not any(root.joinpath(*parent.split(".")).is_dir() for root in code.roots):
        return None
    own = _has_own_package(code, head)
    if not (own or level) or _exists(code, imported):
        return None
    return LoadProblem(f"{site} imports '{imported}', and there is no such module in {_shown(function)}.")


def _outside(code: Code, function: Function, site: Site, imported: str) -> LoadProblem | None:
    """A module of the project that is beside the function's directory, and not in it."""
    head = imported.partition(".")[0]
    known = code.module(head) is not None or head in code.unreadable or _is_provided(imported, code, function)
    if known or function.inline_code is not None or code.is_installed(head) or _exists(code, head):
        return None
    beside = function.code_dir.parent
    for candidate in (beside / f"{head}.py", beside / head / "__init__.py"):
        if candidate.is_file():
            message = f"{site} imports '{imported}', which is beside {_shown(function)} and is not deployed with it:"
            return LoadProblem(f"{message} move it into the directory, or make it a layer.")
    return None


def _missing_names(
    code: Code, function: Function, module: Module, node: ast.stmt, imported: str, names: list[str]
) -> Iterator[LoadProblem]:
    source = code.module(imported)
    if source is None:
        return
    for name in names:
        whole = f"{imported}.{name}"
        if code.module(whole) is not None or _exists(code, whole) or whole in code.unreadable:
            continue
        if code.resolve_in(source, [name]) is None and not _mentions(source, name):
            site = Site.locate(module.path, function.code_dir, node.lineno)
            file = Site.locate(source.path, function.code_dir, 1).file
            near = get_close_matches(name, [*source.functions, *source.classes, *source.values], n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            yield LoadProblem(f"{site} imports '{name}' from {file}, which does not have it.{hint}")


def _top_level_imports(module: Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that are made in any case: not those in a ``try``, an ``if``, or a function.

    A module that changes the module path may import from anywhere.
    """
    for node in module.tree.body if "sys.path" not in module.text else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def _imported(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, list[str]]]:
    """The full names of the modules that a statement imports, each with the names that it takes from there."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, []
    else:
        names = [alias.name for alias in node.names if alias.name != "*"]
        yield absolute_name(module.package, node), names


def _has_own_package(code: Code, head: str) -> bool:
    """Whether the code has a package of that name, installed packages aside."""
    return any((root / head / "__init__.py").is_file() for root in code.roots) and not code.is_installed(head)


def _exists(code: Code, name: str) -> bool:
    """Whether there is a directory, or a compiled module, of that name."""
    for root in code.roots:
        base = root.joinpath(*name.split("."))
        if base.is_dir() or (base.parent.is_dir() and any(base.parent.glob(f"{base.name}.*"))):
            return True
    return False


def _is_provided(name: str, code: Code, function: Function) -> bool:
    """Whether a module may come from an installed package."""
    head = name.partition(".")[0]
    standard = head in sys.stdlib_module_names
    return standard or code.is_installed(head) or _exists(code, name) or _is_required(head, function)


def _is_required(head: str, function: Function) -> bool:
    """Whether the function's requirements may bring a module: a package need not be called like its modules."""
    folded = re.sub(r"[-_.]+", "", head).casefold()
    for file in sorted(function.code_dir.glob("requirements*.txt")):
        text = re.sub(r"[-_.]+", "", file.read_text(encoding="utf-8", errors="replace")).casefold()
        if folded in text:
            return True
    return False


def _mentions(module: Module, name: str) -> bool:
    """Whether a module may define a name in a way that is not followed."""
    dynamic = bool(module.stars) or "__getattr__" in module.functions or "globals()" in module.text
    return dynamic or re.search(rf"\b{re.escape(name)}\b", module.text) is not None


def _meant(code: Code, function: Function) -> str:
    """A question for the handler that is probably meant; empty where none is near."""
    files = [path.stem for root in code.roots for path in sorted(root.glob("*.py"))]
    modules = ["index"] if function.inline_code is not None else files
    name = function.handler.rpartition(".")[2]
    existing = [
        f"{each}.{defined}"
        for each in modules
        if each.isidentifier() and (module := code.module(each)) is not None
        for defined, node in module.functions.items()
        if isinstance(node, FunctionNode) and len(node.args.args) >= 2
    ]
    exact = [each for each in existing if each.rpartition(".")[2] == name]
    near = get_close_matches(function.handler, exact or existing, n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def _shown(function: Function) -> str:
    return f"the code of {function.logical_id} ({function.code_dir.name}/)"
