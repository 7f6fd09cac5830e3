"""Runs cases, in this process or in several, each with a server and services of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.conformance.aws_services import AwsServices
from tests.conformance.cases import Case
from tests.conformance.lambda_endpoint import LambdaEndpoint
from tests.conformance.replayer import Replayer, Skipped
from tests.conformance.results import Result
from tests.conformance.server_process import ServerProcess, free_port


@dataclass(frozen=True)
class Subject:
    """What is judged.

    Parameters
    ----------
    endpoint : str
        URL of a server; with `start`, where the server that is started shall listen, or empty for any port.
    start : str
        Command that starts a server; empty where one runs already.
    limit : float
        Seconds that one case may take.
    """

    endpoint: str = ""
    start: str = ""
    limit: float = 30.0


def run_cases(subject: Subject, cases: Sequence[Case], jobs: int = 1) -> list[Result]:
    """Run cases and return their results, sorted by id.

    Parameters
    ----------
    subject : Subject
        The endpoint; several processes need one that they can start themselves, on any port.
    cases : sequence of Case
        What is run.
    jobs : int
        Number of processes.
    """
    if jobs == 1:
        results = _run_one_after_another(subject, cases)
    else:
        subject = Subject(start=subject.start, limit=subject.limit)
        # Not forked: a process that has run cases before has threads, which would not be there in a copy of it.
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            shards = pool.map(_run_one_after_another, [subject] * jobs, [cases[part::jobs] for part in range(jobs)])
            results = [result for shard in shards for result in shard]
    return sorted(results, key=lambda result: result.case.id)


def _run_one_after_another(subject: Subject, cases: Sequence[Case]) -> list[Result]:
    lambdas, aws, server = LambdaEndpoint(), AwsServices(), None
    if subject.start:
        port = int(subject.endpoint.rsplit(":", 1)[1]) if subject.endpoint else free_port()
        server = ServerProcess(subject.start, port, lambdas.url, aws.url or lambdas.url)
    replayer = Replayer(server.url if server else subject.endpoint, lambdas, aws, subject.limit)
    try:
        return [_run(case, replayer, server) for case in cases]
    finally:
        if server:
            server.stop()


def _run(case: Case, replayer: Replayer, server: ServerProcess | None) -> Result:
    if server:
        server.ensure()
    started, verdict, skipped = time.monotonic(), None, ""
    try:
        verdict = replayer.replay(case)
    except Skipped as reason:
        skipped = str(reason)
    return Result(case, verdict, skipped, round(time.monotonic() - started, 3))
