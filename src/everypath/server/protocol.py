"""What requests and responses of the API are made of: JSON objects, timestamps and errors."""

from __future__ import annotations

import time
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An error that an operation returns, in the words of the service.

    Parameters
    ----------
    code : str
        AWS's name of the error, such as ``StateMachineDoesNotExist``.
    message : str
        What the caller reads.
    status : int
        The HTTP status; Step Functions answers 400 to whatever the caller did wrong.
    fields : str
        Further members of the error's shape, such as ``resourceName``.
    """

    def __init__(self, code: str, message: str, status: int = 400, **fields: str) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        super().__init__(f"{code}: {message}")


def timestamp(moment: float) -> float:
    """Return seconds since the epoch as responses have them, to the millisecond."""
    return round(moment, 3)


def now() -> float:
    """Return the wall clock's time as responses have it."""
    return timestamp(time.time())
