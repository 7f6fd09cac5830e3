"""A JSON object of a definition while it is parsed: reads its fields, and notes what is wrong with them.

The messages are AWS's. Those about types, bounds, groups and unsupported fields were read from the answers of
ValidateStateMachineDefinition and CreateStateMachine (floci-io/floci issues 2735, 2968 and 3733; the rules
``pf-sfn-asl-*`` of badmintoncryer/cdk-preflight; aws-cloudformation/cfn-lint issues 4073 to 4079).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.java_values import map_order

SCHEMA = "SCHEMA_VALIDATION_FAILED"
#: The upper bound that most numbers have.
LARGEST_NUMBER = 99_999_999
Place = tuple[str | int, ...]

#: Fields that decide which others there may be. AWS has a message of its own for their wrong values (recorded:
#: test_state_api, for Type; floci-io/floci quotes it for InputType).
DECIDING = frozenset({"Type", "InputType", "CSVHeaderLocation"})


class Block:
    """A JSON object with its place in the definition and the list that its problems go to.

    Parameters
    ----------
    data : dict
        The object.
    place : tuple of str or int
        Where it is, from the root of the definition.
    problems : list of Problem
        Where its problems go.
    prefix : str
        What precedes the names of its fields in the causes of a run: ``Choices[0]/``; empty for a state itself.
    """

    __slots__ = ("data", "place", "prefix", "problems")

    def __init__(self, data: dict[str, Any], place: Place, problems: list[Problem], prefix: str = "") -> None:
        self.data = data
        self.place = place
        self.problems = problems
        self.prefix = prefix

    def problem(self, message: str, *place: str | int, code: str = SCHEMA) -> None:
        """Note a problem at this block, or at a place below it."""
        self.problems.append(Problem(code, message, self.place + place))

    def __contains__(self, field: str) -> bool:
        return field in self.data

    def get(self, field: str) -> Any:
        """Return the raw value of a field; None where it is missing."""
        return self.data.get(field)

    def require(self, *fields: str) -> bool:
        """Whether all fields are there; those that are missing are one problem, as with AWS, whose sets are Java's."""
        missing = map_order(field for field in fields if field not in self.data)
        if missing:
            self.problem(f"These fields are required: [{', '.join(missing)}]")
        return not missing

    def at_most_one(self, *fields: str) -> bool:
        """Whether at most one of the fields is there; AWS names the whole group, in the order of a Java set."""
        if sum(field in self.data for field in fields) > 1:
            self.problem(f"There should only be one of the following fields: [{', '.join(map_order(fields))}]")
            return False
        return True

    def exactly_one(self, *fields: str) -> bool:
        """Whether exactly one of the fields is there."""
        if not any(field in self.data for field in fields):
            listed = ", ".join(map_order(fields))
            self.problem(f"This object should have only one of the following fields: [{listed}]")
            return False
        return self.at_most_one(*fields)

    def refuse_others(self, known: Iterable[str]) -> None:
        """Note every field that is not a known one."""
        for field in self.data:
            if field not in known:
                self.problem(f"Field '{field}' is not supported")

    def string(self, field: str, *, choices: tuple[str, ...] = (), default: str | None = None) -> str | None:
        """Return a string; `default` where it is missing or wrong."""
        if field not in self.data:
            return default
        value = self.data[field]
        if not isinstance(value, str):
            self.wrong_type("STRING", field)
            return default
        if choices and value not in choices:
            listed = f"[{', '.join(choices)}]"
            decides = f"The field '{field}' should have one of these values: {listed}"
            self.problem(decides if field in DECIDING else f"Value should be one of the following: {listed}", field)
            return default
        return value

    def deciding(self, field: str, choices: tuple[str, ...]) -> str | None:
        """Return one of `DECIDING`, which must be there; None where it is missing or wrong."""
        if field not in self.data:
            self.problem(f"The field '{field}' is required")
        return self.string(field, choices=choices)

    def boolean(self, field: str, default: bool = False) -> bool:
        """Return a boolean; `default` where it is missing or wrong."""
        value = self.data.get(field, default)
        if not isinstance(value, bool):
            self.wrong_type("BOOLEAN", field)
            return default
        return value

    def number(
        self,
        field: str,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        integer: bool = True,
        default: Any = None,
    ) -> Any:
        """Return a number within its bounds; `default` where it is missing or wrong."""
        if field not in self.data:
            return default
        value = self.data[field]
        kinds = (int,) if integer else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            if integer:
                self.problem("Expected value of type Integer", field)
            else:
                self.wrong_type("NUMBER", field)
            return default
        if minimum is not None and value < minimum:
            self.problem(f"Minimum value is {minimum}", field)
            return default
        if maximum is not None and value > maximum:
            self.problem(f"Maximum value is {maximum}", field)
            return default
        return value

    def block(self, field: str) -> Block | None:
        """Return the object in a field; None where it is missing or not an object."""
        if field not in self.data:
            return None
        value = self.data[field]
        if not isinstance(value, dict):
            self.wrong_type("OBJECT", field)
            return None
        return Block(value, (*self.place, field), self.problems, f"{self.prefix}{field}/")

    def blocks(self, field: str, *, empty: bool = False) -> list[Block]:
        """Return the objects of an array; anything else in it is a problem."""
        found = []
        for index, item in enumerate(self.array(field, empty=empty)):
            if isinstance(item, dict):
                place = (*self.place, field, index)
                found.append(Block(item, place, self.problems, f"{self.prefix}{field}[{index}]/"))
            else:
                self.wrong_type("OBJECT", field, index)
        return found

    def array(self, field: str, *, empty: bool = False) -> list[Any]:
        """Return the values of an array; none where it is missing or wrong."""
        if field not in self.data:
            return []
        value = self.data[field]
        if not isinstance(value, list):
            self.wrong_type("ARRAY", field)
            return []
        if not value and not empty:
            self.problem("Value cannot be empty", field)
        return value

    def wrong_type(self, expected: str, *place: str | int) -> None:
        """Note a value that is not of the type that its field has."""
        self.problem(f"Expected value of type [{expected}]", *place)
