"""The Data Science SDK's own Workflow class, as its documentation uses it; prints what came of each step as JSON.

It runs in the virtual environment of the clients, with what ``pip install stepfunctions`` brings.
"""

from __future__ import annotations

import json

from stepfunctions.inputs import ExecutionInput
from stepfunctions.steps import Chain, Fail, Pass, Wait
from stepfunctions.workflow import Workflow

ROLE = "arn:aws:iam::123456789012:role/workflow"


def main() -> None:
    """Go through the life of a workflow."""
    found = {}
    given = ExecutionInput(schema={"name": str})
    steps = Chain([Wait("Wait a day", seconds=86400), Pass("Greet", parameters={"greeting": given["name"]})])
    workflow = Workflow("sdk", definition=steps, role=ROLE, execution_input=given)
    found["created"] = workflow.create()
    found["created again"] = workflow.create()

    execution = workflow.execute(name="first", inputs={"name": "world"})
    found["output"] = execution.get_output(wait=True)
    found["input"] = execution.get_input()
    found["status"] = execution.describe()["status"]
    found["events"] = [event["type"] for event in execution.list_events()]
    found["events in reverse"] = [event["type"] for event in execution.list_events(reverse_order=True, max_items=2)]
    found["executions"] = [[one.name, one.status.name if hasattr(one.status, "name") else one.status]
                           for one in workflow.list_executions()]  # fmt: skip
    found["workflows"] = [one["name"] for one in Workflow.list_workflows()]

    found["attached"] = Workflow.attach(found["created"]).name
    found["updated"] = workflow.update(definition=Chain([Fail("Give up", error="Broken", cause="it is")]))
    execution = workflow.execute(inputs={"name": "x"})
    found["output after the update"] = execution.get_output(wait=True)
    found["status after the update"] = execution.describe()["status"]
    workflow.delete()
    found["workflows after the deletion"] = [one["name"] for one in Workflow.list_workflows()]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
