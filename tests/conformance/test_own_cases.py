"""everypath, judged by the project's own cases."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.cases import OWN_CASES, load_cases
from tests.conformance.divergences import KNOWN_DIVERGENCES, load_divergences

EVERYPATH = Path(sys.executable).with_name("everypath")
SERVE = (
    f"{shlex.quote(str(EVERYPATH))} serve --port {{port}} --lambda-endpoint {{lambda_endpoint}} --account {{account}}"
)


def test_everypath_does_what_aws_does_but_for_the_listed_divergences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.json"
    # How long a case takes is a matter of the machine, and not what is judged here.
    command = ["--start", SERVE, "--divergences", str(KNOWN_DIVERGENCES), "--timeout", "300", "--json", str(file)]
    code = main(command)
    assert code == 0, capsys.readouterr().out
    skipped = {result["id"] for result in json.loads(file.read_text()) if "skipped" in result}
    assert skipped <= {case.id for case in load_cases(OWN_CASES) if case.needs_other_services}


def test_every_listed_divergence_is_one_of_a_case_that_there_is() -> None:
    divergences = load_divergences(KNOWN_DIVERGENCES)
    assert divergences.keys() <= {case.id for case in load_cases(OWN_CASES)}
    assert all(divergence.reason and divergence.reaches != "full" for divergence in divergences.values())


def test_every_case_has_an_id_of_its_own_and_says_what_it_rests_on() -> None:
    cases = load_cases(OWN_CASES)
    assert len({case.id for case in cases}) == len(cases)
    assert all(len(case.fields["source"]) > 20 for case in cases)
