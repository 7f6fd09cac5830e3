from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from everypath.cli.main import main
from tests.support.definitions import flow, function
from tests.support.server import PASS, check_consistent, client_of, create, ended, history, kill, serve
from tests.support.templates import write_template
from tests.unit.server.functions import Functions, Raised, lambda_endpoint


def token(**more: Any) -> dict[str, Any]:
    """A task that gives its token to a function, and waits for an answer."""
    parameters = {"FunctionName": "ask", "Payload": {"id.$": "$$.Execution.Name", "token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **more}


def machines(activity: str) -> dict[str, Any]:
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60, "MaxAttempts": 2}]
    branches = [flow(Quick=function("first")), flow(Asked=token(TimeoutSeconds=3600))]
    each = flow(Each=function("each"), Held=function("slow"))
    return {
        "slow": flow(First=function("first"), Second=function("slow")),
        "token": flow(Assigns={"Type": "Pass", "Assign": {"kept.$": "$.id"}}, Ask=token(ResultPath=None)),
        "retry": flow(Try=function("busy", Retry=retry)),
        "activity": flow(Work={"Type": "Task", "Resource": activity}),
        "parallel": flow(Both={"Type": "Parallel", "Branches": branches}, After={"Type": "Pass"}),
        "map": flow(All={"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": each}),
    }


@contextmanager
def endpoint() -> Iterator[Functions]:
    """Functions: `slow` waits until the gate is open, `busy` fails the first time and then waits, too."""

    def slow(event: Any) -> Any:
        found.gate.wait()
        return event

    def busy(event: Any) -> Any:
        if found.counts("busy")[event["id"]] == 1:
            raise Raised("Busy")
        return slow(event)

    same = {"first": lambda event: event, "each": lambda event: event, "ask": lambda event: event}
    with lambda_endpoint(**same, slow=slow, busy=busy) as found:
        yield found


def start(sfn: Any, arns: dict[str, str], number: int) -> dict[str, tuple[str, str]]:
    """Start executions of all machines in turn, and return their machines and ARNs by their names."""
    kinds = [list(arns)[index % len(arns)] for index in range(number)]

    def begin(index: int) -> tuple[str, tuple[str, str]]:
        name = f"{kinds[index]}-{index}"
        text = json.dumps({"id": name, "items": [{"id": f"{name}/{item}"} for item in range(3)]})
        found = sfn.start_execution(stateMachineArn=arns[kinds[index]], name=name, input=text)
        return name, (kinds[index], found["executionArn"])

    with ThreadPoolExecutor(8) as threads:
        return dict(threads.map(begin, range(number)))


def test_no_execution_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    with endpoint() as functions:
        options = ("--state", str(tmp_path / "state"), "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            activity = sfn.create_activity(name="work")["activityArn"]
            arns = {name: create(sfn, name, each) for name, each in machines(activity).items()}
            started = start(sfn, arns, 100)
            of = {kind: [name for name, (other, _) in started.items() if other == kind] for kind in arns}
            taken = [sfn.get_activity_task(activityArn=activity) for _ in of["activity"][::2]]
            functions.wait_for("slow", len(of["slow"]) + 2 * len(of["map"]))
            functions.wait_for("busy", 2 * len(of["retry"]))
            functions.wait_for("ask", len(of["token"]) + len(of["parallel"]))
            before = {name: history(sfn, execution) for name, (_, execution) in started.items()}
            kill(server)
        asked = {call["id"]: call["token"] for call in functions.calls("ask")}
        with serve(*options) as server:
            sfn = client_of(server)
            after = {name: history(sfn, execution) for name, (_, execution) in started.items()}
            functions.gate.set()
            for name in [*of["token"], *of["parallel"]]:
                sfn.send_task_success(taskToken=asked[name], output=json.dumps({"answer": name}))
            for _ in of["activity"][1::2]:
                taken.append(sfn.get_activity_task(activityArn=activity))
            for task in taken:
                sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
            for name, (kind, execution) in started.items():
                found = ended(sfn, execution)
                assert found["status"] == "SUCCEEDED", (name, found)
                events = history(sfn, execution)
                check_consistent(events)
                assert events[: len(after[name])] == after[name]
                assert events[: len(before[name])] == before[name]
                check_output(kind, name, json.loads(found["output"]))
            kill(server)
        with serve(*options) as server:
            sfn = client_of(server)
            for name, (_, execution) in started.items():
                assert sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED", name
    # What was recorded is not done again; what was under way is.
    assert set(functions.counts("first").values()) == {1}
    assert [functions.counts("slow")[name] for name in of["slow"]] == [2] * len(of["slow"])
    assert [functions.counts("busy")[name] for name in of["retry"]] == [3] * len(of["retry"])
    assert [functions.counts("ask")[name] for name in of["token"]] == [1] * len(of["token"])
    assert set(functions.counts("each").values()) == {1}


def check_output(kind: str, name: str, output: Any) -> None:
    if kind == "map":
        assert output == [{"id": f"{name}/{item}"} for item in range(3)]
    elif kind == "parallel":
        assert [output[0]["id"], output[1]] == [name, {"answer": name}]
    else:
        assert output["id"] == name


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def test_state_machines_with_all_that_they_have_are_there_after_a_restart(state: str) -> None:
    with serve("--state", state) as server:
        sfn = client_of(server)
        arn = create(sfn, "kept", PASS, tags=[{"key": "team", "value": "a"}], publish=True)
        changed = json.dumps(PASS | {"Comment": "changed"})
        sfn.update_state_machine(stateMachineArn=arn, definition=changed, publish=True)
        route = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
        sfn.create_state_machine_alias(name="live", routingConfiguration=route)
        sfn.untag_resource(resourceArn=arn, tagKeys=["team"])
        sfn.tag_resource(resourceArn=arn, tags=[{"key": "stage", "value": "b"}])
        activity = sfn.create_activity(name="work")["activityArn"]
        gone = create(sfn, "gone", PASS)
        sfn.delete_state_machine(stateMachineArn=gone)
        execution = sfn.start_execution(stateMachineArn=f"{arn}:live", name="one")["executionArn"]
        ended(sfn, execution)
        before = everything(sfn, arn, execution)
        kill(server)
    with serve("--state", state) as server:
        sfn = client_of(server)
        assert everything(sfn, arn, execution) == before
        assert [each["activityArn"] for each in sfn.list_activities()["activities"]] == [activity]
        assert [each["name"] for each in sfn.list_state_machines()["stateMachines"]] == ["kept"]
        # A revision that is published is known again, and numbers are not used twice.
        again = sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
        assert again == f"{arn}:2"


def everything(sfn: Any, arn: str, execution: str) -> list[Any]:
    found = [
        sfn.describe_state_machine(stateMachineArn=arn),
        sfn.describe_state_machine(stateMachineArn=f"{arn}:1"),
        sfn.list_state_machine_versions(stateMachineArn=arn),
        sfn.describe_state_machine_alias(stateMachineAliasArn=f"{arn}:live"),
        sfn.list_tags_for_resource(resourceArn=arn),
        sfn.describe_execution(executionArn=execution),
        sfn.describe_state_machine_for_execution(executionArn=execution),
        sfn.list_executions(stateMachineArn=arn),
        sfn.get_execution_history(executionArn=execution),
    ]
    return [{key: value for key, value in each.items() if key != "ResponseMetadata"} for each in found]


def test_a_server_without_a_state_writes_nothing(tmp_path: Path) -> None:
    with serve(cwd=tmp_path) as server:
        sfn = client_of(server)
        ended(sfn, sfn.start_execution(stateMachineArn=create(sfn, "any", PASS))["executionArn"])
    assert list(tmp_path.iterdir()) == []


def test_what_was_answered_is_on_disk_though_its_execution_has_not_come_to_wait(state: str) -> None:
    busy = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% {'sum': $sum([1..20000].($ * 2))} %}"}
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            arn = create(sfn, "busy", flow(First=busy, Second=dict(busy), Held=function("slow")))
            execution = sfn.start_execution(stateMachineArn=arn, input='{"id": "one"}')["executionArn"]
            before = history(sfn, execution)
            kill(server)
        functions.gate.set()
        with serve(*options) as server:
            assert ended(client_of(server), execution)["status"] == "SUCCEEDED"
            assert history(client_of(server), execution)[: len(before)] == before
    assert before


def test_what_happened_before_a_function_of_this_process_is_on_disk_though_another_branch_is_ready(
    tmp_path: Path, state: str
) -> None:
    called, gate = tmp_path / "called", tmp_path / "gate"
    (tmp_path / "app.py").write_text(
        f"import pathlib, time\n\ndef handler(event, context):\n    pathlib.Path({str(called)!r}).touch()\n"
        f"    while not pathlib.Path({str(gate)!r}).exists():\n        time.sleep(0.01)\n    return event\n"
    )
    options = ("--state", state, "--function", f"held={tmp_path}:app.handler")
    both = {"Type": "Parallel", "Branches": [flow(One=function("held")), flow(Other=function("held"))]}
    with serve(*options) as server:
        sfn = client_of(server)
        execution = sfn.start_execution(stateMachineArn=create(sfn, "both", flow(Both=both)))["executionArn"]
        while not called.exists():
            pass
        before = history(sfn, execution)
        kill(server)
    gate.touch()
    with serve(*options) as server:
        assert ended(client_of(server), execution)["status"] == "SUCCEEDED"
        assert history(client_of(server), execution)[: len(before)] == before
    assert "LambdaFunctionStarted" in [event["type"] for event in before]


def test_an_answer_that_was_taken_counts_after_a_restart(state: str) -> None:
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            arn = create(sfn, "asks", flow(Ask=token()))
            execution = sfn.start_execution(stateMachineArn=arn, name="one")["executionArn"]
            functions.wait_for("ask", 1)
            sfn.send_task_success(taskToken=functions.calls("ask")[0]["token"], output='"yes"')
            kill(server)
        with serve(*options) as server:
            assert ended(client_of(server), execution)["output"] == '"yes"'


def test_a_wait_goes_on_where_it_was_on_the_real_clock(state: str) -> None:
    with serve("--state", state, "--clock", "real") as server:
        sfn = client_of(server)
        definition = flow(Wait={"Type": "Wait", "Seconds": 2}, Done={"Type": "Pass"})
        execution = sfn.start_execution(stateMachineArn=create(sfn, "waits", definition))["executionArn"]
        kill(server)
    with serve("--state", state, "--clock", "real") as server:
        found = ended(client_of(server), execution)
        assert (found["stopDate"] - found["startDate"]).total_seconds() < 60
        events = client_of(server).get_execution_history(executionArn=execution)["events"]
    check_consistent(events)
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "WaitStateEntered", "WaitStateExited", "PassStateEntered", "PassStateExited",
        "ExecutionSucceeded",
    ]  # fmt: skip


def test_a_distributed_map_that_was_interrupted_begins_again(state: str) -> None:
    processor = flow(Held=function("slow")) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    each = {"Type": "Map", "ItemProcessor": processor, "Label": "Each", "ItemsPath": "$.items"}
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            arn = create(sfn, "maps", flow(Each=each))
            [(_, execution)] = start(sfn, {"maps": arn}, 1).values()
            functions.wait_for("slow", 3)
            [first] = sfn.list_map_runs(executionArn=execution)["mapRuns"]
            kill(server)
        functions.gate.set()
        with serve(*options) as server:
            sfn = client_of(server)
            assert ended(sfn, execution)["status"] == "SUCCEEDED"
            runs = sfn.list_map_runs(executionArn=execution)["mapRuns"]
            found = {run["mapRunArn"]: sfn.describe_map_run(mapRunArn=run["mapRunArn"]) for run in runs}
            assert {run["status"] for run in found.values()} == {"ABORTED", "SUCCEEDED"}
            old = sfn.list_executions(mapRunArn=first["mapRunArn"])["executions"]
            assert {child["status"] for child in old} == {"ABORTED"}
            assert found[first["mapRunArn"]]["executionCounts"]["aborted"] == 3


def test_children_whose_map_run_was_not_kept_yet_are_forgotten(state: str) -> None:
    processor = flow(Held=function("slow")) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    each = {"Type": "Map", "ItemProcessor": processor, "ItemsPath": "$.items"}
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            arn = create(client_of(server), "maps", flow(Each=each))
            [(_, execution)] = start(client_of(server), {"maps": arn}, 1).values()
            functions.wait_for("slow", 3)
            client_of(server).list_map_runs(executionArn=execution)
            kill(server)
        with changing(state) as connection:
            connection.execute("DELETE FROM map_runs")
            connection.execute("DELETE FROM events")
        functions.gate.set()
        with serve(*options) as server:
            assert ended(client_of(server), execution)["status"] == "SUCCEEDED"
            assert len(client_of(server).list_map_runs(executionArn=execution)["mapRuns"]) == 1
        with changing(state) as connection:
            assert connection.execute("SELECT count(*) FROM executions").fetchone() == (1 + 3,)


@contextmanager
def changing(state: str) -> Iterator[sqlite3.Connection]:
    """The file of a state that no server has."""
    connection = sqlite3.connect(Path(state) / "everypath.sqlite")
    with connection:
        yield connection
    connection.close()


def test_a_nested_execution_is_waited_for_again_and_not_started_twice(state: str) -> None:
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "OutputPath": "$.Output",
    }
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            inner = create(sfn, "inner", flow(Ask=token()))
            nested["Parameters"] = {"StateMachineArn": inner}  # type: ignore[assignment]
            outer = create(sfn, "outer", flow(Nested=nested))
            execution = sfn.start_execution(stateMachineArn=outer)["executionArn"]
            functions.wait_for("ask", 1)
            while history(sfn, execution)[-1]["type"] != "TaskSubmitted":
                pass
            kill(server)
        with serve(*options) as server:
            sfn = client_of(server)
            sfn.send_task_success(taskToken=functions.calls("ask")[0]["token"], output='"yes"')
            assert ended(sfn, execution)["output"] == '"yes"'
            assert len(sfn.list_executions(stateMachineArn=inner)["executions"]) == 1


def test_an_express_execution_that_was_interrupted_runs_again(state: str) -> None:
    with endpoint() as functions:
        options = ("--state", state, "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            arn = create(sfn, "fast", flow(Held=function("slow")), type="EXPRESS")
            sfn.start_execution(stateMachineArn=arn, input='{"id": "one"}')
            functions.wait_for("slow", 1)
            kill(server)
        functions.gate.set()
        with serve(*options):
            functions.wait_for("slow", 2)
    assert functions.counts("slow") == {"one": 2}


def test_a_template_wins_over_what_is_stored_and_executions_keep_what_they_ran(tmp_path: Path, state: str) -> None:
    options = ("--state", state, "--template", str(write_template(tmp_path, PASS | {"Comment": "first"})))
    with serve(*options) as server:
        sfn = client_of(server)
        [machine] = sfn.list_state_machines()["stateMachines"]
        arn = machine["stateMachineArn"]
        sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
        execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    with serve(*options) as server:
        assert "revisionId" not in client_of(server).describe_state_machine(stateMachineArn=arn)
    write_template(tmp_path, PASS | {"Comment": "second"})
    with serve(*options) as server:
        sfn = client_of(server)
        found = sfn.describe_state_machine(stateMachineArn=arn)
        assert json.loads(found["definition"])["Comment"] == "second"
        assert found["revisionId"]
        assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]
        ran = sfn.describe_state_machine_for_execution(executionArn=execution)
        assert json.loads(ran["definition"])["Comment"] == "first"


def refusal(state: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a server that cannot use its state says, in one line."""
    assert main(["serve", "--port", "0", "--state", state]) == 2
    message = capsys.readouterr().err
    assert message.startswith("everypath: --state: ")
    assert message.count("\n") == 1
    return message


def test_two_servers_do_not_share_a_state(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("--state", state) as server:
        assert "is in use by another process" in refusal(state, capsys)
        kill(server)
    with serve("--state", state):
        pass


def test_a_state_of_another_schema_is_refused(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(state).mkdir()
    with changing(state) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "has schema 99, and this everypath reads schema 2" in refusal(state, capsys)


def test_a_file_that_is_no_state_is_refused(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(state).mkdir()
    (Path(state) / "everypath.sqlite").write_text("This is no database, however long one looks at it. " * 50)
    assert "is damaged, or no state of everypath" in refusal(state, capsys)


def test_a_row_that_cannot_be_read_is_told(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serve("--state", state) as server:
        create(client_of(server), "any", PASS)
    with changing(state) as connection:
        connection.execute("UPDATE machines SET data = 'x'")
    assert "is damaged" in refusal(state, capsys)


def test_a_state_that_is_no_directory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used: File exists" in refusal(str(tmp_path / "file"), capsys)


def test_what_cannot_be_written_is_told_and_not_answered(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    from everypath.server.protocol import ApiError
    from everypath.server.store.records import ActivityRecord
    from everypath.server.store.sqlite_writer import SqliteWriter, open_file

    connection, path = open_file(state)
    connection.execute("DROP TABLE activities")
    writer = SqliteWriter(connection, path)
    writer.begin(set(), 0)
    writer.save_activity(ActivityRecord("arn", "name", 0.0, {}))
    with pytest.raises(ApiError, match=r"cannot write to .*: no such table: activities"):
        asyncio.run(writer.flushed())
    writer.close()
    assert "what happens now is lost" in capsys.readouterr().err
