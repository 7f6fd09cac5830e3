"""moto's server, a Step Functions endpoint that others wrote, with the application's handler behind its Lambda.

Prints its URL when it answers, and serves until it is told to stop. It runs in the virtual environment of the clients.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

from bench import moto_lambda
from moto import mock_aws
from moto.moto_server.threaded_moto_server import ThreadedMotoServer


def main() -> None:
    """Serve."""
    moto_lambda.install()
    # What a state machine calls, moto reaches through boto3: it has to come back to moto.
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        print(f"http://{host}:{port}", flush=True)
        # What the handler and moto log is nothing that anybody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
        server.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
