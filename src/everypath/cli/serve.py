"""``everypath serve``: the Step Functions API on this machine."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys

from everypath.cli.options import (
    add_command,
    add_parameter_overrides,
    parameter_overrides,
    require_lambda_endpoint,
)
from everypath.errors import InputError

DESCRIPTION = """\
Serve the Step Functions API on this machine, on the embedded engine, and the Invoke operation of the Lambda API.
boto3, the AWS CLI and other clients reach it by its URL:

  aws stepfunctions list-state-machines --endpoint-url http://127.0.0.1:8083

Functions run as the user who starts the server. SIGTERM or Ctrl-C stops it."""
EPILOG = """\
exit codes:
  0  the server was stopped
  2  an option, the template or the mock configuration is wrong

examples:
  everypath serve --template template.yaml
  everypath serve --function mock=functions/mock_api:app.lambda_handler"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(commands, "serve", help="serve the Step Functions API", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8083, help="port to listen on; 0 for any free one (default: 8083)")
    parser.add_argument(
        "--template", metavar="FILE", help="the SAM template whose state machines and functions are served"
    )
    add_parameter_overrides(parser)
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME=DIR:module.handler",
        help="a function to serve without a template, or in addition to one; can be repeated",
    )
    parser.add_argument(
        "--lambda-endpoint",
        metavar="URL",
        help="the URL of another Lambda API that tasks call, such as that of sam local start-lambda "
        "(default: functions run in this process)",
    )
    parser.add_argument(
        "--mock-config",
        metavar="FILE",
        help="mock configuration of Step Functions Local: stateMachineArn#Case starts an execution of a test case "
        "(default: the file that SFN_MOCK_CONFIG names)",
    )
    parser.add_argument(
        "--state",
        metavar="DIR",
        help="directory in which state machines, activities and executions are saved for the next start "
        "(default: they are not saved)",
    )
    parser.add_argument("--account", default="123456789012", metavar="N", help="account id (default: 123456789012)")
    parser.add_argument("--region", default="us-east-1", metavar="R", help="region (default: us-east-1)")
    parser.add_argument(
        "--clock",
        choices=("virtual", "real"),
        default="virtual",
        help="virtual: waits and retries take no time; real: they take as long as on AWS (default: virtual)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Serve until the server is stopped, and return the exit code."""
    # Objects that exist when the server is ready live as long as it: the garbage collector never has to visit them.
    gc.disable()
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise InputError(f"serve needs starlette and uvicorn (pip install 'everypath[serve]'): {error}") from None
    from everypath.server.http.listener import listen, open_socket, url_of
    from everypath.server.http.request_guard import is_loopback
    from everypath.server.startup import Settings, make_service

    _validate(options)
    settings = Settings(
        account=options.account,
        region=options.region,
        clock=options.clock,
        template=options.template,
        parameter_overrides=parameter_overrides(options),
        lambda_endpoint=options.lambda_endpoint,
        functions=options.function,
        state=options.state,
        mock_config=options.mock_config or os.environ.get("SFN_MOCK_CONFIG") or None,
    )
    service = make_service(settings)
    loopback = is_loopback(options.host)
    with open_socket(options.host, options.port) as listener:
        url = url_of(listener)
        # Nested executions are started here, unless the environment says otherwise.
        os.environ.setdefault("AWS_ENDPOINT_URL_SFN", url)
        if not loopback:
            print(
                f"everypath: warning: {options.host} can be reached from other machines; "
                "everyone who can connect can run your functions as you",
                file=sys.stderr,
            )
        import asyncio

        from everypath.server.http.app import make_app

        # While a function of a resumed execution runs, `sys.stdout` is its own.
        output = sys.stdout

        def ready() -> None:
            service.executor.resume_all()
            gc.freeze()
            gc.enable()
            print(f"Step Functions is served on {url}", file=output, flush=True)

        stopping = asyncio.Event()
        listen(make_app(service, stopping, loopback=loopback), listener, ready, stopping)
    service.store.close()
    return 0


def _validate(options: argparse.Namespace) -> None:
    if not re.fullmatch(r"\d{12}", options.account):
        raise InputError(f"--account: expected 12 digits, but got {options.account!r}")
    if not re.fullmatch(r"[a-z]{2,}(-[a-z0-9]+)+", options.region):
        raise InputError(f"--region: expected a region such as us-east-1, but got {options.region!r}")
    if not 0 <= options.port <= 65535:
        raise InputError(f"--port: expected a number from 0 to 65535, but got {options.port}")
    require_lambda_endpoint(options)
