"""Parses JSONata: the library's parser, held to version 2.0.6, and what can be known of an expression beforehand."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonata.jexception import JException
from jsonata.parser import Parser
from jsonata.regex_engine import RegexFlags
from jsonata.signature import Signature as LibrarySignature
from jsonata.tokenizer import Tokenizer

from everypath.asl.jsonata.messages import JsonataError, from_library
from everypath.asl.jsonata.plain import Plain
from everypath.asl.jsonata.signature import Signature
from everypath.asl.jsonata.values import to_engine
from everypath.asl.utf16 import paired

Node = Any  # the library's Parser.Symbol: one class with forty attributes for every kind of node

#: The name of the variable that stands for a plain beginning of a path.
HOISTED = "\0"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression's syntax tree, and what it is made of.

    Parameters
    ----------
    tree : Symbol
        The library's syntax tree; evaluation does not change it.
    variables : tuple of str
        The variables it reads and does not set itself, in order, without ``$``; functions are among them.
    states : frozenset of str or None
        The fields of ``$states`` that it names; None where it reads ``$states`` as a whole.
    outside : tuple of str
        References that AWS refuses: names at the top level, and ``$$``.
    """

    tree: Node
    variables: tuple[str, ...]
    states: frozenset[str] | None
    outside: tuple[str, ...]


def parse(text: str) -> Parsed:
    """Parse an expression, without its ``{%`` and ``%}``.

    Raises
    ------
    JsonataError
        Where it is no JSONata 2.0.6.
    """
    tree = parse_tree(text)
    nodes = list(nodes_of(tree))
    states = _states_fields(nodes)
    for node in nodes:
        if node.type == "string":
            node.value = paired(node.value)
        if node.type == "number":
            node.value = to_engine(node.value)
        if node.type == "path":
            node.plain = _plain(node)
        if isinstance(node.signature, LibrarySignature):
            node.signature = Signature(node.signature)
    own = {name for node in nodes for name in _set_by(node)}
    read = [node.value for node in nodes if node.type == "variable" and node.value not in ("", "$")]
    variables = tuple(dict.fromkeys(name for name in read if name not in own))
    outside = list(_top_level(tree))
    if any(node.type == "variable" and node.value == "$" for node in nodes):
        outside.append("$$")
    return Parsed(tree, variables, states, tuple(dict.fromkeys(outside)))


def parse_tree(text: str) -> Node:
    """Return the library's syntax tree of an expression."""
    try:
        return _Parser.mine().parse_text(text)
    except JException as error:
        if error.error == "S0301" and error.current is not None:  # the library's code for a bad escape
            raise JsonataError("S0103", token=error.current) from error
        raise from_library(error) from error
    except KeyError as error:  # an operator that is only a stop character: ! and ~
        raise JsonataError("S0204", token=error.args[0]) from error
    except IndexError as error:  # the text ends inside a token
        raise JsonataError("S0207") from error
    except RecursionError as error:
        raise JsonataError(None, "The expression is nested too deeply") from error
    except (re.error, RuntimeError, AttributeError, TypeError) as error:
        raise JsonataError(None, str(error)) from error


class _Tokenizer(Tokenizer):  # type: ignore[misc]
    """Reads ``?:`` and ``??``, operators of later versions, as the two characters that they are in 2.0.6."""

    def create(self, kind: str | None, value: Any) -> Any:
        if kind == "operator" and value in ("?:", "??"):
            self.position -= 1
            value = "?"
        return super().create(kind, value)


class _Parser(Parser):  # type: ignore[misc]
    """A parser of a thread, because making one takes longer than parsing; it forgets what it noted of earlier texts."""

    _of_thread = threading.local()

    @classmethod
    def mine(cls) -> _Parser:
        if not hasattr(cls._of_thread, "parser"):
            cls._of_thread.parser = cls()
        return cls._of_thread.parser  # type: ignore[no-any-return]

    def parse_text(self, text: str) -> Node:
        self.errors: list[Any] = []
        self.ancestry: list[Any] = []
        self.ancestor_label = self.ancestor_index = 0
        self.source = text
        self.lexer = _Tokenizer(text, _compiled_regex)
        self.advance()
        tree = self.expression(0)
        if self.node.id != "(end)":
            raise JsonataError("S0201", token=self.node.value)
        tree = self.process_ast(tree)
        if tree.type == "parent" or tree.seeking_parent is not None:
            raise JsonataError("S0217", token=tree.type)
        return tree


_NAMED_GROUP = re.compile(r"(?<!\\)\(\?<(?![=!])")
_END = re.compile(r"(?<!\\)((?:\\\\)*)\$(?![^\[]*\])")


def _compiled_regex(pattern: str, flags: RegexFlags) -> re.Pattern[str]:
    r"""Compile a regular expression: its ``$`` does not match before a last line feed.

    Its classes are Java's, of ASCII alone: ``\s`` is no ideographic space (measured on AWS: iwamot/sfnx).
    """
    pattern = _NAMED_GROUP.sub("(?P<", pattern).replace("[^]", r"[\s\S]")
    if not flags.multiline:
        pattern = _END.sub(r"\1\\Z", pattern)
    found = re.ASCII | (re.IGNORECASE if flags.case_insensitive else 0) | (re.MULTILINE if flags.multiline else 0)
    return re.compile(pattern, found)


def nodes_of(node: Node) -> Iterator[Node]:
    """All nodes of a tree, in the order of the text as far as the tree keeps it."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, (list, tuple)):
            stack.extend(reversed(found))
        elif isinstance(found, Parser.Symbol) and id(found) not in seen:
            seen.add(id(found))
            yield found
            children = [vars(found).get(name) for name in _CHILDREN]
            stack.extend(child for child in reversed(children) if child is not None)


_CHILDREN = (
    "condition", "then", "_else", "procedure", "lhs", "steps", "predicate", "stages", "expr", "group", "lhs_object",
    "rhs", "arguments", "body", "expressions", "expression", "terms", "pattern", "update", "delete",
)  # fmt: skip


def _set_by(node: Node) -> Iterator[str]:
    """The names that a node gives a meaning to."""
    if node.type == "bind":
        yield node.lhs.value
    if node.type == "lambda":
        yield from (argument.value for argument in node.arguments)
    if node.focus is not None:
        yield node.focus
    if isinstance(node.index, str):
        yield node.index


def _states_fields(nodes: list[Node]) -> frozenset[str] | None:
    """The fields of ``$states`` that are read; None where something may read all of it."""
    if any(node.type == "parent" for node in nodes):
        return None
    paths = [node.steps for node in nodes if node.type == "path" and _is_states(node.steps[0])]
    fields = [
        steps[1].value
        for steps in paths
        if len(steps) > 1 and steps[1].type == "name" and not (steps[0].stages or steps[0].predicate)
    ]
    return frozenset(fields) if len(fields) == sum(map(_is_states, nodes)) else None


def _is_states(node: Node) -> bool:
    return bool(node.type == "variable" and node.value == "states")


def _top_level(node: Node) -> Iterator[str]:
    """The names that are looked up in the top-level context, which does not exist in Step Functions.

    Later steps of a path, predicates, sort terms and groups have a context; the body of a lambda has that of the
    expression that defines it (measured on AWS: floci-io/floci issue 2670).
    """
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _top_level(item)
    elif isinstance(node, Parser.Symbol):
        if node.type == "path":
            yield from _top_level(node.steps[0])
        elif node.type == "name":
            yield str(node.value)
        elif node.type == "variable" and node.value == "":
            yield "$"
        else:
            for name in _SAME_CONTEXT:
                yield from _top_level(getattr(node, name))


_SAME_CONTEXT = (
    "condition", "then", "_else", "procedure", "lhs", "lhs_object", "rhs", "arguments", "body", "expressions",
    "expression",
)  # fmt: skip


def _plain(path: Node) -> Plain | None:
    """The plain beginning of a path; None where it has none."""
    first = path.steps[0]
    if first.type != "variable" or first.value in ("", "$") or path.keep_singleton_array or path.tuple:
        return None
    if first.stages or first.predicate or first.group or any(step.tuple or step.keep_array for step in path.steps):
        return None
    names = []
    for step in path.steps[1:]:
        if step.type != "name" or step.predicate or step.group:
            break
        names.append(str(step.value))
        if step.stages:
            break
    if not names:
        return None
    last = path.steps[len(names)]
    if len(names) + 1 == len(path.steps) and not last.stages and path.group is None:
        return Plain(first.value, tuple(names))
    return Plain(first.value, tuple(names), _rest(path, len(names), last.stages))


def _rest(path: Node, consumed: int, stages: Any) -> Node:
    start = copy.copy(path.steps[0])
    start.value, start.stages = HOISTED, stages
    rest = copy.copy(path)
    rest.steps = [start, *path.steps[consumed + 1 :]]
    rest.plain = None
    return rest
