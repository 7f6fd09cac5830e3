"""The functions that an expression can call: the library's, our own in place of those that differ, and AWS's.

The library's differ from version 2.0.6 in how they write numbers, in regular expressions and ``$`` in replacements, in
casts that JavaScript refuses, in sorting what cannot be sorted, in the equality of objects, and where they raise
Python's exceptions instead of JSONata's codes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from jsonata.jsonata import Jsonata

from everypath.asl.jsonata import arrays, aws, dates, strings
from everypath.asl.jsonata.number_format import format_number
from everypath.asl.jsonata.signature import Signature
from everypath.asl.jsonata.text import clone, text_of
from everypath.asl.jsonata.values import whole

#: Takes the engine and the arguments.
Implementation = Callable[..., Any]


class Builtin(Jsonata.JFunction):  # type: ignore[misc]
    """A function that is not written in JSONata.

    Parameters
    ----------
    name : str
        Its name, without ``$``.
    signature : str or Signature
        JSONata's notation of the arguments it takes.
    implementation : callable
        Takes the engine and the arguments; missing ones are None.
    arity : int
        How many arguments functions such as ``$map`` pass to it at most.
    """

    def __init__(self, name: str, signature: str | Signature, implementation: Implementation, arity: int) -> None:
        self.function_name = name
        self.signature = Signature.read(signature) if isinstance(signature, str) else signature
        self.implementation = implementation
        self.arity = arity

    def call_with(self, engine: Any, arguments: list[Any], context: Any) -> Any:
        """Return the value for these arguments; `context` stands in for one where the signature lets it."""
        result = self.implementation(engine, *self.signature.validate(arguments, context))
        return whole(result) if type(result) is float else result


_OWN: dict[str, tuple[str, Implementation]] = {
    "string": ("<x-b?:s>", lambda engine, value, prettify: text_of(value, prettify)),
    "lowercase": ("<s-:s>", lambda engine, text: None if text is None else text.lower()),
    "contains": ("<s-(sf):b>", strings.contains),
    "match": ("<s-f<s:o>n?:a<o>>", strings.match),
    "split": ("<s-(sf)n?:a<s>>", strings.split),
    "replace": ("<s-(sf)(sf)n?:s>", strings.replace),
    "number": ("<(nsb)-:n>", strings.number),
    "power": ("<n-n:n>", strings.power),
    "formatNumber": ("<n-so?:s>", lambda engine, *arguments: format_number(*arguments)),
    "formatBase": ("<n-n?:s>", strings.format_base),
    "decodeUrl": ("<s-:s>", strings.decoder("decodeUrl")),
    "decodeUrlComponent": ("<s-:s>", strings.decoder("decodeUrlComponent")),
    "substring": ("<s-nn?:s>", strings.substring),
    "join": ("<a<s>s?:s>", strings.join),
    "count": ("<x?:n>", strings.count),
    "floor": ("<n-:n>", strings.rounding(math.floor)),
    "ceil": ("<n-:n>", strings.rounding(math.ceil)),
    "round": ("<n-n?:n>", strings.round_half_even),
    "merge": ("<a:o>", arrays.merge),
    "base64decode": ("<s-:s>", strings.base64decode),
    "clone": ("<(oa)-:o>", lambda engine, value: clone(value)),
    "map": ("<af>", arrays.map_items),
    "filter": ("<af>", arrays.filter_items),
    "single": ("<af?>", arrays.single),
    "reduce": ("<afj?:j>", arrays.reduce),
    "each": ("<o-f:a>", arrays.each),
    "sift": ("<o-f?:o>", arrays.sift),
    "sort": ("<af?:a>", arrays.sort),
    "shuffle": ("<a:a>", arrays.shuffle),
    "distinct": ("<x:x>", arrays.distinct),
    "toMillis": ("<s-s?:n>", lambda engine, *arguments: dates.to_millis(*arguments)),
    "fromMillis": ("<n-s?s?:s>", lambda engine, *arguments: dates.from_millis(*arguments)),
    "formatInteger": ("<n-s:s>", lambda engine, *arguments: dates.format_integer(*arguments)),
    "parseInteger": ("<s-s:n>", lambda engine, *arguments: dates.parse_integer(*arguments)),
    "now": ("<s?s?:s>", lambda engine, *arguments: dates.from_millis(engine.millis, *arguments)),
    "millis": ("<:n>", lambda engine: engine.millis),
}


def _library(native: Any) -> Implementation:
    return lambda engine, *arguments: native.method(*arguments)


def _builtins() -> dict[str, Builtin]:
    natives: dict[str, Any] = dict(Jsonata.static_frame.bindings)
    del natives["eval"]  # AWS has no $eval: calling it is T1006
    made = {
        name: Builtin(name, Signature(native.signature), _library(native), native.nargs)
        for name, native in natives.items()
    }
    for name, (signature, implementation) in (_OWN | aws.FUNCTIONS).items():
        arity = made[name].arity if name in made else 1
        made[name] = Builtin(name, signature, implementation, arity)
    made["string"].arity = 1  # JavaScript does not count a parameter that has a default
    return made


#: Every function by its name without ``$``.
BUILTINS: dict[str, Builtin] = _builtins()
