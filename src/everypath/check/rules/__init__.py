"""The rules: each is a small function with a code that never changes."""

from everypath.check.finding import Rule
from everypath.check.rules import contract, flow, house, inputs, limits, names, retries, structure, unreached

_MODULES = (structure, names, contract, unreached, retries, limits, inputs, flow, house)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (value for module in _MODULES for value in vars(module).values() if isinstance(value, Rule)),
        key=lambda rule: rule.code,
    )
)
CODES = frozenset(rule.code for rule in RULES)
