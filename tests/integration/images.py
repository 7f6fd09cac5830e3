"""The image that functions run in: Amazon's where it can be pulled, otherwise a stand-in that is made here."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("lambda_image.sh")
#: Seconds that pulling or making an image may take.
PATIENCE = 300


@dataclass(frozen=True)
class Image:
    """An image.

    Parameters
    ----------
    runtime : str
        The runtime that it has, such as ``python3.13``.
    architecture : str
        As Lambda calls that of this machine.
    name : str
        What Docker calls it.
    is_stand_in : bool
        Whether it is not Amazon's.
    """

    runtime: str
    architecture: str
    name: str
    is_stand_in: bool

    @property
    def parameters(self) -> list[str]:
        """Options of SAM that make a template ask for this runtime."""
        return ["--parameter-overrides", f"Runtime={self.runtime}", f"Architecture={self.architecture}"]

    @property
    def options(self) -> list[str]:
        """Options of ``sam local`` that make it use this image, which is there already."""
        chosen = ["--invoke-image", self.name] if self.is_stand_in else []
        return [*self.parameters, "--skip-pull-image", *chosen]


def image_for(runtime: str) -> Image:
    """Return Amazon's image of a runtime, or the stand-in with the Python that this machine's Debian has."""
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    name = f"public.ecr.aws/lambda/{runtime.replace('python', 'python:')}-{architecture}"
    if _succeeds("docker", "image", "inspect", name) or _succeeds("docker", "pull", "--quiet", name):
        return Image(runtime, architecture, name, is_stand_in=False)
    made = subprocess.run(
        [SCRIPT],
        env=os.environ | {"PIP": f"{sys.executable} -m pip"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert made.returncode == 0, f"{name} cannot be pulled, nor a stand-in be made:\n{made.stderr}"
    stand_in = made.stdout.strip()
    return Image(stand_in.rpartition("/")[2].partition("-")[0], architecture, stand_in, is_stand_in=True)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE).returncode == 0
