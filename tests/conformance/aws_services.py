"""The AWS services that cases reach besides Step Functions and Lambda, by moto."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import urllib.request

from tests.conformance.endpoint import ACCOUNT


class AwsServices:
    """moto's server, in this process.

    Attributes
    ----------
    url : str or None
        Where it listens; None where moto's server is not installed.
    """

    def __init__(self) -> None:
        self.url: str | None = None
        if importlib.util.find_spec("moto") is None:
            return
        os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT  # moto reads it when it is imported
        try:
            moto = importlib.import_module("moto.server")
        except ImportError:
            return
        logging.disable(logging.CRITICAL)  # moto logs every request, and a traceback for every one it cannot answer
        server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        self.url = "http://{}:{}".format(*server.get_host_and_port())

    def reset(self) -> None:
        """Forget all resources."""
        if self.url:
            urllib.request.urlopen(f"{self.url}/moto-api/reset", data=b"", timeout=30).close()
