"""Replays cases on an endpoint, one method for each kind of case, and judges the answers."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from tests.conformance import outcomes
from tests.conformance.aws_services import AwsServices
from tests.conformance.cases import Case, with_bytes
from tests.conformance.comparison import compare_history, compare_response, is_client_side
from tests.conformance.endpoint import ROLE, Endpoint
from tests.conformance.lambda_endpoint import LambdaEndpoint
from tests.conformance.responder import Responder
from tests.conformance.verdict import Verdict

_OF_BOTO3 = "the recorded refusal is boto3's own"


class Skipped(Exception):
    """The case cannot be judged here; the message says why."""


class Replayer:
    """Replays one case after another on an endpoint.

    Parameters
    ----------
    url : str
        Where the Step Functions API is.
    lambdas : LambdaEndpoint
        Where the endpoint calls functions.
    aws : AwsServices
        Where it calls other services.
    limit : float
        Seconds that one case may take.
    """

    def __init__(self, url: str, lambdas: LambdaEndpoint, aws: AwsServices, limit: float) -> None:
        self._lambdas, self._aws = lambdas, aws
        self._endpoint = Endpoint(url, aws.url or lambdas.url, limit)
        self._kinds: dict[str, Callable[[Case], Verdict]] = {
            "execution": self._execution,
            "sync_execution": self._sync_execution,
            "output_batch": self._output_batch,
            "outcome": self._outcome,
            "validation": self._validation,
            "test_state": self._test_state,
            "api": self._api,
        }

    def replay(self, case: Case) -> Verdict:
        """Replay a case and return the verdict.

        Whatever the endpoint does fails the case, never the run.

        Raises
        ------
        Skipped
            The case cannot be judged here.
        """
        if case.needs_other_services and not self._aws.url:
            raise Skipped("needs other AWS services, and moto[server] is not installed")
        self._endpoint.restart_limit()
        self._lambdas.serve(case.fields.get("lambdas", []))
        try:
            return self._kinds[case.kind](case)
        except Skipped:
            raise
        except Exception as error:
            return Verdict(note=f"{type(error).__name__}: {error}"[:500])
        finally:
            self._endpoint.clean_up()
            if case.needs_other_services:
                self._aws.reset()

    def _execution(self, case: Case) -> Verdict:
        machine, expected = self._prepare(case), case.fields["expected"]
        plan = case.fields.get("responder")
        with Responder(plan, self._endpoint.client) if plan else contextlib.nullcontext():
            started = self._endpoint.call("start_execution", stateMachineArn=machine, input=case.fields["input_text"])
            execution = started["executionArn"]
            description = self._endpoint.finish(
                execution, 1.0 if expected["status"] in ("RUNNING", "ABORTED") else None
            )
            if expected["status"] == "ABORTED":
                self._endpoint.call("stop_execution", executionArn=execution)
                description = self._endpoint.finish(execution, 5.0)
            if not expected.get("events"):
                return compare_response(case, expected["describe_execution"], description)
            events = self._endpoint.history(execution, case.fields.get("reverse_order", False))
            return compare_history(case, events, description["status"])

    def _sync_execution(self, case: Case) -> Verdict:
        machine = self._prepare(case)
        answer = self._endpoint.answer("start_sync_execution", stateMachineArn=machine, input=case.fields["input_text"])
        return compare_response(case, case.fields["expected"]["sync_response"], answer)

    def _output_batch(self, case: Case) -> Verdict:
        """Run many small executions, each judged by its output; the time limit holds for each of them."""
        total = Verdict.perfect()
        for number, item in enumerate(case.fields["items"]):
            self._endpoint.restart_limit()
            name = re.sub(r"\W", "-", case.id)[-60:] + f"-{number}"
            machine = self._endpoint.create_machine({"name": name, "definition": item["definition"]})
            text = json.dumps(item["input"])
            started = self._endpoint.call("start_execution", stateMachineArn=machine, input=text)
            description = self._endpoint.finish(started["executionArn"])
            actual = {key: description.get(key) for key in ("status", "output")}
            expected = {"status": "SUCCEEDED", "output": item["expected_output"]}
            total &= compare_response(case, expected, actual, f"$.items[{number}]")
        return total

    def _outcome(self, case: Case) -> Verdict:
        """Run one execution, judged by what came of it; or judge a definition by whether it is accepted."""
        self._make(case.setup_calls)
        name, definition = "outcome-" + re.sub(r"\W", "-", case.id)[-60:], json.dumps(case.fields["definition"])
        request = {"name": name, "roleArn": ROLE, "definition": definition} | case.fields.get("request", {})
        made = self._endpoint.answer("create_state_machine", **request)
        expected = case.fields["expected"]
        if "stateMachineArn" not in made:
            if "Error" not in made:
                return Verdict(note=str(made)[:300])
            told = self._endpoint.answer("validate_state_machine_definition", definition=definition)
            texts = [made["Error"]["Message"], *(one["message"] for one in told.get("diagnostics", []))]
            return outcomes.judge(expected, {"refused": made["Error"]["Code"], "texts": texts})
        if expected.get("accepted"):
            return Verdict.perfect()
        text = json.dumps(case.fields["input"])
        started = self._endpoint.call("start_execution", stateMachineArn=made["stateMachineArn"], input=text)
        end = self._endpoint.finish(started["executionArn"])
        if end["status"] == "SUCCEEDED":
            return outcomes.judge(expected, {"output": outcomes.parse_output(end["output"])})
        return outcomes.judge(expected, {"error": end.get("error"), "cause": end.get("cause")})

    def _validation(self, case: Case) -> Verdict:
        expected = case.fields.get("expected_response") or case.fields["expected_error"]
        if is_client_side(expected):
            raise Skipped(_OF_BOTO3)
        self._make(case.setup_calls)
        return compare_response(case, expected, self._endpoint.answer(case.fields["api"], **case.fields["request"]))

    def _test_state(self, case: Case) -> Verdict:
        expected = case.fields["expected_response"]
        if is_client_side(expected):
            raise Skipped(_OF_BOTO3)
        request = {key: value for key, value in case.fields["request"].items() if not key.endswith("_json")}
        return compare_response(case, expected, self._endpoint.answer("test_state", **request))

    def _api(self, case: Case) -> Verdict:
        """Replay a sequence of calls and judge every answer that was recorded for one of them."""
        recorded = {key: value for key, value in case.fields["recorded"].items() if not is_client_side(value)}
        if not any(key in recorded for step in case.fields["steps"] for key in step.get("snapshot_keys", [])):
            raise Skipped("no answer of Step Functions was recorded that a replay could be compared with")
        total = Verdict.perfect()
        given: dict[str, str] = {}  # what the server has given out that a later call must repeat
        for step in case.fields["steps"]:
            keys = [key for key in step.get("snapshot_keys", []) if key in recorded]
            parameters = {
                name: given.get(value, value) if isinstance(value, str) else value
                for name, value in step["params"].items()
            }
            answer = self._step(step["op"], step["service"], with_bytes(parameters), judged=bool(keys))
            map_run = (answer.get("mapRuns") or [{}])[0].get("mapRunArn")
            given |= {"${nextToken}": answer.get("nextToken", "")} | ({"${mapRunArn}": map_run} if map_run else {})
            for key in keys:
                total &= compare_response(case, recorded[key], answer, f"$.{key}")
        return total

    def _step(self, operation: str, service: str, parameters: dict[str, Any], *, judged: bool) -> dict[str, Any]:
        """Make one call of a sequence; where the recorded test waited for an execution, wait."""
        if operation == "get_execution_history" and not judged:
            with contextlib.suppress(Exception):
                self._endpoint.finish(parameters["executionArn"], 3.0)
        answer = self._endpoint.answer(operation, service, **parameters)
        if operation == "list_executions" and not judged:
            time.sleep(0.5)
        return answer

    def _prepare(self, case: Case) -> str:
        """Make what the case needs and return the ARN of its state machine."""
        if re.search(r"<[a-z-]+:\d+>", json.dumps(case.fields["state_machine"]["definition"])):
            raise Skipped("the recording does not hold the definition with its real addresses")
        others = [call for call in case.setup_calls if call["service"] != "stepfunctions"]
        self._make(others)
        for machine in case.fields.get("other_state_machines", []):
            self._endpoint.create_machine(machine)
        arn = self._endpoint.create_machine(case.fields["state_machine"])
        self._make([call for call in case.setup_calls if call not in others])
        return arn

    def _make(self, calls: list[dict[str, Any]]) -> None:
        for call in calls:
            self._endpoint.answer(call["op"], call["service"], **with_bytes(call["params"]))
