import os
import sys
from typing import Any


def handler(event: dict[str, Any], context: object) -> None:
    # Whoever waits for an answer cannot tell the two apart. The second would end the process of a test, too.
    if event["by"] == "sys.exit":
        sys.exit(3)
    os._exit(3)
