"""The contract between what a handler raises and what its task names."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from difflib import get_close_matches

from everypath.asl.error_catalog import ALWAYS_PREFIXED, LAMBDA_PREFIXES, takes
from everypath.asl.sdk_services import error_shapes
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.error_names import meant_name
from everypath.check.finding import Hit, rule
from everypath.check.known_errors import STANDARD, is_client_exception
from everypath.check.loading import load_problem
from everypath.check.raised import RaisedErrors
from everypath.check.source import Site
from everypath.check.swallowed import Swallow
from everypath.check.view import Handler, StateView, strings
from everypath.sam.model import Function

#: In whatever case, and with the most common misspelling.
_PREFIXES = frozenset(prefix.casefold() for prefix in ("States", "State", *LAMBDA_PREFIXES))


def _readable_tasks(checked: CheckedDefinition) -> Iterator[tuple[StateView, RaisedErrors]]:
    """The tasks whose handler's code can be read, with what it raises."""
    for state in checked.tasks:
        raised = checked.raised(state)
        if raised is not None:
            yield state, raised


def _readable_functions(checked: CheckedDefinition) -> Iterator[tuple[StateView, RaisedErrors]]:
    """One task for each function whose code can be read."""
    seen = set()
    for state, raised in _readable_tasks(checked):
        if id(raised) not in seen:
            seen.add(id(raised))
            yield state, raised


@rule("EP101", "warning", "The handler raises an error that nothing handles")
def unhandled(checked: CheckedDefinition) -> Iterator[Hit]:
    """Errors that no retrier and no catcher takes, neither of the task nor of a state around it."""
    for state, raised in _readable_tasks(checked):
        named = {name for each in (state, *state.outer) for handler in each.handlers for name in handler.names}
        named |= {meant for name in named if (meant := _meant(state, raised, name))}
        for name in raised.names:
            if not takes(named, name):
                message = f"The handler raises {name} ({_places(raised.sites(name))}), which nothing handles: the"
                yield Hit(state.place, f"{message} execution fails. Name it in a Catch, or catch States.ALL.")


@rule("EP102", "error", "An error name differs slightly from one that the handler raises")
def nearly_raised(checked: CheckedDefinition) -> Iterator[Hit]:
    """Typos, another case, a name with its module: names are compared letter by letter."""
    for _, raised, handler, name in _foreign_names(checked):
        meant = _near(name, raised.names)
        if meant:
            message = (
                f"The handler never raises '{name}', but {meant} ({_places(raised.sites(meant))}): write '{meant}'."
            )
            yield Hit(handler.named_at(name), message)


@rule("EP103", "warning", "An error name that the handler never raises")
def never_raised(checked: CheckedDefinition) -> Iterator[Hit]:
    """Names that nothing in the handler's code raises; an info where libraries may raise what they like."""
    for _, raised, handler, name in _foreign_names(checked):
        if _near(name, raised.names) or "." in name:
            continue
        known = ", ".join(raised.names) or "nothing by name"
        if raised.cannot_raise(name):
            message = f"Nothing in the handler's code raises '{name}' (it raises {known}): correct it, or remove it."
            yield Hit(handler.named_at(name), message)
        else:
            libraries = ", ".join(raised.libraries) or "what it calls"
            message = f"The handler's code does not raise '{name}' itself (it raises {known}); {libraries} might."
            yield Hit(handler.named_at(name), f"{message} Confirm it with a test.", "info")


@rule("EP104", "error", "A base class is named, which matches none of its subclasses")
def base_class(checked: CheckedDefinition) -> Iterator[Hit]:
    """Step Functions compares bare class names; it knows nothing of inheritance."""
    for state, raised in _readable_tasks(checked):
        for handler in state.handlers:
            for name in dict.fromkeys(handler.names):
                below = raised.families.get(name, frozenset()) - set(handler.names)
                if name in raised.families and name not in raised.names and below:
                    listed = ", ".join(sorted(below))
                    message = (
                        f"'{name}' is a base class of what the handler raises, and matches none of it: name {listed}."
                    )
                    yield Hit(handler.named_at(name), message)


@rule("EP105", "warning", "Two exception classes have the same name")
def one_name_twice(checked: CheckedDefinition) -> Iterator[Hit]:
    """Classes that differ by module only, which an error name cannot tell apart."""
    for state, raised in _readable_functions(checked):
        for name, places in raised.duplicates.items():
            message = f"The handler's code has {len(places)} classes {name} ({_places(list(places))}), which a workflow"
            yield Hit(state.place, f"{message} cannot tell apart: rename all but one.")


@rule("EP106", "warning", "An error is raised as a bare Exception")
def bare_exception(checked: CheckedDefinition) -> Iterator[Hit]:
    """``raise Exception(…)``, whose error name says nothing, around whatever it was."""
    for state, raised in _readable_functions(checked):
        for name in ("Exception", "BaseException"):
            if name in raised.names:
                message = f"The handler raises a bare {name} ({_places(raised.sites(name))}): no retrier can tell what"
                yield Hit(state.place, f"{message} happened. Raise a class of its own for each error.")


@rule("EP107", "warning", "An error is swallowed, so that the task succeeds")
def swallowed(checked: CheckedDefinition) -> Iterator[Hit]:
    """``except`` clauses after which the handler goes on as if nothing had happened, and no Choice looks at it."""
    reported = set()
    for state, raised in _readable_tasks(checked):
        for each in raised.swallowed:
            if (id(raised), each.site) in reported or _is_looked_at(checked, state, each):
                continue
            reported.add((id(raised), each.site))
            what = ", ".join(each.names) or "every error"
            message = f"The handler keeps {what} to itself ({each.site}), so that the task succeeds and no Retry or"
            yield Hit(state.place, f"{message} Catch sees it. Raise it again, or check the result in a Choice.")


@rule("EP110", "error", "A handler cannot be loaded")
def not_loadable(checked: CheckedDefinition) -> Iterator[Hit]:
    """Wrong ``Handler`` and ``CodeUri``, syntax errors, modules of the project that are not there; once a function."""
    template = checked.template
    functions = {function.logical_id: (state, function) for state, function in reversed(_called(checked))}
    for state, function in reversed(functions.values()):
        problem = load_problem(function, template) if template is not None else None
        if problem is not None:
            failing = f"{function.logical_id} cannot be loaded: " if problem.severity == "error" else ""
            yield Hit(state.place, f"{failing}{problem.message}", problem.severity)


def _called(checked: CheckedDefinition) -> list[tuple[StateView, Function]]:
    return [(state, function) for state in checked.tasks if (function := checked.function(state)) is not None]


def _meant(state: StateView, raised: RaisedErrors, name: str) -> str | None:
    """What a mistyped name stands for, of which another rule tells."""
    return meant_name(state, name) if _is_aws_name(name) else _near(name, raised.names)


def _is_looked_at(checked: CheckedDefinition, state: StateView, swallow: Swallow) -> bool:
    """Whether a Choice looks at what the handler returns after it has kept an error to itself, or may do so."""
    choices = [each for each in checked.states if each.type == "Choice"]
    if not choices or state.data.get("ResultPath", "$") is None:
        return False
    if swallow.keys is None:
        follower = state.siblings.get(str(state.data.get("Next")), {})
        return follower.get("Type") == "Choice" or bool(state.outer)
    looked_at = [each.data.get("Choices") for each in choices]
    looked_at += [state.data.get(field) for field in ("ResultSelector", "OutputPath", "Assign", "Output")]
    words = {word for part in looked_at for text, _ in strings(part) for word in re.findall(r"\w+", text)}
    return bool(words & swallow.keys)


def _foreign_names(checked: CheckedDefinition) -> Iterator[tuple[StateView, RaisedErrors, Handler, str]]:
    """Names on tasks that neither AWS nor Python nor the handler uses."""
    for state, raised in _readable_tasks(checked):
        if state.resource is None or state.resource.needs_token:  # somebody else may answer with any name
            continue
        modelled = {name for service in raised.services for name in error_shapes(service)}
        known = {*raised.names, *raised.families, *modelled, *vars(builtins), *STANDARD, *ALWAYS_PREFIXED}
        for handler in state.handlers:
            for name in dict.fromkeys(handler.names):
                of_client = bool(raised.services) and is_client_exception(name)
                if name not in known and not of_client and not _is_aws_name(name):
                    yield state, raised, handler, name


def _is_aws_name(name: str) -> bool:
    head, dot, _ = name.partition(".")
    return bool(dot) and head.casefold() in _PREFIXES


def _near(name: str, raised: tuple[str, ...]) -> str | None:
    last = name.rpartition(".")[2]
    folded = {each.casefold(): each for each in raised}
    if last.casefold() in folded:
        return folded[last.casefold()]
    found = get_close_matches(last, raised, n=1, cutoff=0.85)
    return found[0] if found else None


def _places(sites: list[Site]) -> str:
    listed = ", ".join(str(site) for site in sites[:3])
    return f"{listed} and {len(sites) - 3} more" if len(sites) > 3 else listed
