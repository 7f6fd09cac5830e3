"""What is published of the project: its wheel and its source distribution."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
import zipfile
from contextlib import chdir
from email.message import Message
from email.parser import Parser
from fnmatch import fnmatch
from pathlib import Path

import pytest
from flit_core import buildapi

import everypath

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    with chdir(ROOT):
        return zipfile.ZipFile(folder / buildapi.build_wheel(str(folder)))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(wheel.read(name).decode())


def names_in_the_source_distribution(folder: Path) -> set[str]:
    with chdir(ROOT), tarfile.open(folder / buildapi.build_sdist(str(folder))) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def names_in_the_project() -> set[str]:
    """What Git tracks; in a source distribution, where there is no Git, all that it would not ignore."""
    if (ROOT / ".git").exists():
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        return {name for name in tracked.stdout.split("\0") if name and (ROOT / name).exists()}
    ignored = (ROOT / ".gitignore").read_text().replace("/", "").split()
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return {str(path) for path in paths if not any(fnmatch(part, name) for part in path.parts for name in ignored)}


def test_the_version_is_stated_in_the_package_alone(metadata: Message) -> None:
    assert "version" not in PYPROJECT["project"]
    assert metadata["Version"] == everypath.__version__


def test_the_licence_is_apache_2_and_goes_with_the_package(wheel: zipfile.ZipFile, metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    [name] = [name for name in wheel.namelist() if name.endswith("/LICENSE")]
    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()
    assert b"Apache License\n                           Version 2.0, January 2004" in wheel.read(name)


def test_the_source_distribution_holds_every_file_of_the_project(tmp_path: Path) -> None:
    assert names_in_the_project() - names_in_the_source_distribution(tmp_path) == set()


def test_the_changelog_tells_of_this_version() -> None:
    released = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == everypath.__version__


def test_the_readme_has_no_link_that_a_package_index_cannot_follow(metadata: Message) -> None:
    readme = metadata.get_payload()
    assert isinstance(readme, str)
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert [link for link in re.findall(r"\]\(([^)]*)\)", readme) if not re.match(r"https://|#", link)] == []


def test_the_release_of_jsonata_python_whose_internals_are_overridden_is_the_one_that_is_installed() -> None:
    [required] = [each for each in PYPROJECT["project"]["dependencies"] if each.startswith("jsonata-python")]
    assert re.fullmatch(r"jsonata-python==[\d.]+", required)
    assert required in (ROOT / "requirements.txt").read_text().splitlines()
