"""Which ``except`` clauses keep an error from everybody: from the code around them, and from the workflow.

A clause that keeps an error may well tell of it: by its result, which a caller looks at, by what it collects, or by
a report to Step Functions. Cleaning up, measuring, and reading a text that may be malformed are nobody's failures.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from everypath.check.source import FunctionNode, Site, dotted_name

#: What cleans up, closes, logs or measures.
_ASIDE = re.compile(
    r"(?i)_*(os\.(remove|unlink|rmdir|removedirs)|shutil\.rmtree|(.*\.)?(unlink|rmtree|close|aclose|shutdown|cleanup|"
    r"clean_up|terminate|kill|disconnect|rollback|flush|put_metric_data|add_metric|put_metric|put_annotation|"
    r"put_metadata|add_annotation|add_metadata|debug|info|warn|warning|error|exception|critical|log|print)|print)"
)
_BUILTINS = frozenset(
    {
        "abs", "all", "any", "bool", "bytes", "dict", "enumerate", "filter", "float", "format", "getattr", "hasattr",
        "int", "isinstance", "len", "list", "max", "min", "range", "repr", "reversed", "round", "set", "sorted", "str",
        "sum", "tuple", "type", "zip", "Decimal", "UUID",
    }
)  # fmt: skip
#: Modules whose functions read and write texts.
_TEXT_MODULES = frozenset(
    {"ast", "base64", "binascii", "csv", "date", "datetime", "dateutil", "decimal", "html", "ipaddress", "json",
     "math", "parser", "re", "string", "textwrap", "time", "timedelta", "timezone", "urllib", "uuid", "zoneinfo"}
)  # fmt: skip
_METHODS = frozenset(
    {
        "append", "copy", "count", "decode", "encode", "endswith", "extend", "find", "format", "fromisoformat", "get",
        "group", "groups", "index", "isdigit", "isoformat", "items", "join", "keys", "lower", "lstrip", "partition",
        "pop", "removeprefix", "removesuffix", "replace", "rpartition", "rsplit", "rstrip", "setdefault", "split",
        "splitlines", "startswith", "strftime", "strip", "title", "total_seconds", "update", "upper", "values",
    }
)  # fmt: skip
#: What a helper is called that does nothing of the work itself.
_SIDE_MATTER = re.compile(r"(?i)(^|_)(notify|alert|log|audit|metrics?|measure|track|telemetry|clean|cleanup|warm)(_|$)")
#: Methods that put something into a collection.
_COLLECT = frozenset({"add", "append", "extend", "update"})
#: Calls that tell somebody of a failure, so that the task or the job fails.
_REPORT = re.compile(
    r"(?i)(.*[._])?(send_task_failure|put_job_failure_result|set_exception|abort|_?exit|quit|cfnresponse\.send)"
)
_ERROR_WORD = re.compile(r"(?i)error|fail|exception|invalid|denied")


@dataclass(frozen=True, slots=True)
class Swallow:
    """An ``except`` clause that raises nothing, so that the error is lost.

    Parameters
    ----------
    site : Site
        Where it is.
    names : tuple of str
        The errors that it keeps; none if it catches all.
    keys : frozenset of str or None
        The keys of the result that it leads to, which a Choice may look at; None where that is not known.
    """

    site: Site
    names: tuple[str, ...]
    keys: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class Clause:
    """A clause that keeps an error: an ``except``, or a ``with suppress``.

    Parameters
    ----------
    swallow : Swallow
        As it would be reported.
    function : function
        The function that it is in.
    node : ExceptHandler or With
        The clause.
    body : sequence of stmt
        What it guards.
    """

    swallow: Swallow
    function: ast.AST
    node: ast.ExceptHandler | ast.With | ast.AsyncWith
    body: Sequence[ast.stmt]


@dataclass
class Calls:
    """The calls of each function of the code, and the handler's own function.

    A call that is made by somebody else, such as of a callback, is None.
    """

    entry: ast.AST | None = None
    sites: dict[ast.AST, dict[ast.Call | None, ast.AST]] = field(default_factory=dict)
    _bodies: dict[ast.AST, _Body] = field(default_factory=dict)

    def add(self, function: ast.AST, call: ast.Call | None, caller: ast.AST) -> None:
        """Note that a function is called."""
        self.sites.setdefault(function, {})[call] = caller

    def is_entry(self, function: ast.AST) -> bool:
        """Whether the result of a function is that of the handler, or of its decorator."""
        return function is self.entry or not self.sites.get(function)

    def body(self, function: ast.AST) -> _Body:
        """What is in a function."""
        if function not in self._bodies:
            self._bodies[function] = _Body(function)
        return self._bodies[function]

    def looks_at_result(self, function: ast.AST, seen: frozenset[ast.AST] = frozenset()) -> bool:
        """Whether some caller looks at what a function returns."""
        if function is self.entry or function in seen:
            return False
        for call, caller in self.sites.get(function, {}).items():
            if call is None or self.body(caller).looks_at(call):
                return True
            if self.body(caller).returns(call) and self.looks_at_result(caller, seen | {function}):
                return True
        return False


def swallow_of(clause: Clause, calls: Calls) -> Swallow | None:
    """Return how a clause is to be reported; None where the error is not lost, or may not be."""
    body = calls.body(clause.function)
    if body.is_aside(clause.node) or _only_aside(clause.body):
        return None
    entry = calls.is_entry(clause.function)
    if not isinstance(clause.node, ast.ExceptHandler):
        return None if _only_reads(clause.body) else clause.swallow
    returned = [node.value for node in _inner(clause.node.body) if isinstance(node, ast.Return)]
    if _only_reads(clause.body) and not (entry and returned):
        return None
    if any(_REPORT.fullmatch(_called(call)) for call in _calls(clause.node.body)) or _falls_back(clause.node):
        return None
    if body.collects(clause.node, entry=entry) or (not returned and body.raises_after(clause.node)):
        return None
    if not entry and (body.is_side_matter(returned) or calls.looks_at_result(clause.function)):
        return None
    keys = body.result_keys(clause.node, returned)
    return Swallow(clause.swallow.site, clause.swallow.names, keys if entry else None if returned else frozenset())


class _Body:
    """A function, and where each node of it stands."""

    def __init__(self, function: ast.AST) -> None:
        self.function = function

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        return {child: node for node in ast.walk(self.function) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Each node around a node, with the child that leads to it, the innermost first."""
        while node in self.parents:
            yield self.parents[node], node
            node = self.parents[node]

    def is_aside(self, node: ast.AST) -> bool:
        """Whether something is done in a ``finally``, or while another error is handled."""
        own = self.parents.get(node)
        for outer, child in self.around(own if isinstance(node, ast.ExceptHandler) and own is not None else node):
            if isinstance(outer, ast.Try | ast.TryStar) and child in outer.finalbody:
                return True
            if isinstance(outer, ast.ExceptHandler):
                return True
        return False

    def after(self, node: ast.AST) -> list[ast.AST]:
        """What comes after a node, or may, in another round of a loop around it."""
        loop = next(
            (each for each, _ in self.around(node) if isinstance(each, ast.For | ast.While | ast.AsyncFor)), None
        )
        inside = set(ast.walk(loop)) - set(ast.walk(node)) if loop is not None else set()
        end = getattr(node, "end_lineno", 0)
        return [each for each in ast.walk(self.function) if each in inside or getattr(each, "lineno", 0) > end]

    def raises_after(self, node: ast.AST) -> bool:
        """Whether an error may be raised later on, outside what the clause guards."""
        guarded = set(ast.walk(self.parents.get(node, node)))
        return any(isinstance(each, ast.Raise) and each not in guarded for each in self.after(node))

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of its parameters."""
        return frozenset(node.arg for node in ast.walk(self.function) if isinstance(node, ast.arg))

    def is_side_matter(self, returned: Sequence[ast.expr | None]) -> bool:
        """Whether a helper tells, logs or measures, by its name; or returns what it was given for such a case."""
        given = any(isinstance(value, ast.Name) and value.id in self.parameters for value in returned)
        return given or _SIDE_MATTER.search(getattr(self.function, "name", "")) is not None

    def collects(self, clause: ast.ExceptHandler, *, entry: bool) -> bool:
        """Whether a clause notes the error in a variable that is looked at, or in something that is passed on."""
        noted: set[str] = set()
        listed: set[str] = set()
        looped = any(isinstance(outer, ast.For | ast.AsyncFor | ast.While) for outer, _ in self.around(clause))
        for node in _inner(clause.body):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    passed_on = isinstance(node, ast.AugAssign) or (not isinstance(target, ast.Name) and looped)
                    of_caller = not isinstance(target, ast.Name) and not entry and _names(target) & self.parameters
                    (listed if passed_on or of_caller else noted).update(_names(target))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _COLLECT:
                listed |= _names(node.func.value)
        if listed & self.parameters and not entry:
            return True
        later = self.after(clause)
        if any(_names(test) & (noted | listed) for node in later for test in _tests(node)):
            return True
        return any(isinstance(node, ast.Return) and _names(node) & listed for node in later)

    def looks_at(self, call: ast.Call) -> bool:
        """Whether the result of a call decides something."""
        for outer, child in self.around(call):
            if isinstance(outer, ast.If | ast.While | ast.IfExp | ast.Assert):
                return child is outer.test
            if isinstance(outer, ast.Compare | ast.BoolOp | ast.Match) or (
                isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not)
            ):
                return True
            if isinstance(outer, ast.comprehension):
                return child in outer.ifs
            if isinstance(outer, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
                names = {name for target in targets for name in _names(target)}
                attributes = any(isinstance(target, ast.Attribute | ast.Subscript) for target in targets)
                tested = any(_names(test) & names for node in self.after(outer) for test in _tests(node))
                if attributes or tested or not isinstance(outer, ast.NamedExpr):
                    return attributes or tested
            if isinstance(outer, ast.stmt):
                return False
        return False

    def returns(self, call: ast.Call) -> bool:
        """Whether the result of a call is that of the function."""
        return any(isinstance(outer, ast.Return) for outer, _ in self.around(call))

    def result_keys(self, clause: ast.ExceptHandler, returned: Sequence[ast.expr | None]) -> frozenset[str] | None:
        """The keys of the dictionaries that the function may return after a clause; None where that is not known."""
        values = list(returned)
        if not values:
            values = [node.value for node in self.after(clause) if isinstance(node, ast.Return)]
        keys: set[str] = set()
        for value in values:
            found = self._keys(value)
            if found is None:
                return None
            keys |= found
        return frozenset(keys)

    def _keys(self, value: ast.expr | None) -> set[str] | None:
        if value is None or isinstance(value, ast.Constant):
            return set()
        if isinstance(value, ast.Dict):
            return _dict_keys(value)
        if not isinstance(value, ast.Name):
            return None
        keys: set[str] = set()
        for node in (each for each in ast.walk(self.function) if isinstance(each, ast.Assign)):
            for target in node.targets:
                if value.id in _names(target) and isinstance(target, ast.Subscript):
                    keys |= _texts(target.slice)
                elif value.id in _names(target):
                    keys |= _dict_keys(node.value)
        return keys or None


def _only_reads(body: Sequence[ast.stmt]) -> bool:
    """Whether statements do nothing but read data, and texts that may be malformed."""
    if any(isinstance(node, ast.Raise | ast.With | ast.AsyncWith | ast.Await | ast.Yield) for node in _inner(body)):
        return False
    return all(_reads(call) for call in _calls(body))


def _reads(call: ast.Call) -> bool:
    name = _called(call)
    head, _, last = name.partition(".")
    if not last:
        return head in _BUILTINS or bool(_ASIDE.fullmatch(name))
    return head in _TEXT_MODULES or name.rpartition(".")[2] in _METHODS or _is_aside_call(call)


def _is_aside_call(call: ast.Call) -> bool:
    return _ASIDE.fullmatch(_called(call)) is not None


def _only_aside(body: Sequence[ast.stmt]) -> bool:
    """Whether statements only clean up, log or measure."""
    calls = list(_calls(body))
    return bool(calls) and all(_is_aside_call(call) or _is_argument(call) for call in calls)


def _is_argument(call: ast.Call) -> bool:
    """Whether a call only makes a value of others."""
    return _called(call) in ("str", "int", "len", "Path", "pathlib.Path", "os.path.join", "datetime.now", "time.time")


def _falls_back(clause: ast.ExceptHandler) -> bool:
    """Whether a clause gets the result elsewhere: by a call that is not given the error, nor makes one of it."""
    for node in _inner(clause.body):
        value: ast.AST | None = node.value if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign) else None
        value = value.value if isinstance(value, ast.Await) else value
        if not isinstance(value, ast.Call) or _reads(value):
            continue
        error = clause.name is not None and clause.name in _names(value)
        words = [*_texts_in(value), _called(value)]
        codes = [
            each.value for each in ast.walk(value) if isinstance(each, ast.Constant) and isinstance(each.value, int)
        ]
        failed = any(_ERROR_WORD.search(word) for word in words) or any(400 <= code < 600 for code in codes)
        if not error and not failed:
            return True
    return False


def _inner(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of some statements, but for those of functions that are defined there."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _calls(body: Sequence[ast.stmt]) -> Iterator[ast.Call]:
    return (node for node in _inner(body) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    """The name of what is called, as far as it has one: ``.put_item`` for a method of what a call returns."""
    parts = dotted_name(call.func)
    if parts is not None:
        return ".".join(parts)
    return f".{call.func.attr}" if isinstance(call.func, ast.Attribute) else ""


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield node.test
    elif isinstance(node, ast.Match):
        yield node.subject
    elif isinstance(node, ast.comprehension):
        yield from node.ifs
    elif isinstance(node, ast.BoolOp | ast.Compare):
        yield node


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _dict_keys(value: ast.expr) -> set[str]:
    """The keys of the dictionaries in an expression, at any depth."""
    dictionaries = (node for node in ast.walk(value) if isinstance(node, ast.Dict))
    return {text for node in dictionaries for key in node.keys for text in _texts(key)}


def _texts(node: ast.AST | None) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def _texts_in(node: ast.AST) -> set[str]:
    return {text for each in ast.walk(node) for text in _texts(each)}
