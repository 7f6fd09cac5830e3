"""Templates of one state machine."""

from __future__ import annotations

import json
from pathlib import Path


def write_template(folder: Path, definition: object, kind: str = "STANDARD", name: str = "Machine") -> Path:
    """Write a template with a state machine and return its path."""
    properties = {"Name": name, "Type": kind, "Definition": definition}
    resource = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    template = folder / "template.yaml"
    template.write_text(json.dumps({"Resources": {"Machine": resource}}))
    return template
