"""State machines of a SAM template, ready to run: what ``import everypath`` offers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from everypath.asl import json_text
from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse, unsupported
from everypath.asl.resource_names import LONGEST, SPECIAL_CHARACTERS, is_resource_name
from everypath.engine.clock import EPOCH, Clock, RealClock, VirtualClock
from everypath.engine.context import RunContext
from everypath.engine.data import MAX_DATA_BYTES, to_text, too_large
from everypath.engine.identity import Identity, execution_arn
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.errors import InputError, NotOnTargetError
from everypath.history.execution import Execution
from everypath.integrations.routing import task_router
from everypath.lambda_runtime.functions import Functions
from everypath.lambda_runtime.template_endpoint import template_endpoint
from everypath.sam.model import THIS_RUNTIME
from everypath.tasks.nested import Nested, NestedMachine
from everypath.tasks.scripted_outcomes import Faults, Script, require_tasks

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.engine.task_call import Tasks
    from everypath.sam.model import StateMachine, Template


class Target(Protocol):
    """Where executions run, if not on the embedded engine; implemented in `everypath.targets`.

    Attributes
    ----------
    name : str
        As the command line names it.
    """

    name: str

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        """Run an execution of an input given as JSON text.

        Raises
        ------
        NotOnTargetError
            The target cannot make this run.
        TargetError
            It does not answer, or refuses.
        """
        ...


#: Called after each run of a machine, with the child executions of its distributed Maps; and for each execution of
#: another machine of the template that the run has started.
Observer = Callable[["Machine", Execution, Sequence[RunContext]], None]


@dataclass(frozen=True, slots=True)
class Session:
    """What holds for all machines of a test run.

    Parameters
    ----------
    target : Target or None
        Where machines run that have no target of their own; None for the embedded engine.
    observers : tuple of Observer
        Who is told of executions that have a history.
    use_build : bool
        Whether machines are loaded from what ``sam build`` made.
    on_load : callable or None
        Is told of each machine that is loaded.
    """

    target: Target | None = None
    observers: tuple[Observer, ...] = ()
    use_build: bool = False
    on_load: Callable[[Machine], None] | None = None


_sessions = [Session()]


@contextmanager
def session(
    *,
    target: Target | None = None,
    observer: Observer | None = None,
    use_build: bool | None = None,
    on_load: Callable[[Machine], None] | None = None,
) -> Iterator[Session]:
    """Let a target, or an observer, hold for all machines until the context ends, also for those loaded before.

    Parameters
    ----------
    target : Target, optional
        Where machines run that have no target of their own; where they ran before, if it is left out.
    observer : Observer, optional
        Is told of executions, with those that are told already.
    use_build : bool, optional
        Whether machines are loaded from what ``sam build`` made; as before, if it is left out.
    on_load : callable, optional
        Is told of each machine that is loaded, in place of who was told before.
    """
    outer = _sessions[-1]
    inner = Session(
        outer.target if target is None else target,
        outer.observers if observer is None else (*outer.observers, observer),
        outer.use_build if use_build is None else use_build,
        on_load or outer.on_load,
    )
    _sessions.append(inner)
    try:
        yield inner
    finally:
        _sessions.remove(inner)


def read_machine(
    template: str | os.PathLike[str] = ".",
    machine: str | None = None,
    *,
    parameter_overrides: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    config_env: str | None = None,
    functions: Iterable[str] = (),
    lambda_endpoint: str | None = None,
    use_build: bool | None = None,
) -> Machine:
    """Load a state machine without asking whether everypath can call its tasks; see `everypath.load`.

    Parameters
    ----------
    use_build : bool, optional
        Use what ``sam build`` made, if it is up to date; as the `session` has it, if it is left out.
    """
    from everypath.sam import read

    session = _sessions[-1]
    read_template = read(
        template,
        parameter_overrides or {},
        values=values,
        config_env=config_env,
        functions=functions,
        use_build=session.use_build if use_build is None else use_build,
    )
    loaded = Machine(read_template, read_template.state_machine(machine), lambda_endpoint)
    if session.on_load is not None:
        session.on_load(loaded)
    return loaded


class Machine:
    """A state machine whose Lambda functions run in this process, or at an endpoint.

    Parameters
    ----------
    template : Template
        Where its functions are.
    state_machine : StateMachine
        What to run.
    lambda_endpoint : str, optional
        The URL where the functions are invoked; they run in this process, if it is left out.

    Attributes
    ----------
    name : str
        The state machine's name.
    tree : everypath.asl.tree.StateMachine
        Its parsed definition.
    """

    def __init__(self, template: Template, state_machine: StateMachine, lambda_endpoint: str | None = None) -> None:
        self.template = template
        self.state_machine = state_machine
        self.name = state_machine.name
        self.tree: Tree = parse(state_machine.definition, kind=state_machine.type, source=str(state_machine.source))
        self._nested = Nested(self._nested_machine)
        functions = Functions(template.functions, str(template.path)) if lambda_endpoint is None else None
        endpoint = None if lambda_endpoint is None else template_endpoint(template, lambda_endpoint)
        self.tasks: Tasks = task_router(functions, lambda_endpoint=endpoint, nested=self._nested)
        self._at_endpoint = lambda_endpoint is not None
        self._has_own_target = False
        self._own_target: Target | None = None

    @property
    def target(self) -> Target | None:
        """Where it runs: its own target, once one was set, or that of the `session`; None for the embedded engine."""
        return self._own_target if self._has_own_target else _sessions[-1].target

    @target.setter
    def target(self, target: Target | None) -> None:
        self._own_target, self._has_own_target = target, True

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever runs it should know of its template, a sentence each."""
        machine = self.state_machine
        notes = [*self.template.warnings, *machine.warnings]
        if self.template.note:
            notes.append(self.template.note)
        in_process = self.target is None and not self._at_endpoint
        for runtime, functions in self.template.other_runtimes.items() if in_process else ():
            notes.append(
                f"{self.template.used}: the code of {', '.join(functions)}, for {runtime}, runs on {THIS_RUNTIME}"
            )
        if machine.unknown:
            values = " ".join(f"--value {name}=VALUE" for name in machine.unknown)
            notes.append(f"{machine.place}: stand-ins are used for what is known only once it is deployed: {values}")
        return tuple(notes)

    @property
    def role_arn(self) -> str:
        """The role that executions assume; one that is made up where only a deployment knows it."""
        return self._role(self.state_machine)

    def run(
        self,
        input: Any = None,
        *,
        name: str | None = None,
        seed: int = 0,
        start: datetime | None = None,
        real_time: bool = False,
        faults: Faults | None = None,
    ) -> Execution:
        """Run an execution to its end.

        Parameters
        ----------
        input : JSON data, optional
            The input; ``{}`` where it is left out, as in StartExecution.
        name : str, optional
            The execution's name; otherwise one follows from the input and the seed.
        seed : int
            What jitter and ids are drawn from.
        start : datetime, optional
            When the virtual clock starts; 2026-01-01T00:00:00Z where it is left out.
        real_time : bool
            Run on the wall clock: waits and retries then really wait.
        faults : mapping of str to sequence of Return or Throw, optional
            Scripted outcomes by state name; see `everypath.tasks.scripted_outcomes.Script`.

        Raises
        ------
        InputError
            The input is no JSON data, or too large, or a fault is for a state that is no Task.
        NotOnTargetError, TargetError
            The target cannot make this run; or it does not answer, or refuses.
        """
        return self.run_text(input_text(input), name=name, seed=seed, start=start, real_time=real_time, faults=faults)

    def run_text(
        self,
        text: str,
        *,
        name: str | None = None,
        seed: int = 0,
        start: datetime | None = None,
        real_time: bool = False,
        faults: Faults | None = None,
        source: str = "input",
    ) -> Execution:
        """Run an execution of an input given as JSON text; see `run`.

        Parameters
        ----------
        source : str
            What an `InputError` calls the input: the file that it comes from.
        """
        value = input_value(text, source)
        if name is not None:
            require_name(name)
        observers, target = _sessions[-1].observers, self.target
        children: list[RunContext] | None = [] if observers else None
        self._nested.launched = [] if observers else None
        if target is None:
            clock: Clock = RealClock() if real_time else VirtualClock(start.timestamp() if start else EPOCH)
            execution = self._run(value, text, clock, seed, name, faults, children)
        else:
            if start is not None:
                raise NotOnTargetError(f"{target.name}: its clock cannot be told when to start")
            require_tasks(faults or (), self.tree)
            execution = target.run(self, text, name=name, faults=faults)
        if observers and execution.has_history:
            self._tell(observers, execution, children or ())
        return execution

    def run_embedded(self, text: str, faults: Faults | None = None) -> Execution:
        """Run an execution on the embedded engine, whatever the target is, and tell no observer."""
        self._nested.launched = None
        return self._run(input_value(text, "input"), text, VirtualClock(EPOCH), 0, None, faults, None)

    def _run(
        self,
        value: Any,
        text: str,
        clock: Clock,
        seed: int,
        name: str | None,
        faults: Faults | None,
        children: list[RunContext] | None,
    ) -> Execution:
        """Run on the embedded engine; the child executions of distributed Maps are added to `children`, if given."""
        self._require_supported(faults or ())
        tasks = Script(faults, self.tasks, self.tree) if faults else self.tasks
        random = Random(f"{seed} {self.state_machine.arn} {text}")
        scheduler = Scheduler(clock)
        run = Run(self.tree, value, text, self._identity(name, random), tasks, scheduler, random)
        if children is not None:
            run.map_runs.on_child = lambda map_run, child: children.append(child)
        execution: Execution = scheduler.run(self._finish(run))
        return execution

    def require_supported(self, scripted: Collection[str] = ()) -> None:
        """Refuse a machine with tasks that everypath cannot call, but for those whose outcomes are scripted.

        Another target may call them.

        Raises
        ------
        DefinitionError
            Every one of them is named.
        """
        if self.target is None:
            self._require_supported(scripted)

    def _require_supported(self, scripted: Collection[str]) -> None:
        problems = unsupported(self.tree, scripted)
        if problems:
            raise DefinitionError(problems, str(self.state_machine.source))

    def _tell(self, observers: Sequence[Observer], execution: Execution, children: Sequence[RunContext]) -> None:
        """Tell the observers of an execution, and of those that it has started."""
        told: list[tuple[Machine, Execution, Sequence[RunContext]]] = [(self, execution, children)]
        machines = {machine.arn: machine for machine in self.template.state_machines.values()}
        for one in self._nested.launched or ():
            if one.job.done:
                told.append((Machine(self.template, machines[one.arn]), one.job.value, one.children))
        for observer in observers:
            for machine, each, of_each in told:
                observer(machine, each, of_each)

    async def _finish(self, run: Run) -> Execution:
        execution = await run.execute()
        await self._nested.finish()
        return execution

    def _nested_machine(self, arn: str) -> NestedMachine | None:
        """The state machine of the template that an execution starts another one of."""
        for machine in self.template.state_machines.values():
            if machine.arn == arn:
                tree = parse(machine.definition, kind=machine.type, source=str(machine.source))
                return NestedMachine(tree, machine.name, machine.arn, self._role(machine))
        return None

    def _role(self, machine: StateMachine) -> str:
        return machine.role_arn or f"arn:aws:iam::{self.template.account}:role/{machine.name}Role"

    def _identity(self, name: str | None, random: Random) -> Identity:
        machine = self.state_machine
        name = name or _uuid(random)
        return Identity(
            name=name,
            arn=execution_arn(machine.arn, name, _uuid(random) if machine.type == "EXPRESS" else None),
            state_machine_name=machine.name,
            state_machine_arn=machine.arn,
            role_arn=self._role(machine),
            account=self.template.account,
            region=self.template.region,
        )


def _uuid(random: Random) -> str:
    import uuid

    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def require_name(name: str) -> None:
    """Refuse a name that no execution may have."""
    if not is_resource_name(name):
        expected = f"1 to {LONGEST} characters without blanks or any of {SPECIAL_CHARACTERS}"
        raise InputError(f"name: expected {expected}, but got {name!r}")


def input_text(value: Any) -> str:
    """Return an input as JSON text; that of ``{}`` for None."""
    try:
        text = to_text({} if value is None else value)
        if "NaN" in text or "Infinity" in text:
            json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"input: expected JSON data, but {error}") from None
    return text


def input_value(text: str, source: str) -> Any:
    """Return the data of an input that is given as JSON text."""
    try:
        value = json_text.load(text)
    except ValueError as error:
        raise InputError(f"{source}: expected JSON, but {error}") from None
    if too_large(text):
        raise InputError(f"{source}: expected at most {MAX_DATA_BYTES} bytes, but it has {len(text.encode())}")
    return value
