"""Short ways to write a definition."""

from __future__ import annotations

from typing import Any

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:"

_WITHOUT_NEXT = ("Choice", "Fail", "Succeed")


def function(name: str, **fields: Any) -> dict[str, Any]:
    """A Task that calls a function, and says nothing of what follows."""
    return {"Type": "Task", "Resource": FUNCTION_ARN + name, **fields}


def flow(**states: dict[str, Any]) -> dict[str, Any]:
    """A definition of states one after another, but for those that say themselves what follows them."""
    following = dict(zip(states, list(states)[1:], strict=False))
    ordered = {name: state | _what_follows(state, following.get(name)) for name, state in states.items()}
    return {"StartAt": next(iter(states)), "States": ordered}


def _what_follows(state: dict[str, Any], following: str | None) -> dict[str, Any]:
    if "Next" in state or "End" in state or state["Type"] in _WITHOUT_NEXT:
        return {}
    return {"Next": following} if following else {"End": True}
