"""The way from a container to the functions of this machine, as Step Functions Local takes it."""

from __future__ import annotations

import json
import subprocess

import yaml

from tests.integration.images import Image
from tests.integration.sfn_local import COMPOSE, bridge_address, lambda_endpoint

CALL = """
import sys, urllib.request
answer = urllib.request.urlopen(sys.argv[1], b'{"statusCode": "503"}', timeout=30)
print(answer.headers["X-Amz-Function-Error"], answer.read().decode())
"""


def test_a_container_calls_the_functions_that_are_served_on_the_bridge(image: Image) -> None:
    [service] = yaml.safe_load(COMPOSE.read_text())["services"].values()
    hosts = [f"--add-host={host}" for host in service["extra_hosts"]]
    with lambda_endpoint(bridge_address()) as port:
        url = service["environment"]["LAMBDA_ENDPOINT"].replace("${LAMBDA_PORT:-8084}", str(port))
        invoke = f"{url}/2015-03-31/functions/MockAPIFunction/invocations"
        container = ["docker", "run", "--rm", *hosts, "--entrypoint", image.runtime, image.name, "-c", CALL, invoke]
        called = subprocess.run(container, capture_output=True, text=True, timeout=120)
    assert called.returncode == 0, called.stderr
    header, _, payload = called.stdout.partition(" ")
    assert header == "Unhandled"
    assert json.loads(payload)["errorType"] == "ServerUnavailableException"
