"""Runs a definition so that each of its expressions is followed: what it reads is known, and made up where it lacks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.asl.error_catalog import ITEM_READER_FAILED
from everypath.asl.errors import StateError
from everypath.asl.jsonpath.reference_path import ReferencePath
from everypath.asl.scope import Expression, Scope
from everypath.asl.settings import Constant
from everypath.asl.tree import (
    Catcher,
    Choice,
    ChoiceRule,
    ErrorHandlingState,
    Fail,
    Map,
    Parallel,
    Rule,
    State,
    StateGraph,
    Task,
    Wait,
    WithResult,
)
from everypath.engine.task_call import TaskCall
from everypath.paths.case_data import ItemCount, Knowledge
from everypath.paths.choices import ChoiceSolver, KeptValues, kept_tests
from everypath.paths.places import INPUT_SOURCE, MISSING, Origins, Place, Source, array_around, get, plain
from everypath.paths.plan import Plan
from everypath.paths.reading import Reading, SourcePlace, places_of
from everypath.paths.reading_jsonata import read_data
from everypath.paths.reading_jsonpath import read_template, read_value
from everypath.paths.wants import ALTERNATIVES, ANY, ARRAY, ITEMS, OBJECT, Want, wanted_by_field

#: How often a value is replaced by one of another kind until it is left as it is.
REPLACEMENTS = 4
#: How many visits of one Choice are solved for an exit that no data was found for.
UNSOLVED_VISITS = 30
#: How many rounds of a loop are gone for an exit that its own counter decides.
COUNTED_ROUNDS = 12
#: How many values of an expression are changed together, and how many combinations are tried.
TOGETHER, TRIALS = 6, 160


class Restart(Exception):
    """The run has learned what changes data that it has passed on already."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An expression that failed, or was decided, by data that is made up.

    Parameters
    ----------
    state, field, expression : str
        Where it is.
    cause : str
        Why it failed.
    tried : tuple of str
        What was tried.
    """

    state: str
    field: str
    expression: str
    cause: str
    tried: tuple[str, ...] = ()

    def __str__(self) -> str:
        tried = f"; tried {', '.join(self.tried)}" if self.tried else ""
        return f"no data was found with which {self.field} of {self.state} works: {self.expression}{tried}"

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "state": self.state, "field": self.field, "expression": self.expression, "cause": self.cause,
            "tried": list(self.tried),
        }  # fmt: skip


@dataclass(slots=True)
class Tracker:
    """What one run knows of its data; it supplies what is missing.

    Parameters
    ----------
    knowledge : Knowledge
        What the states of the definition need.

    Attributes
    ----------
    decisions : dict
        What the plan needs of its own, by place.
    unsolved : dict
        By Choice and visit, the places and the values on which an exit that was not taken depends.
    undecided : list of Undecided
        Expressions that failed on made-up data.
    """

    knowledge: Knowledge
    plan: Plan = field(default_factory=Plan)
    origins: Origins = field(default_factory=Origins)
    decisions: dict[Place, Any] = field(default_factory=dict)
    real: dict[Source, Any] = field(default_factory=dict)
    unsolved: dict[tuple[str, int], tuple[tuple[Place, ...], list[Any]]] = field(default_factory=dict)
    undecided: list[Undecided] = field(default_factory=list)
    changes: int = 0
    changes_errors: bool = False
    used: set[tuple[str, str]] = field(default_factory=set)
    _visits: dict[str, int] = field(default_factory=dict)
    _kept: dict[Place, list[KeptValues]] = field(default_factory=dict)
    _replaced: dict[Place, int] = field(default_factory=dict)
    _given_up: dict[str, int] = field(default_factory=dict)
    _assigned: dict[str, tuple[Place | None, tuple[Place, ...]]] = field(default_factory=dict)
    _settled: list[tuple[Choice, Mapping[str, Any], Scope, int | None]] = field(default_factory=list)
    _grown: set[Place] = field(default_factory=set)
    leads_back: Mapping[str, frozenset[int | None]] = field(default_factory=dict)

    def begin_plan(self, plan: Plan) -> None:
        """Prepare for the runs of a plan."""
        self.plan, self.decisions, self.real = plan, {}, {}
        self.changes_errors = False
        self._replaced.clear()

    def begin_run(self) -> Any:
        """Prepare for a run, and return its input."""
        self.origins, self.undecided, self.unsolved, self.changes = Origins(), [], {}, 0
        self._visits, self._kept, self._given_up, self._assigned = {}, {}, {}, {}
        self._settled, self.used = [], set()
        return self.live(INPUT_SOURCE)

    def live(self, source: Source) -> Any:
        """What a source gives to the run."""
        self.used.add((source.kind, source.state))
        return self.origins.adopt(self.knowledge.value(source, self.decisions), Place(source))

    def live_real(self, source: Source, value: Any) -> Any:
        """What a source gives that is real, with what the plan has decided."""
        self.real[source] = plain(value)
        return self.origins.adopt(value, Place(source))

    def assigned_from(self, variable: str) -> tuple[Place | None, tuple[Place, ...]]:
        """Where the value of a variable is from, which cannot say so by itself."""
        return self._assigned.get(variable, (None, ()))

    def note_assigned(self, source_place: SourcePlace) -> None:
        """Remember where the values are from that are assigned to variables."""
        for name, part in (source_place.parts or {}).items():
            self._assigned[str(name)] = (part.place, places_of([part]))

    def result(self, call: TaskCall, visit: int) -> Any:
        """Return the result of a task."""
        return self.live(Source("result", call.state, visit))

    def real_result(self, call: TaskCall, visit: int, value: Any) -> Any:
        """Return what a handler has returned, as the run gets it."""
        return self.live_real(Source("result", call.state, visit), value)

    def is_scripted(self, call: TaskCall, visit: int) -> bool:
        """Whether a result is to be made up, although there is a handler."""
        source = Source("result", call.state, visit)
        return any(place.source == source for place in self.decisions)

    def failure(self, call: TaskCall, visit: int, error: str) -> tuple[str, str]:
        """Return the name and the cause of a planned error; the plan may need another name."""
        name, cause = Source("error", call.state, visit), Source("cause", call.state, visit)
        decided = self.decisions.get(Place(name), error)
        return self.origins.adopt(decided, Place(name)), self.live(cause)

    def items(self, state: str) -> Any:
        """Return what a Map reads."""
        return self.live(Source("items", state))

    def supply(self, place: Place, value: Any) -> None:
        """Put a value at a place, for all plans."""
        self.changes += 1
        self.knowledge.learn(place, value)
        decided = [one for one in self.decisions if one.source == place.source and _covers(one, place)]
        if decided and get(self.knowledge.value(place.source, self.decisions), place.steps) != value:
            self.decisions[place] = plain(value)

    def current(self, place: Place) -> Any:
        """Return what is at a place, from the next run on."""
        return get(self.knowledge.value(place.source, self.decisions), place.steps)

    def may_supply(self, place: Place | None) -> bool:
        """Whether there may be a value at a place where none is."""
        return place is not None and place.source.kind != "error" and place.source not in self.real

    def may_replace(self, place: Place | None, value: Any) -> bool:
        """Whether there may be another value at a place: earlier visits of a Choice must still go as they did."""
        if place is None or not self.may_supply(place) or self.knowledge.is_given(place):
            return False
        if place in self.decisions:
            self._keep_settled()
        if place in self.decisions and not all(kept.accepts(value) for kept in self._kept.get(place, ())):
            return False
        self._replaced[place] = self._replaced.get(place, 0) + 1
        return self._replaced[place] <= REPLACEMENTS

    def may_decide(self, place: Place | None) -> bool:
        """Whether a Choice may have the value at a place that it needs for the planned exit."""
        return place is not None and (self.changes_errors or place.source.kind != "error")

    def is_made_up(self, place: Place) -> bool:
        """Whether the value at a place could be another one."""
        return place.source.kind != "error" and place.source not in self.real and not self.knowledge.is_given(place)

    def decide(self, source_place: SourcePlace, value: Any) -> None:
        """Put a value at a place, for this plan alone; begin again if it was passed on in another form."""
        assert source_place.place is not None
        for place in [
            one
            for one in self.decisions
            if one.source == source_place.place.source and _covers(source_place.place, one)
        ]:
            del self.decisions[place]
        self.decisions[source_place.place] = value if isinstance(value, ItemCount) or value is MISSING else plain(value)
        self.changes += 1
        holder = source_place.holder[0] if source_place.holder is not None else None
        if not isinstance(holder, dict) or isinstance(value, ItemCount) or source_place.place.source.kind == "error":
            raise Restart
        assert source_place.holder is not None
        if value is MISSING:
            holder.pop(source_place.holder[1], None)
        else:
            holder[source_place.holder[1]] = self.origins.adopt(value, source_place.place)

    def choose(self, choice: Choice, raw: Mapping[str, Any], scope: Scope) -> None:
        """Let a visit of a Choice take the planned exit."""
        name = choice.name
        number = self._visits[name] = self._visits.get(name, -1) + 1
        planned = self.plan.exits.get(name)
        if self._given_up.get(name, 0) > UNSOLVED_VISITS:
            return
        if planned:
            wanted = planned[min(number, len(planned) - 1)]
            exits = [int(wanted.rpartition("/")[2]) if wanted.startswith("choice:") else None]
        else:
            exits = []
        taken = _exit_taken(choice, scope)
        if taken is not MISSING and taken in (exits or [taken]):
            context = scope.context()
            seen = Scope(scope.value, lambda: context, dict(scope.variables), scope.random, scope.now)
            self._settled.append((choice, raw, seen, taken))
            return
        self._keep_settled()
        solver = ChoiceSolver(choice, raw, self, scope, self._kept)
        back = self.leads_back.get(name, frozenset()) if number < COUNTED_ROUNDS and exits else ()
        others = [*(exit for exit in back if exit not in exits), None, *range(len(choice.choices))]
        for number_tried, exit in enumerate([*exits, *others]):
            if number_tried == len(exits) + len(back) and taken is not MISSING:
                break
            solution = solver.solve(exit)
            if solution is None:
                continue
            if number_tried >= len(exits) > 0:
                self.unsolved[name, number] = (_with_arrays(solver.places), solver.pool())
            for place, kept in kept_tests(solution.way, scope):
                self._kept.setdefault(place, []).append(kept)
            restart = False
            for source_place, value in solution.changes:
                try:
                    self.decide(source_place, value)
                except Restart:
                    restart = True
            if restart:
                raise Restart
            return
        if exits:
            self._given_up[name] = self._given_up.get(name, 0) + 1
            self.unsolved[name, number] = (_with_arrays(solver.places), solver.pool())

    def _keep_settled(self) -> None:
        """Note what the earlier visits of a Choice need, which went as planned."""
        for choice, raw, scope, exit in self._settled:
            solution = ChoiceSolver(choice, raw, self, scope, {}).solve(exit)
            for place, kept in kept_tests(solution.way if solution is not None else (), scope):
                self._kept.setdefault(place, []).append(kept)
        self._settled.clear()

    def mend(self, tracked: Tracked, reading: Reading, scope: Scope, error: StateError) -> Any:
        """Evaluate an expression that failed with other data; raise its error where none will do."""
        source_places = {
            source_place.place: source_place for source_place in reading.named if self._may_try(source_place)
        }
        tried: list[str] = []
        for chosen in itertools.islice(_trials(list(source_places.values())), TRIALS):
            value = self._try(tracked, scope, chosen)
            if value is not MISSING:
                for source_place, new in chosen:
                    assert source_place.place is not None
                    self.supply(source_place.place, new)
                return value
        named = [
            place
            for source_place in reading.named
            for place in (source_place.place, *source_place.derived)
            if place is not None
        ]
        self._grow(named)
        for source_place in source_places.values():
            tried.append(".".join(str(step) for step in source_place.steps) or "the whole input")
        if not reading.lacks and any(self.is_made_up(place) for place in named):
            tried = [f"{one} with {len(ALTERNATIVES)} values" for one in tried]
            self.undecided.append(
                Undecided(tracked.state, tracked.field, tracked.text, error.cause or error.error, tuple(tried))
            )
        raise error

    def _grow(self, places: Iterable[Place]) -> None:
        """Give an array of one item, on which something depends that failed, another one; then begin again."""
        for place in places:
            for array in (place, array_around(place)):
                if array is None or array in self._grown or not self.is_made_up(array):
                    continue
                value = get(self.knowledge.value(array.source, self.decisions), array.steps)
                if isinstance(value, list) and len(value) == 1:
                    self._grown.add(array)
                    self.supply(array.below(1), value[0])
                    raise Restart

    def _may_try(self, source_place: SourcePlace) -> bool:
        if (
            source_place.place is None
            or source_place.holder is None
            or not isinstance(source_place.holder[0], dict | list)
        ):
            return False
        if isinstance(source_place.value, dict | list) and source_place.value and source_place.value != [{}]:
            return False
        present = get(source_place.holder[0], (source_place.holder[1],)) is not MISSING
        return (
            (present or isinstance(source_place.holder[0], dict))
            and self.is_made_up(source_place.place)
            and source_place.place not in self.decisions
        )

    def _try(self, tracked: Tracked, scope: Scope, chosen: list[tuple[SourcePlace, Any]]) -> Any:
        before = []
        for source_place, new in chosen:
            assert source_place.holder is not None and source_place.place is not None
            container: Any = source_place.holder[0]
            before.append((container, source_place.holder[1], get(container, (source_place.holder[1],))))
            container[source_place.holder[1]] = self.origins.adopt(new, source_place.place)
        try:
            return tracked.inner.evaluate(scope)
        except StateError:
            for container, step, value in reversed(before):
                if value is MISSING:
                    del container[step]
                else:
                    container[step] = value
            return MISSING

    def fails_to_read(self, state: str) -> bool:
        """Whether the plan lets a Map fail to read its items this time."""
        planned = self.plan.outcomes.get(state, ())
        failures = sum(one.times for one in planned if one.error == ITEM_READER_FAILED)
        number = self._visits[state] = self._visits.get(state, -1) + 1
        return number < failures

    def require_items(self, name: str, source_place: SourcePlace, items: Any) -> None:
        """Give a Map as many items as the plan needs."""
        number = self.plan.items.get(name)
        if number is None or not isinstance(items, dict | list) or len(items) == number:
            return
        place = self.origins.place(items) or source_place.place
        if place is not None and place.source.kind != "error" and self.decisions.get(place) != ItemCount(number):
            self.decide(SourcePlace(items, place), ItemCount(number))


def _with_arrays(places: Iterable[Place]) -> tuple[Place, ...]:
    """Places, and the arrays that they are in."""
    found: dict[Place, None] = {}
    for place in places:
        array = array_around(place)
        found |= dict.fromkeys([place] if array is None else [array, place])
    return tuple(found)


def _covers(outer: Place, inner: Place) -> bool:
    return inner.steps[: len(outer.steps)] == outer.steps


def _trials(source_places: list[SourcePlace]) -> Any:
    """Other values for some source_places: the same for all, then one after another, then two of them."""
    if 1 < len(source_places) <= TOGETHER:
        for value in ALTERNATIVES:
            yield [(source_place, value) for source_place in source_places]
    for source_place in source_places:
        for value in ALTERNATIVES:
            yield [(source_place, value)]
    for one, other in itertools.combinations(source_places[:4], 2):
        for first, second in itertools.permutations(ALTERNATIVES[:6], 2):
            yield [(one, first), (other, second)]


def _exit_taken(choice: Choice, scope: Scope) -> Any:
    """The index of the rule by which a Choice is left, None for its default; `MISSING` where it fails."""
    try:
        taken = next((number for number, one in enumerate(choice.choices) if _inner_rule(one.rule)(scope)), None)
    except StateError:
        return MISSING
    return MISSING if taken is None and choice.next is None else taken


def _inner_rule(rule: Rule) -> Rule:
    return getattr(rule, "inner", rule)


@dataclass(frozen=True, slots=True)
class Tracked:
    """An expression of a state that is followed when it is evaluated."""

    inner: Expression
    tracker: Tracker
    state: str
    field: str
    raw: Any
    read: Callable[[Reading], SourcePlace]
    want: Want = ANY

    @property
    def text(self) -> str:
        """The expression as the definition has it."""
        return self.raw if isinstance(self.raw, str) else str(self.raw)

    def evaluate(self, scope: Scope) -> Any:
        """Return the value in `scope`."""
        tracker = self.tracker
        before = tracker.changes
        reading = Reading(tracker, scope)
        source_place = self.read(reading)
        try:
            value = self.inner.evaluate(scope)
        except StateError as error:
            if tracker.changes > before:
                raise Restart from None
            value = tracker.mend(self, reading, scope, error)
            source_place = self.read(Reading(tracker, scope))
        if self.field == "Assign":
            tracker.note_assigned(source_place)
        return reading.apply(value, source_place)


@dataclass(frozen=True, slots=True)
class TrackedItems:
    """The items of a Map."""

    tracked: Tracked

    def evaluate(self, scope: Scope) -> Any:
        """Return the items; there are as many as the plan needs."""
        tracker = self.tracked.tracker
        reading = Reading(tracker, scope)
        source_place = self.tracked.read(reading)
        place = (
            source_place.place
            if source_place.holder is None and not self.tracked.want.fits(source_place.value)
            else None
        )
        if place is not None and tracker.may_replace(place, [{}]):
            tracker.supply(place, [{}])
            raise Restart
        items = self.tracked.evaluate(scope)
        tracker.require_items(self.tracked.state, source_place, items)
        return items


@dataclass(frozen=True, slots=True)
class ReadItems:
    """Stands in for the reader of a Map: its items are made up."""

    tracker: Tracker
    state: str
    arguments: Expression | None

    def evaluate(self, scope: Scope) -> Any:
        """Return the items; raises `StateError` where the plan lets the reader fail."""
        if self.arguments is not None:
            self.arguments.evaluate(scope)
        if self.tracker.fails_to_read(self.state):
            raise StateError(ITEM_READER_FAILED, "made up by everypath")
        items = self.tracker.items(self.state)
        self.tracker.require_items(self.state, SourcePlace(items, Place(Source("items", self.state))), items)
        return items


@dataclass(frozen=True, slots=True)
class TrackedPath(ReferencePath):
    """A ``ResultPath``: what it puts together is from two places."""

    tracker: Tracker
    state: str

    def put(self, root: Any, value: Any) -> Any:
        """Return a new root with a value at this place."""
        origins, tracker = self.tracker.origins, self.tracker
        reading = Reading(tracker, Scope(root, dict, {}, _NO_RANDOM, float))
        source_place = reading.root(root, "$")
        place = source_place.place if isinstance(self.keys[0], str) and not isinstance(root, dict) else None
        if place is not None and tracker.may_replace(place, {}):
            tracker.supply(place, {})
            raise Restart
        for key in self.keys[:-1]:
            source_place = reading.require(reading.member(source_place, key, OBJECT, supplies=False), OBJECT)
        try:
            made = ReferencePath.put(self, root, value)
        except StateError as error:
            if reading.origins.place(root) is not None:
                tracker.undecided.append(Undecided(self.state, "ResultPath", self.text, error.cause or ""))
            raise
        old, new = root, made
        for key in self.keys:
            origin = origins.of(old)
            own = {} if origin is None else dict(origin.own)
            inner = get(new, (key,))
            own[key] = origins.place(inner)
            origins.note(new, None if origin is None else origin.place, own)
            old, new = get(old, (key,)), inner
            if key == self.keys[-1]:
                break
        return made


@dataclass(frozen=True, slots=True)
class TrackedRule:
    """The first rule of a Choice: all of them are solved when it is asked."""

    inner: Rule
    tracker: Tracker
    choice: Choice
    raw: Mapping[str, Any]
    first: bool

    def __call__(self, scope: Scope) -> bool:
        """Tell whether the rule matches."""
        tracker = self.tracker
        if self.first:
            tracker.choose(self.choice, self.raw, scope)
        try:
            return self.inner(scope)
        except StateError as error:
            solver = ChoiceSolver(self.choice, self.raw, tracker, scope, {})
            if any(tracker.is_made_up(place) for place in solver.places):
                tracker.undecided.append(
                    Undecided(self.choice.name, "Choices", _choices_text(self.raw), error.cause or error.error)
                )
            raise


def _choices_text(raw: Mapping[str, Any]) -> str:
    rules = raw["Choices"]
    return str(rules[0].get("Condition", rules[0]))


def raw_states(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All states of a raw definition by name."""
    if isinstance(data, list):
        for item in data:
            yield from raw_states(item)
    elif isinstance(data, dict):
        if isinstance(data.get("States"), dict) and "StartAt" in data:
            yield from data["States"].items()
        for value in data.values():
            if isinstance(value, dict | list):
                yield from raw_states(value)


def tracked_graph(graph: StateGraph, raw: Mapping[str, Mapping[str, Any]], tracker: Tracker) -> StateGraph:
    """A flow of which each expression is followed."""
    return StateGraph(
        graph.start_at, {name: _tracked_state(state, raw, tracker) for name, state in graph.states.items()}
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one state."""

    tracker: Tracker
    state: State
    raw: Mapping[str, Any]

    def expression(self, inner: Expression | None, field: str, raw: Any = MISSING) -> Any:
        """Follow a field that holds a template, or an expression of JSONata."""
        raw = self.raw.get(field, MISSING) if raw is MISSING else raw
        if inner is None or isinstance(inner, Constant) or raw is MISSING:
            return inner
        want = wanted_by_field(field)
        if self.state.jsonata:
            return self._tracked(inner, field, raw, lambda reading: read_data(reading, raw, want))
        return self._tracked(inner, field, raw, lambda reading: read_template(reading, raw))

    def path(self, inner: Expression | None, *fields: str) -> Any:
        """Follow a field that holds a path, or an expression of JSONata."""
        field = next((one for one in fields if one in self.raw), None)
        if field is None or inner is None or isinstance(inner, Constant):
            return inner
        raw = self.raw[field]
        if self.state.jsonata:
            return self.expression(inner, field)
        want = wanted_by_field(field)
        return self._tracked(inner, field, raw, lambda reading: read_value(reading, raw, want))

    def items(self, inner: Expression | None, *, distributed: bool) -> TrackedItems:
        """Follow the items of a Map."""
        want = ITEMS if distributed else ARRAY
        if self.state.jsonata and "Items" in self.raw:
            raw = self.raw["Items"]
            read: Callable[[Reading], SourcePlace] = lambda reading: read_data(reading, raw, want)  # noqa: E731
        else:
            raw = self.raw.get("ItemsPath", "$")
            if self.state.jsonata:
                read = lambda reading: reading.root(reading.scope.value, "$")  # noqa: E731
            else:
                read = lambda reading: read_value(reading, raw, want)  # noqa: E731
        tracked = Tracked(inner or _WHOLE, self.tracker, self.state.name, "Items", raw, read, want)
        return TrackedItems(tracked)

    def _tracked(self, inner: Expression, field: str, raw: Any, read: Callable[[Reading], SourcePlace]) -> Tracked:
        return Tracked(inner, self.tracker, self.state.name, field, raw, read)


class _Whole:
    """The input of a state as it is."""

    def evaluate(self, scope: Scope) -> Any:
        """Return the input."""
        return scope.value


def _tracked_state(state: State, raws: Mapping[str, Mapping[str, Any]], tracker: Tracker) -> State:
    raw = raws[state.name]
    fields = _Fields(tracker, state, raw)
    changes: dict[str, Any] = {
        "input_path": fields.path(state.input_path, "InputPath"),
        "output_path": fields.path(state.output_path, "OutputPath"),
        "assign": fields.expression(state.assign, "Assign"),
        "output": fields.expression(state.output, "Output"),
    }
    if isinstance(state, WithResult):
        if not isinstance(state, Map):
            name = "Arguments" if state.jsonata else "Parameters"
            changes["parameters"] = fields.expression(state.parameters, name)
        changes["result_selector"] = fields.expression(state.result_selector, "ResultSelector")
        if state.result_path is not None:
            changes["result_path"] = TrackedPath(state.result_path.text, state.result_path.keys, tracker, state.name)
    if isinstance(state, ErrorHandlingState):
        changes["catchers"] = tuple(
            _tracked_catcher(catcher, fields, raw["Catch"][index]) for index, catcher in enumerate(state.catchers)
        )
    if isinstance(state, Task):
        for name, field in (("timeout_seconds", "TimeoutSeconds"), ("heartbeat_seconds", "HeartbeatSeconds")):
            changes[name] = fields.path(getattr(state, name), field + "Path", field)
        changes["credentials"] = fields.expression(state.credentials, "Credentials")
    if isinstance(state, Wait):
        changes["seconds"] = fields.path(state.seconds, "SecondsPath", "Seconds")
        changes["timestamp"] = fields.path(state.timestamp, "TimestampPath", "Timestamp")
    if isinstance(state, Fail):
        changes["error"] = fields.path(state.error, "ErrorPath", "Error")
        changes["cause"] = fields.path(state.cause, "CausePath", "Cause")
    if isinstance(state, Choice):
        changes["choices"] = tuple(
            _tracked_choice(one, state, fields, index, raw) for index, one in enumerate(state.choices)
        )
    if isinstance(state, Parallel):
        changes["branches"] = tuple(tracked_graph(branch, raws, tracker) for branch in state.branches)
    if isinstance(state, Map):
        changes |= _map_changes(state, raw, fields, raws, tracker)
    return replace(state, **changes)


def _map_changes(
    state: Map, raw: Mapping[str, Any], fields: _Fields, raws: Mapping[str, Mapping[str, Any]], tracker: Tracker
) -> dict[str, Any]:
    selector = raw.get("ItemSelector", raw.get("Parameters", MISSING))
    changes: dict[str, Any] = {
        "processor": tracked_graph(state.processor, raws, tracker),
        "item_selector": fields.expression(state.item_selector, "ItemSelector", selector),
        "max_concurrency": fields.path(state.max_concurrency, "MaxConcurrencyPath", "MaxConcurrency"),
        "tolerated_failure_count": fields.path(
            state.tolerated_failure_count, "ToleratedFailureCountPath", "ToleratedFailureCount"
        ),
        "tolerated_failure_percentage": fields.path(
            state.tolerated_failure_percentage, "ToleratedFailurePercentagePath", "ToleratedFailurePercentage"
        ),
    }
    if state.reader is None:
        changes["items"] = fields.items(state.items, distributed=state.distributed)
    elif state.reader.arguments is not None:
        name = "Arguments" if state.jsonata else "Parameters"
        arguments = fields.expression(state.reader.arguments, name, raw["ItemReader"].get(name, {}))
        changes |= {"reader": None, "items": ReadItems(tracker, state.name, arguments)}
    else:
        changes |= {"reader": None, "items": ReadItems(tracker, state.name, None)}
    if state.batcher is not None:
        batcher = replace(fields, raw=raw["ItemBatcher"])
        changes["batcher"] = replace(
            state.batcher,
            batch_input=batcher.expression(state.batcher.batch_input, "BatchInput"),
            max_items=batcher.path(state.batcher.max_items, "MaxItemsPerBatchPath", "MaxItemsPerBatch"),
            max_bytes=batcher.path(state.batcher.max_bytes, "MaxInputBytesPerBatchPath", "MaxInputBytesPerBatch"),
        )
    return changes


def _tracked_catcher(catcher: Catcher, fields: _Fields, raw: Mapping[str, Any]) -> Catcher:
    path = catcher.result_path
    return replace(
        catcher,
        result_path=None if path is None else TrackedPath(path.text, path.keys, fields.tracker, fields.state.name),
        assign=fields.expression(catcher.assign, "Assign", raw.get("Assign", MISSING)),
        output=fields.expression(catcher.output, "Output", raw.get("Output", MISSING)),
    )


def _tracked_choice(one: ChoiceRule, state: Choice, fields: _Fields, index: int, raw: Mapping[str, Any]) -> ChoiceRule:
    rule = raw["Choices"][index]
    return replace(
        one,
        rule=TrackedRule(one.rule, fields.tracker, state, raw, index == 0),
        assign=fields.expression(one.assign, "Assign", rule.get("Assign", MISSING)),
        output=fields.expression(one.output, "Output", rule.get("Output", MISSING)),
    )


_WHOLE = _Whole()
_NO_RANDOM: Any = None
