"""The pytest plugin: a fixture that loads state machines, targets that they run on, and coverage of what tests run."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.coverage.collector import Coverage
    from everypath.engine.context import RunContext
    from everypath.history.execution import Execution

PLUGIN = "everypath-coverage"
TARGET_PLUGIN = "everypath-target"
LOAD_PLUGIN = "everypath-load"
FORMATS = ("term", "json", "html")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("everypath", "everypath: coverage of Step Functions state machines")
    group.addoption(
        "--everypath-cov",
        action="store_true",
        help="report which states, transitions, retriers, catchers and timeouts of each state machine the tests cover",
    )
    group.addoption(
        "--everypath-cov-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail if the coverage of all state machines together is below this percentage",
    )
    group.addoption(
        "--everypath-cov-report",
        action="append",
        default=[],
        type=_report,
        metavar="TYPE",
        help="type of the report: term, json:FILE or html:FILE; can be repeated (default: term)",
    )
    group.addoption(
        "--everypath-cov-template",
        action="append",
        default=[],
        metavar="FILE",
        help="report all state machines of a SAM template, also those that no test runs; can be repeated",
    )

    group.addoption(
        "--everypath-build",
        action="store_true",
        help="run functions from what sam build made, if it is up to date, and not from their source",
    )

    target = parser.getgroup("everypath-target", "everypath: where state machines run")
    target.addoption(
        "--everypath-target",
        metavar="TARGET",
        help="where state machines run: embedded (in this process), the URL of a Step Functions endpoint, or aws:STACK,"
        " a deployed stack (default: embedded)",
    )
    target.addoption(
        "--everypath-mock-config",
        metavar="FILE",
        help="the mock configuration that the endpoint reads; faults that tests script are added to it",
    )
    target.addoption(
        "--everypath-time-limit",
        type=float,
        metavar="SECONDS",
        help="how long an execution on an endpoint or a stack may take before it is stopped (default: 300)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register what loads state machines, and the target and the coverage that the options ask for."""
    config.pluginmanager.register(LoadPlugin(config), LOAD_PLUGIN)
    if config.getoption("everypath_target"):
        config.pluginmanager.register(TargetPlugin(config), TARGET_PLUGIN)
    elif config.getoption("everypath_mock_config") or config.getoption("everypath_time_limit"):
        raise pytest.UsageError("--everypath-mock-config and --everypath-time-limit need an --everypath-target")
    asked = config.getoption("everypath_cov") or config.getoption("everypath_cov_report")
    if asked or config.getoption("everypath_cov_fail_under") is not None:
        config.pluginmanager.register(CoveragePlugin(config), PLUGIN)


class LoadPlugin:
    """Has machines loaded from source, or from what sam build made, and tells at the end what to know of them."""

    def __init__(self, config: pytest.Config) -> None:
        from everypath import api

        self._root = config.rootpath.resolve()
        self._notes: dict[str, None] = {}
        self._session = ExitStack()
        use_build = config.getoption("everypath_build")
        self._session.enter_context(api.session(use_build=use_build, on_load=self._loaded))

    def _loaded(self, machine: Machine) -> None:
        # As for coverage: machines of templates elsewhere are made by tests for themselves.
        if machine.template.path.resolve().is_relative_to(self._root):
            self._notes.update(dict.fromkeys(machine.notes))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the notes."""
        for note in self._notes:
            terminalreporter.line(f"everypath: {note}")

    def pytest_unconfigure(self) -> None:
        """Load machines as before."""
        self._session.close()


class Loader:
    """Loads state machines, each once.

    Parameters
    ----------
    root : Path
        The directory that paths are relative to: pytest's rootdir.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._loaded: dict[tuple[Path, str | None, tuple[tuple[str, str], ...]], Machine] = {}

    def load(
        self,
        template: str | Path = ".",
        machine: str | None = None,
        *,
        parameter_overrides: Mapping[str, str] | None = None,
        scripted: Collection[str] = (),
    ) -> Machine:
        """Load a state machine; see `everypath.load`."""
        from everypath.api import read_machine

        path = self._root / template
        key = (path, machine, tuple(sorted((parameter_overrides or {}).items())))
        if key not in self._loaded:
            self._loaded[key] = read_machine(path, machine, parameter_overrides=parameter_overrides)
        self._loaded[key].require_supported(scripted)
        return self._loaded[key]


@pytest.fixture(scope="session", name="everypath")
def everypath_fixture(pytestconfig: pytest.Config) -> Loader:
    """Load state machines of SAM templates: ``everypath.load("template.yaml", "MyStateMachine").run(…)``."""
    return Loader(pytestconfig.rootpath)


class TargetPlugin:
    """Lets state machines run on a target, and skips the tests that need what it cannot do, with the reason."""

    def __init__(self, config: pytest.Config) -> None:
        from everypath import api
        from everypath.errors import InputError
        from everypath.targets import parse_target
        from everypath.targets.target import TIME_LIMIT

        mocks, limit = config.getoption("everypath_mock_config"), config.getoption("everypath_time_limit")
        if mocks is not None:
            mocks = config.invocation_params.dir / mocks
        try:
            target = parse_target(
                config.getoption("everypath_target"), mock_config=mocks, limit=TIME_LIMIT if limit is None else limit
            )
        except InputError as error:
            raise pytest.UsageError(f"--everypath-target: {error}") from None
        self._session = ExitStack()
        self._session.enter_context(api.session(target=target))

    def pytest_unconfigure(self) -> None:
        """Let state machines run where they did before."""
        self._session.close()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Skip the test if a fixture needs what the target cannot do."""
        return (yield from _skipping(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Skip the test if it needs what the target cannot do."""
        return (yield from _skipping(item))


def _skipping(item: pytest.Item) -> Generator[None, None, None]:
    from everypath.errors import NotOnTargetError

    try:
        return (yield)
    except NotOnTargetError as error:
        pytest.skip(f"{item.name}: {error}")


class CoveragePlugin:
    """Collects the coverage of the executions in this process and, with pytest-xdist, in the workers."""

    def __init__(self, config: pytest.Config) -> None:
        from everypath import api
        from everypath.coverage.collector import Collector
        from everypath.paths.impossible import impossible

        self._config = config
        self._collector = Collector(impossible)
        self._problems: list[str] = []
        self._session = ExitStack()
        self._session.enter_context(api.session(observer=self._observe))

    @property
    def _on_worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    def pytest_unconfigure(self) -> None:
        """Stop watching."""
        self._session.close()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Merge the coverage of a worker of pytest-xdist."""
        self._collector.merge(getattr(node, "workeroutput", {}).get("everypath", {}))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the coverage to the controller; there, write the files and fail the run if it is too low."""
        if self._on_worker:
            self._config.workeroutput["everypath"] = self._collector.to_data()  # type: ignore[attr-defined]
            return
        if self._config.option.collectonly:
            return
        self._expect_templates()
        self._write()
        if session.exitstatus == pytest.ExitCode.OK and self._shortfall():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report."""
        if self._on_worker or self._config.option.collectonly:
            return
        from everypath.report.coverage_report import coverage_text

        reports = self._config.getoption("everypath_cov_report")
        if not reports or ("term", "") in reports:
            terminalreporter.section("everypath coverage", sep="-")
            machines = self._machines()
            terminalreporter.line(coverage_text(machines) if machines else "no state machine was run")
        for kind, file in reports:
            if file:
                terminalreporter.line(f"everypath coverage: {kind} written to {file}")
        for problem in [*self._problems, self._shortfall()]:
            if problem:
                terminalreporter.line(f"ERROR: {problem}", red=True, bold=True)

    def _observe(self, machine: Machine, execution: Execution, children: Sequence[RunContext]) -> None:
        # A template elsewhere is one that a test writes for itself into a temporary folder.
        if machine.template.path.resolve().is_relative_to(self._config.rootpath.resolve()):
            self._collector.add(machine, execution, children)

    def _machines(self) -> list[Coverage]:
        return [self._collector.machines[key] for key in sorted(self._collector.machines)]

    def _expect_templates(self) -> None:
        from everypath.api import Machine
        from everypath.errors import EverypathError
        from everypath.sam import read

        for name in self._config.getoption("everypath_cov_template"):
            try:
                template = read(self._config.invocation_params.dir / name, {})
                for machine in template.state_machines.values():
                    self._collector.expect(Machine(template, machine))
            except EverypathError as error:
                self._problems.append(str(error))

    def _write(self) -> None:
        from everypath.report.coverage_report import coverage_html, coverage_json

        for kind, file in self._config.getoption("everypath_cov_report"):
            if file:
                text = coverage_json(self._machines()) if kind == "json" else coverage_html(self._machines())
                path = self._config.invocation_params.dir / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def _shortfall(self) -> str:
        from everypath.coverage.collector import total

        wanted = self._config.getoption("everypath_cov_fail_under")
        if self._problems:
            return "the coverage of a template is unknown"
        if wanted is None:
            return ""
        machines = self._machines()
        if not machines:
            return f"everypath coverage of {wanted:g}% is required, but no state machine was run"
        reached = total(machines)
        return f"everypath coverage is {reached:g}%, below the required {wanted:g}%" if reached < wanted else ""


def _report(text: str) -> tuple[str, str]:
    kind, _, file = text.partition(":")
    if kind not in FORMATS or (kind == "term") == bool(file):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"expected term, json:FILE or html:FILE, but got {text!r}")
    return kind, file
