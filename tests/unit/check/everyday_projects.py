"""Small projects as people write them, each with what is wrong in it by the rules whose precision is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, str]
States = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """A project and the findings that are right for it.

    Parameters
    ----------
    title : str
        What it is a case of.
    states : dict
        Its states.
    source : str or None
        The handler of the function whose ARN is ``${ReserveFunctionArn}``; None for a bare definition.
    right : tuple of (str, str)
        The codes and the places of the findings that are right.
    runtime : str
        The runtime of the function.
    fields : dict
        Further fields of the definition.
    express : bool
        Whether it is an Express workflow.
    modules : dict
        Further modules of the function.
    """

    title: str
    states: States
    source: str | None = None
    right: tuple[Place, ...] = ()
    runtime: str = "python3.13"
    fields: dict[str, Any] = field(default_factory=dict)
    express: bool = False
    modules: dict[str, str] = field(default_factory=dict)


#: What the services require.
_PARAMETERS: dict[str, dict[str, Any]] = {
    "dynamodb:putItem": {"TableName": "t", "Item": {}},
    "aws-sdk:ssm:getParameter": {"Name": "n"},
    "aws-sdk:glue:getJobRun": {"JobName": "j", "RunId": "r"},
    "aws-sdk:s3:listObjectsV2": {"Bucket": "b"},
    "sqs:sendMessage": {"QueueUrl": "q", "MessageBody": "m"},
    "glue:startJobRun": {"JobName": "j"},
}


def call(**fields: Any) -> States:
    """A task that calls the function."""
    ending = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": "${ReserveFunctionArn}", **ending, **fields}


def service(resource: str, **fields: Any) -> States:
    """A task that calls a service."""
    ending = {} if "Next" in fields else {"End": True}
    parameters = _PARAMETERS.get(resource.partition(".")[0], {})
    given = {} if "Arguments" in fields else {"Parameters": parameters}
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", **given, **ending, **fields}


def catching(*names: str, then: str = "Broken", path: str = "$.error") -> list[States]:
    """A list of one catcher."""
    return [{"ErrorEquals": list(names), "ResultPath": path, "Next": then}]


def choice(*rules: States, default: str | None = None) -> States:
    """A Choice; each rule has its ``Next``."""
    return {"Type": "Choice", "Choices": list(rules), **({"Default": default} if default else {})}


def when(variable: str, operator: str, value: Any, then: str) -> States:
    """A rule of a Choice."""
    return {"Variable": variable, operator: value, "Next": then}


def condition(text: str, then: str) -> States:
    """A rule of a Choice in JSONata."""
    return {"Condition": f"{{% {text} %}}", "Next": then}


DONE, BROKEN = {"Type": "Succeed"}, {"Type": "Fail", "Error": "Broken"}
WAIT = {"Type": "Wait", "Seconds": 30, "Next": "Ask"}
ONE: States = {"Work": call()}
LOST: tuple[Place, ...] = (("EP107", "/States/Work"),)
BOTO = (
    "import boto3\nimport logging\nlogger = logging.getLogger()\ntable = boto3.resource('dynamodb').Table('orders')\n"
)

SWALLOWED = [
    Project(
        "a web handler that answers 500",
        ONE,
        BOTO
        + """
def handler(event, context):
    try:
        table.put_item(Item=event)
        return {"statusCode": 200}
    except Exception as error:
        logger.exception("put failed")
        return {"statusCode": 500, "body": str(error)}
""",
        LOST,
    ),
    Project(
        "an answer of 500 that a Choice looks at",
        {
            "Work": call(Next="Saved?"),
            "Saved?": choice(when("$.statusCode", "NumericEquals", 200, "Done"), default="Broken"),
            "Done": DONE,
            "Broken": BROKEN,
        },
        BOTO
        + """
def handler(event, context):
    try:
        table.put_item(Item=event)
    except Exception as error:
        return {"statusCode": 500, "body": str(error)}
    return {"statusCode": 200}
""",
    ),
    Project(
        "an answer that no Choice looks at, although there is one",
        {
            "Work": call(ResultPath="$.saved", Next="Large?"),
            "Large?": choice(when("$.total", "NumericGreaterThan", 9, "Done"), default="Broken"),
            "Done": DONE,
            "Broken": BROKEN,
        },
        BOTO
        + """
def handler(event, context):
    try:
        table.put_item(Item=event)
    except Exception as error:
        return {"message": str(error)}
    return {"message": "saved"}
""",
        LOST,
    ),
    Project(
        "a helper that logs and loses what it could not write",
        ONE,
        BOTO
        + """
def save(order):
    try:
        table.put_item(Item=order)
    except Exception as error:
        logger.error("not saved: %s", error)

def handler(event, context):
    save(event)
    return {"order": event["id"]}
""",
        LOST,
    ),
    Project(
        "a helper whose result is checked",
        ONE,
        """
import subprocess

def convert(source, target):
    try:
        subprocess.run(["ffmpeg", "-i", source, target], check=True)
        return True
    except Exception as error:
        print(f"conversion failed: {error}")
        return False

def handler(event, context):
    if not convert(event["source"], "/tmp/out.wav"):
        raise RuntimeError("conversion failed")
    return {"file": "/tmp/out.wav"}
""",
    ),
    Project(
        "cleaning up in a finally, and formatting an old error",
        ONE,
        """
import os

def reason(error):
    try:
        return error["Cause"][:300]
    except Exception:
        return "unknown"

def handler(event, context):
    path = f"/tmp/{event['id']}"
    try:
        open(path, "w").close()
        return {"previous": reason(event.get("error", {}))}
    finally:
        try:
            os.remove(path)
        except Exception as error:
            print(f"cleaning up failed: {error}")
""",
    ),
    Project(
        "attempts of its own, and an error after the last",
        ONE,
        """
import time
import urllib.request

def handler(event, context):
    for attempt in range(3):
        try:
            return urllib.request.urlopen(event["url"]).read().decode()
        except Exception as error:
            print("again", error)
            time.sleep(2 ** attempt)
    raise RuntimeError("no answer after three attempts")
""",
    ),
    Project(
        "failures of a batch that are returned",
        ONE,
        BOTO
        + """
def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            table.put_item(Item=record)
        except Exception:
            logger.exception("record")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
""",
    ),
    Project(
        "failures of a batch that are skipped",
        ONE,
        BOTO
        + """
def handler(event, context):
    count = 0
    for record in event["Records"]:
        try:
            table.put_item(Item=record)
            count += 1
        except Exception:
            logger.exception("skipped")
            continue
    return {"written": count}
""",
        LOST,
    ),
    Project(
        "a failure that is reported to the workflow",
        {
            "Work": service(
                "lambda:invoke.waitForTaskToken",
                TimeoutSeconds=60,
                Parameters={"FunctionName": "${ReserveFunctionArn}"},
            )
        },
        """
import boto3
sfn = boto3.client("stepfunctions")

def handler(event, context):
    try:
        sfn.send_task_success(taskToken=event["token"], output="{}")
    except Exception as error:
        sfn.send_task_failure(taskToken=event["token"], error="Failed", cause=str(error))
""",
    ),
    Project(
        "a cache that is missed",
        ONE,
        BOTO
        + """
import redis
cache = redis.Redis()

def load(key):
    return table.get_item(Key={"id": key})["Item"]

def read(key):
    try:
        return cache.get(key)
    except Exception:
        return load(key)

def handler(event, context):
    return {"order": read(event["id"])}
""",
    ),
    Project(
        "a lookup that finds nothing, which the caller makes an error of",
        ONE,
        BOTO
        + """
class NotFound(Exception): ...

def find(key):
    try:
        return table.get_item(Key={"id": key})["Item"]
    except Exception:
        return None

def handler(event, context):
    order = find(event["id"])
    if order is None:
        raise NotFound(event["id"])
    return order
""",
    ),
    Project(
        "a lookup that finds nothing, with which the work goes on",
        ONE,
        BOTO
        + """
def prices(key):
    try:
        return table.query(KeyConditionExpression=key)["Items"]
    except Exception as error:
        logger.error(error)
        return []

def handler(event, context):
    found = prices(event["id"])
    return {"total": sum(each["price"] for each in found)}
""",
        LOST,
    ),
    Project(
        "a metric that could not be written",
        ONE,
        """
import boto3
cloudwatch = boto3.client("cloudwatch")

def measure(name):
    try:
        cloudwatch.put_metric_data(Namespace="shop", MetricData=[{"MetricName": name, "Value": 1}])
    except Exception as error:
        print("no metric", error)

def handler(event, context):
    measure("orders")
    return event
""",
    ),
    Project(
        "a number that is read, or 0",
        ONE,
        """
def number(text):
    try:
        return int(text.strip())
    except Exception:
        return 0

def handler(event, context):
    try:
        limit = float(event.get("limit"))
    except Exception:
        limit = 10.0
    return {"quantity": min(number(event["quantity"]), limit)}
""",
    ),
    Project(
        "a mail about an error that could not be sent, before the error is raised again",
        ONE,
        BOTO
        + """
ses = boto3.client("ses")

def handler(event, context):
    try:
        table.put_item(Item=event)
    except Exception as failure:
        try:
            ses.send_email(Source="a", Destination={}, Message={})
        except Exception:
            logger.exception("no mail")
        raise
""",
    ),
    Project(
        "a flag that is looked at later",
        ONE,
        BOTO
        + """
def handler(event, context):
    saved = True
    try:
        table.put_item(Item=event)
    except Exception:
        saved = False
    if not saved:
        raise RuntimeError("not saved")
    return event
""",
    ),
    Project(
        "a decorator that turns every error into an answer",
        ONE,
        BOTO
        + """
import functools

def answering(function):
    @functools.wraps(function)
    def wrapper(event, context):
        try:
            return function(event, context)
        except Exception as error:
            return {"statusCode": 500, "body": str(error)}
    return wrapper

@answering
def handler(event, context):
    table.put_item(Item=event)
    return {"statusCode": 200}
""",
        LOST,
    ),
    Project(
        "a ClientError that the handler answers with a text",
        ONE,
        BOTO
        + """
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        table.put_item(Item=event)
    except ClientError as error:
        logger.error(error.response["Error"]["Message"])
        return "error"
    return "saved"
""",
        LOST,
    ),
    Project(
        "one code of a ClientError that is expected",
        ONE,
        BOTO
        + """
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        table.put_item(Item=event, ConditionExpression="attribute_not_exists(id)")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return {"duplicate": True}
        raise
    return {"duplicate": False}
""",
    ),
    Project(
        "a suppressed error of a file that is removed, and of an item that is written",
        ONE,
        BOTO
        + """
import contextlib
import os

def handler(event, context):
    with contextlib.suppress(Exception):
        os.remove("/tmp/order")
    with contextlib.suppress(Exception):
        table.put_item(Item=event)
    return event
""",
        LOST,
    ),
    Project(
        "a repository whose method says whether it has saved",
        ONE,
        BOTO
        + """
class Repository:
    def save(self, order):
        try:
            table.put_item(Item=order)
        except Exception as error:
            logger.error(error)
            return False
        return True

def handler(event, context):
    repository = Repository()
    saved = repository.save(event)
    return {"order": event["id"]} if saved else fail(event)

def fail(event):
    raise RuntimeError(event["id"])
""",
    ),
    Project(
        "tasks of a pool whose results are collected",
        ONE,
        BOTO
        + """
from concurrent.futures import ThreadPoolExecutor

def one(order):
    try:
        table.put_item(Item=order)
        return None
    except Exception as error:
        return str(error)

def handler(event, context):
    with ThreadPoolExecutor() as pool:
        errors = [each for each in pool.map(one, event["orders"]) if each]
    if errors:
        raise RuntimeError(errors)
    return len(event["orders"])
""",
    ),
    Project(
        "an error that is put into the answer, at which no Choice looks",
        ONE,
        BOTO
        + """
def handler(event, context):
    answer = {"status": "saved"}
    try:
        table.put_item(Item=event)
    except Exception as error:
        answer["status"] = "failed"
        answer["why"] = str(error)
    return answer
""",
        LOST,
    ),
    Project(
        "an error that is put into the answer, at which a Choice looks",
        {
            "Work": call(Next="Saved?"),
            "Saved?": choice(when("$.status", "StringEquals", "saved", "Done"), default="Broken"),
            "Done": DONE,
            "Broken": BROKEN,
        },
        BOTO
        + """
def handler(event, context):
    answer = {"status": "saved"}
    try:
        table.put_item(Item=event)
    except Exception as error:
        answer["status"] = "failed"
    return answer
""",
    ),
    Project(
        "failures of items that are counted in the answer, and noted in a list of the caller",
        ONE,
        BOTO
        + """
def copy(orders, errors):
    for order in orders:
        try:
            table.put_item(Item=order)
        except Exception as error:
            errors.append(str(error))

def handler(event, context):
    failed = 0
    for order in event["first"]:
        try:
            table.put_item(Item=order)
        except Exception:
            failed += 1
    errors = []
    copy(event["second"], errors)
    return {"failed": failed, "errors": errors}
""",
    ),
    Project(
        "a message to the team that is not sent, and a refinement that is left out",
        ONE,
        BOTO
        + """
import urllib.request

def notify_team(text):
    try:
        urllib.request.urlopen("https://example.com", data=text)
    except Exception as error:
        logger.warning("not sent: %s", error)

def refined(order):
    try:
        return {**order, **table.get_item(Key={"id": order["id"]})["Item"]}
    except Exception:
        return order

def handler(event, context):
    notify_team(b"an order")
    return refined(event)
""",
    ),
    Project(
        "an error that is answered by a function of its own",
        ONE,
        BOTO
        + """
import json
import traceback

def respond(body):
    return {"body": json.dumps(body)}

def handler(event, context):
    try:
        table.put_item(Item=event)
        return respond({"result": "saved"})
    except:
        return respond({"exception": traceback.format_exc()})
""",
        LOST,
    ),
    Project(
        "a status that is written where the work failed, and nothing else",
        ONE,
        BOTO
        + """
def handler(event, context):
    try:
        table.update_item(Key={"id": event["id"]}, UpdateExpression="SET a = b")
    except Exception as error:
        table.put_item(Item={"id": event["id"], "status": "FAILED", "why": str(error)})
    return {"id": event["id"]}
""",
        LOST,
    ),
]

PURE = "def handler(event, context):\n    return event\n"
THROTTLED = {"Work": call(Catch=catching("ThrottlingException")), "Broken": BROKEN}
NAMED_AT = "/States/Work/Catch/0/ErrorEquals/0"

OTHER_SERVICES = [
    Project("a throttling that Lambda names otherwise", THROTTLED, PURE, (("EP108", NAMED_AT),)),
    Project("the same, and a handler in JavaScript", THROTTLED, "", runtime="nodejs22.x"),
    Project(
        "the same, and a function that is defined elsewhere",
        {
            "Work": {**THROTTLED["Work"], "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:other"},
            "Broken": BROKEN,
        },
    ),
    Project(
        "the same, and a library that may raise it",
        THROTTLED,
        "from shared_lib import go\ndef handler(event, context):\n    return go(event)\n",
    ),
    Project(
        "the same, and a client that comes from a module of the code",
        {
            "Work": call(Catch=catching("ProvisionedThroughputExceededException", "ConditionalCheckFailedException")),
            "Broken": BROKEN,
        },
        "from clients import table\ndef handler(event, context):\n    table().put_item(Item=event)\n",
        modules={"clients.py": "import boto3\ndef table():\n    return boto3.resource('dynamodb').Table('orders')\n"},
    ),
    Project(
        "the same, and clients that are passed on",
        THROTTLED,
        "import boto3\ndef make(name):\n    return getattr(boto3, 'client')(name)\ndef handler(event, context):\n    "
        "return make('ssm').get_parameter(Name='x')\n",
    ),
    Project(
        "a retrier that was copied from a Lambda task",
        {"Work": service("dynamodb:putItem", Catch=catching("Lambda.ServiceException")), "Broken": BROKEN},
        right=(("EP108", NAMED_AT),),
    ),
    Project(
        "an error of DynamoDB without its prefix, and one with it",
        {
            "Work": service(
                "dynamodb:putItem",
                Catch=[
                    *catching("ConditionalCheckFailedException"),
                    *catching("DynamoDB.ConditionalCheckFailedException"),
                ],
            ),
            "Broken": BROKEN,
        },
        right=(("EP108", NAMED_AT),),
    ),
    Project(
        "an error of an SDK integration without its prefix",
        {
            "Work": service(
                "aws-sdk:ssm:getParameter",
                Catch=[*catching("ParameterNotFound"), *catching("Ssm.ParameterNotFoundException")],
            ),
            "Broken": BROKEN,
        },
        right=(("EP108", NAMED_AT),),
    ),
    Project(
        "an error of DynamoDB's integration on a Lambda task",
        {"Work": call(Catch=catching("DynamoDB.ConditionalCheckFailedException")), "Broken": BROKEN},
        PURE,
        (("EP108", NAMED_AT),),
    ),
    Project(
        "a name that whoever answers a callback has chosen",
        {
            "Work": service(
                "sqs:sendMessage.waitForTaskToken", TimeoutSeconds=60, Catch=catching("ThrottlingException")
            ),
            "Broken": BROKEN,
        },
    ),
    Project(
        "an error of a job",
        {
            "Work": service(
                "glue:startJobRun.sync", Catch=catching("Glue.ConcurrentRunsExceededException", "JobFailed")
            ),
            "Broken": BROKEN,
        },
    ),
]

RACE = {"StartAt": "Met", "States": {"Met": {"Type": "Fail", "Error": "States.QuorumMet"}}}
AGAIN = {"StartAt": "Again", "States": {"Again": {"Type": "Fail", "ErrorPath": "$.error.Error"}}}
OWN = {"Work": call(Catch=catching("States.CardDeclined")), "Broken": BROKEN}

RESERVED = [
    Project(
        "a name that a Fail state of a branch raises",
        {
            "Race": {"Type": "Parallel", "Branches": [RACE], "Catch": catching("States.QuorumMet"), "End": True},
            "Broken": BROKEN,
        },
    ),
    Project(
        "a name that is only known at run time",
        {
            "Race": {"Type": "Parallel", "Branches": [AGAIN], "Catch": catching("States.QuorumMet"), "End": True},
            "Broken": BROKEN,
        },
    ),
    Project(
        "a timeout that is mistyped",
        {"Work": call(Catch=catching("States.TimedOut")), "Broken": BROKEN},
        PURE,
        (("EP202", NAMED_AT),),
    ),
    Project(
        "a timeout that is mistyped, and a handler in JavaScript",
        {"Work": call(Catch=catching("States.Timedout")), "Broken": BROKEN},
        "",
        (("EP202", NAMED_AT),),
        "nodejs22.x",
    ),
    Project("a name of their own, and a handler in JavaScript", OWN, "", runtime="nodejs22.x"),
    Project("a name of their own that no Python class can have", OWN, PURE, (("EP202", NAMED_AT),)),
    Project(
        "an invented name on a service",
        {"Work": service("sqs:sendMessage", Catch=catching("States.ServiceUnavailable")), "Broken": BROKEN},
        right=(("EP202", NAMED_AT),),
    ),
    Project(
        "a status of an HTTP task",
        {
            "Work": service(
                "http:invoke",
                Parameters={
                    "ApiEndpoint": "https://example.com",
                    "Method": "GET",
                    "Authentication": {"ConnectionArn": "arn:aws:events:eu-west-1:1:connection/a/b"},
                },
                Catch=catching("States.Http.StatusCode.429", "States.Http.Socket"),
            ),
            "Broken": BROKEN,
        },
    ),
    Project(
        "a name that whoever answers a callback has chosen",
        {
            "Work": service("sqs:sendMessage.waitForTaskToken", TimeoutSeconds=60, Catch=catching("States.Rejected")),
            "Broken": BROKEN,
        },
    ),
]

AFTER = "/States/Work/Catch/0/Next"

SUCCESSES = [
    Project(
        "every error ends in success",
        {"Work": call(Catch=catching("States.ALL", then="Done"), Next="Done"), "Done": DONE},
        right=(("EP216", AFTER),),
    ),
    Project(
        "every error ends in a Pass that says failed",
        {
            "Work": call(Catch=catching("States.ALL", then="Failed")),
            "Failed": {"Type": "Pass", "Result": "failed", "End": True},
        },
        right=(("EP216", AFTER),),
    ),
    Project(
        "every error is told to somebody",
        {
            "Work": call(Catch=catching("States.ALL", then="Tell")),
            "Tell": service("sns:publish", Parameters={"TopicArn": "t", "Message": "m"}),
        },
    ),
    Project(
        "every error is handled by a function",
        {"Work": call(Catch=catching("States.ALL", then="Clean Up")), "Clean Up": call()},
    ),
    Project(
        "a step that may fail, and the flow goes on",
        {
            "Work": call(Catch=catching("States.ALL", then="Assume"), Next="Ship"),
            "Assume": {"Type": "Pass", "Result": "low", "ResultPath": "$.risk", "Next": "Ship"},
            "Ship": call(),
        },
    ),
    Project(
        "an item that fails alone",
        {
            "Each": {
                "Type": "Map",
                "ItemProcessor": {
                    "StartAt": "Work",
                    "States": {
                        "Work": call(Catch=catching("States.ALL", then="Note")),
                        "Note": {"Type": "Pass", "End": True},
                    },
                },
                "End": True,
            }
        },
    ),
    Project(
        "an error that is expected",
        {
            "Work": service(
                "dynamodb:putItem", Catch=catching("DynamoDB.ConditionalCheckFailedException", then="Known")
            ),
            "Known": DONE,
        },
    ),
    Project(
        "an Express workflow that answers",
        {
            "Work": call(Catch=catching("States.ALL", then="Answer")),
            "Answer": {"Type": "Pass", "Result": {"statusCode": 500}, "End": True},
        },
        PURE,
        express=True,
    ),
    Project(
        "a saga that undoes and fails",
        {"Work": call(Catch=catching("States.ALL", then="Undo")), "Undo": call(Next="Broken"), "Broken": BROKEN},
    ),
    Project(
        "every error is tried again later",
        {
            "Work": call(Catch=catching("States.ALL", then="Later")),
            "Later": {"Type": "Wait", "Seconds": 60, "Next": "Work"},
        },
        fields={"TimeoutSeconds": 900},
    ),
]

TWO = {"Yes": DONE, "No": BROKEN}
NO_DEFAULT: tuple[Place, ...] = (("EP301", "/States/Which?"),)

CHOICES = [
    Project(
        "true or false",
        {
            "Which?": choice(when("$.ok", "BooleanEquals", True, "Yes"), when("$.ok", "BooleanEquals", False, "No")),
            **TWO,
        },
    ),
    Project(
        "true and nothing else",
        {"Which?": choice(when("$.ok", "BooleanEquals", True, "Yes")), "Yes": DONE},
        right=NO_DEFAULT,
    ),
    Project(
        "present or absent",
        {
            "Which?": choice(
                when("$.ok", "IsPresent", True, "Yes"), {"Not": {"Variable": "$.ok", "IsPresent": True}, "Next": "No"}
            ),
            **TWO,
        },
    ),
    Project(
        "two statuses of more",
        {
            "Which?": choice(
                when("$.status", "StringEquals", "SUCCEEDED", "Yes"), when("$.status", "StringEquals", "FAILED", "No")
            ),
            **TWO,
        },
        right=NO_DEFAULT,
    ),
    Project(
        "below a number or not",
        {
            "Which?": choice(
                when("$.total", "NumericLessThan", 500, "Yes"), when("$.total", "NumericGreaterThanEquals", 500, "No")
            ),
            **TWO,
        },
    ),
    Project(
        "below a number or above it",
        {
            "Which?": choice(
                when("$.total", "NumericLessThan", 500, "Yes"), when("$.total", "NumericGreaterThan", 500, "No")
            ),
            **TWO,
        },
        right=NO_DEFAULT,
    ),
    Project(
        "a condition and its opposite in JSONata",
        {
            "Which?": choice(
                condition("$states.input.total > 500", "Yes"), condition("$states.input.total <= 500", "No")
            ),
            **TWO,
        },
        fields={"QueryLanguage": "JSONata"},
    ),
    Project(
        "one condition in JSONata",
        {"Which?": choice(condition("$states.input.status = 'READY'", "Yes")), "Yes": DONE},
        right=NO_DEFAULT,
        fields={"QueryLanguage": "JSONata"},
    ),
    Project(
        "none or some",
        {
            "Which?": choice(
                when("$.Count", "NumericEquals", 0, "Yes"), when("$.Count", "NumericGreaterThan", 0, "No")
            ),
            **TWO,
        },
    ),
    Project(
        "a Choice with a default",
        {"Which?": choice(when("$.status", "StringEquals", "READY", "Yes"), default="No"), **TWO},
    ),
]

ASK = service("aws-sdk:glue:getJobRun", Parameters={"JobName": "j", "RunId": "r"}, Next="Ready?")
ASK_JSONATA = service("aws-sdk:glue:getJobRun", Arguments={"JobName": "j", "RunId": "r"}, Next="Ready?")
ENDLESS: tuple[Place, ...] = (("EP302", "/States/Ask"),)
READY = when("$.JobRun.State", "StringEquals", "READY", "Done")


def polling(*rules: States, wait: States = WAIT, ask: States = ASK, **more: States) -> States:
    """A loop that asks, chooses and waits; the rules lead out of it."""
    return {"Ask": ask, "Ready?": choice(*rules, default="Wait"), "Wait": wait, "Done": DONE, **more}


COUNT = {
    "Type": "Pass",
    "Parameters": {"attempts.$": "States.MathAdd($.attempts, 1)"},
    "ResultPath": "$.counted",
    "Next": "Wait",
}

LOOPS = [
    Project("a job that is asked for until it is ready", polling(READY), right=ENDLESS),
    Project("the same, within an hour", polling(READY), fields={"TimeoutSeconds": 3600}),
    Project("the same, in an Express workflow", polling(READY), PURE, express=True),
    Project(
        "the same in JSONata",
        polling(condition("$states.input.JobRun.State = 'READY'", "Done"), ask=ASK_JSONATA),
        right=ENDLESS,
        fields={"QueryLanguage": "JSONata"},
    ),
    Project(
        "rounds that are counted",
        polling(READY, when("$.counted.attempts", "NumericGreaterThan", 9, "Broken"), Broken=BROKEN),
    ),
    Project(
        "rounds that are counted in JSONata",
        polling(
            condition("$states.input.JobRun.State = 'READY'", "Done"),
            condition("$attempt = $maximum", "Broken"),
            wait={**WAIT, "Assign": {"attempt": "{% $attempt + 1 %}"}},
            ask={**ASK_JSONATA, "Assign": {"attempt": 1, "maximum": 5}},
            Broken=BROKEN,
        ),
        fields={"QueryLanguage": "JSONata"},
    ),
    Project(
        "rounds that a function counts",
        polling(
            when("$.iterator.continue", "BooleanEquals", False, "Done"),
            ask=call(Next="Ready?", ResultPath="$.iterator"),
        ),
    ),
    Project(
        "pages until there is no next one",
        polling(
            {"Not": {"Variable": "$.page.NextToken", "IsPresent": True}, "Next": "Done"},
            ask=service("aws-sdk:s3:listObjectsV2", Parameters={"Bucket": "b"}, Next="Ready?", ResultPath="$.page"),
        ),
    ),
    Project("items until there is none left", polling(when("$.items[0]", "IsPresent", False, "Done"))),
    Project(
        "a deadline",
        polling(
            READY,
            {"Variable": "$$.State.EnteredTime", "TimestampGreaterThanPath": "$.until", "Next": "Broken"},
            Broken=BROKEN,
        ),
    ),
    Project(
        "a review that somebody repeats",
        polling(
            when("$.review", "StringEquals", "ACCEPTED", "Done"),
            ask=service("sqs:sendMessage.waitForTaskToken", TimeoutSeconds=86400, Next="Ready?"),
        ),
    ),
    Project(
        "a status of HTTP that is waited for",
        polling(when("$.answer.StatusCode", "NumericEquals", 200, "Done")),
        right=ENDLESS,
    ),
    Project(
        "a task that is tried again after every error",
        {"Ask": call(Catch=catching("Busy", then="Wait")), "Wait": WAIT},
        right=ENDLESS,
    ),
]

PROJECTS = [*SWALLOWED, *OTHER_SERVICES, *RESERVED, *SUCCESSES, *CHOICES, *LOOPS]
