"""Lambda's Invoke API: a request, what is answered, and the protocol of everything that functions can be invoked at."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Protocol

from everypath.asl.resource import NOT_WAITED_FOR

EVENT, DRY_RUN = NOT_WAITED_FOR
#: What awslambdaric puts into the payload of a function that has raised; old versions put no requestId there.
_OLD_ERROR_PAYLOAD = frozenset({"errorMessage", "errorType", "stackTrace"})
_ERROR_PAYLOADS = (_OLD_ERROR_PAYLOAD | {"requestId"}, _OLD_ERROR_PAYLOAD)


@dataclass(frozen=True, slots=True)
class LambdaRequest:
    """One invocation.

    Parameters
    ----------
    function : str
        The function's name, name:qualifier, partial or whole ARN.
    payload : str
        JSON text; empty where there is none, which a function receives as ``{}``.
    qualifier, invocation_type, log_type, client_context : str
        As Lambda's Invoke takes them; empty where they are not given.
    """

    function: str
    payload: str = ""
    qualifier: str = ""
    invocation_type: str = ""
    log_type: str = ""
    client_context: str = ""

    @property
    def function_qualifier(self) -> str:
        """The version or alias in what the function is called."""
        return self.function.rpartition("function:")[2].partition(":")[2]


@dataclass(frozen=True, slots=True)
class LambdaAnswer:
    """What Lambda has answered.

    Parameters
    ----------
    payload : str
        The text that the function returned, or the JSON text of its error.
    function_error : str
        ``Unhandled`` or ``Handled`` where the function has raised, otherwise empty.
    status : int
        The HTTP status.
    headers : tuple of pairs of str
        The HTTP headers as they were sent.
    """

    payload: str
    function_error: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """Return the value of a header, empty where it is missing."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def request_id(self) -> str:
        """The id that Lambda gave to the invocation."""
        return self.header("x-amzn-RequestId")

    @property
    def executed_version(self) -> str:
        """The version that ran, ``$LATEST`` where no version or alias was called."""
        return self.header("X-Amz-Executed-Version")


class LambdaRefusal(Exception):
    """Lambda has not invoked the function.

    Parameters
    ----------
    code, message : str
        As Lambda gives them: ``ResourceNotFoundException`` and ``Function not found: …``.
    status : int
        The HTTP status.
    request_id : str
        Lambda's, or one made here where none was sent.
    """

    def __init__(self, code: str, message: str, status: int, request_id: str = "") -> None:
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id or str(uuid.uuid4())
        super().__init__(message)


class LambdaUnreachable(Exception):
    """Lambda could not be reached; the message is as the Java SDK words it."""


class LambdaFunctions(Protocol):
    """Where functions can be invoked."""

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function and wait for it.

        Raises
        ------
        LambdaRefusal
            If Lambda does not invoke it.
        LambdaUnreachable
            If there is no answer.
        """
        ...


def looks_like_error(payload: str) -> bool:
    """Tell whether a payload is that of a Python function that has raised.

    ``sam local start-lambda`` sends such payloads without the header that marks them, and whoever trusts it takes
    every exception for a success. No function is likely to return exactly these fields.
    """
    if not payload.startswith("{"):
        return False
    try:
        value = json.loads(payload)
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() in _ERROR_PAYLOADS and isinstance(value["stackTrace"], list)
