"""The rules; each is a small function with a code that stays."""

from everypath.check.finding import Rule
from everypath.check.rules import contract, flow, inputs, items, names, retries, structure, times, unreached

_MODULES = (structure, names, contract, unreached, retries, times, inputs, items, flow)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (value for module in _MODULES for value in vars(module).values() if isinstance(value, Rule)),
        key=lambda rule: rule.code,
    )
)
CODES = frozenset(rule.code for rule in RULES)
