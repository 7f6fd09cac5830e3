"""``Assign``: the names of the variables that it sets."""

from __future__ import annotations

from everypath.asl.parser import expressions
from everypath.asl.parser.block import Block
from everypath.asl.scope import Expression

RESERVED = "RESERVED_VARIABLE_NAME"
INVALID = "INVALID_VARIABLE_NAME"
#: Characters (AWS: "Passing data between states with variables").
LONGEST_NAME = 80


def parse_assign(block: Block, *, jsonata: bool) -> Expression | None:
    """Parse ``Assign`` of a state, a choice rule or a catcher.

    Codes and messages of wrong names are AWS's (badmintoncryer/cdk-preflight, ``pf-sfn-asl-jsonpath-syntax``), but for
    the one of a name that is too long.
    """
    value = block.get("Assign")
    if "Assign" in block and not isinstance(value, dict):
        block.wrong_type("OBJECT", "Assign")
        return None
    for key in value or ():
        _check_name(block, key, key if jsonata else key.removesuffix(".$"))
    return expressions.template(block, "Assign", jsonata=jsonata)


def _check_name(block: Block, key: str, name: str) -> None:
    if name == "states":
        block.problem("Cannot assign to reserved variable '$states'.", "Assign", key, code=RESERVED)
    elif not name.isidentifier() or name.startswith("_"):
        message = f"Invalid variable name '{name}': the variable name contains invalid characters."
        block.problem(message, "Assign", key, code=INVALID)
    elif len(name) > LONGEST_NAME:
        message = f"Invalid variable name '{name}': the variable name exceeds {LONGEST_NAME} characters."
        block.problem(message, "Assign", key, code=INVALID)
