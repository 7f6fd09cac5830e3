from concurrent.futures import ThreadPoolExecutor

import pytest

from everypath.integrations.clients import Connections
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

ASSUMED = """
<AssumeRoleResponse><AssumeRoleResult><Credentials>
  <AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
  <Expiration>2030-01-01T00:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""
ROLE = "arn:aws:iam::222222222222:role/other"


def test_a_client_is_made_once_for_a_service_a_region_and_a_role(connections: Connections, service: StandIn) -> None:
    assert connections.client("sqs", "us-east-1") is connections.client("sqs", "us-east-1")
    assert connections.client("sqs", "us-east-1") is not connections.client("sqs", "eu-west-1")


def test_threads_that_ask_at_the_same_time_get_the_same_client(service: StandIn) -> None:
    connections = Connections()
    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(lambda _: connections.client("sqs", "us-east-1"), range(4)))
    assert len(set(map(id, clients))) == 1


def test_a_change_of_the_endpoint_is_seen(
    connections: Connections, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = connections.client("sqs", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    after = connections.client("sqs", "us-east-1")
    assert (before.meta.endpoint_url, after.meta.endpoint_url) == (service.url, "http://127.0.0.1:1")


def test_a_session_of_the_callers_own_makes_the_clients(service: StandIn) -> None:
    import boto3

    session = boto3.session.Session(aws_access_key_id="OWN", aws_secret_access_key="s")
    service.answers({"QueueUrls": []})
    Connections(lambda: session).client("sqs", "us-east-1").list_queues()
    assert "Credential=OWN/" in service.request.headers["Authorization"]


def test_the_role_of_a_state_is_assumed_for_its_calls(call: Request, service: StandIn) -> None:
    service.answers(ASSUMED).answers({})
    call("dynamodb:putItem", {"TableName": "t", "Item": {}}, role_arn=ROLE)
    assume, put = service.requests
    assert assume.form["RoleArn"] == ROLE
    assert "Credential=ASSUMED/" in put.headers["Authorization"]


def test_requests_to_an_api_are_signed_in_the_role_of_the_state(call: Request, service: StandIn) -> None:
    service.answers(ASSUMED).answers()
    parameters = {"ApiEndpoint": service.url, "Method": "GET", "AuthType": "IAM_ROLE"}
    call("apigateway:invoke", parameters, role_arn=ROLE)
    assert "Credential=ASSUMED/" in service.requests[1].headers["Authorization"]
    assert service.requests[1].headers["X-Amz-Security-Token"] == "t"
