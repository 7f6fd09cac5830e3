"""The local files that a synthesised template expects in S3: those of the CDK and of the Serverless Framework."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from everypath.sam.document import is_dir, is_file

#: What the Serverless Framework writes into its folder.
SERVERLESS_FOLDER = ".serverless"
SERVERLESS_TEMPLATE = "cloudformation-template-update-stack.json"


def local_asset(value: Any, metadata: Any, folder: Path) -> str | None:
    """Return the local path of an object in S3, relative to the template's folder; None where none is known.

    Parameters
    ----------
    value : Any
        The property that names the object: ``{"S3Bucket": …, "S3Key": …}``, ``{"Bucket": …, "Key": …}`` or a URL.
    metadata : Any
        The ``Metadata`` of the resource: the CDK writes ``aws:asset:path`` for local tools, unless it is told not to.
    folder : Path
        The template's folder.
    """
    if isinstance(metadata, dict) and isinstance(metadata.get("aws:asset:path"), str):
        return str(metadata["aws:asset:path"])
    if isinstance(value, str):
        key: Any = value if value.startswith(("s3://", "https://")) else None
    else:
        key = value.get("S3Key", value.get("Key")) if isinstance(value, dict) else None
    if not isinstance(key, str):
        return None
    if folder.name == SERVERLESS_FOLDER:
        return ".."  # one archive of the whole project, unless functions are packaged individually
    name = key.rpartition("/")[2]
    digest = name.partition(".")[0]
    for manifest in sorted(folder.glob("*.assets.json")):
        path = _source_path(manifest, digest)
        if path is not None:
            return path
    for path in (f"asset.{name}", f"asset.{digest}"):
        if is_file(folder / path) or is_dir(folder / path):
            return path
    return None


def _source_path(manifest: Path, digest: str) -> str | None:
    try:
        data: Any = json.loads(manifest.read_text(encoding="utf-8"))
        return str(data["files"][digest]["source"]["path"])
    except (OSError, ValueError, KeyError, TypeError):  # another file of that name, or one without this asset
        return None
