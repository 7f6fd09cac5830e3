"""The exceptions of the libraries that handlers use, by what raises them."""

from __future__ import annotations

#: What Powertools raises, by the full name of what is called or decorated with.
_IDEMPOTENCY = (
    "IdempotencyAlreadyInProgressError",
    "IdempotencyInconsistentStateError",
    "IdempotencyPersistenceLayerError",
)
_PARAMETERS = ("GetParameterError", "TransformParameterError")
_VALIDATION = ("SchemaValidationError",)
_PARSER = ("ValidationError",)
_BATCH = ("BatchProcessingError",)
_UTILITIES = "aws_lambda_powertools.utilities."
POWERTOOLS: dict[str, tuple[str, ...]] = {
    "idempotency.idempotent": _IDEMPOTENCY,
    "idempotency.idempotent_function": _IDEMPOTENCY,
    "parameters.get_parameter": _PARAMETERS,
    "parameters.get_parameters": _PARAMETERS,
    "parameters.get_parameters_by_name": _PARAMETERS,
    "parameters.get_secret": _PARAMETERS,
    "parameters.get_app_config": _PARAMETERS,
    "validation.validate": _VALIDATION,
    "validation.validator": _VALIDATION,
    "parser.parse": _PARSER,
    "parser.event_parser": _PARSER,
    "batch.batch_processor": _BATCH,
    "batch.process_partial_response": _BATCH,
}

#: What the standard library raises by itself, apart from the built-in exceptions.
STANDARD = frozenset(
    {
        "BadZipFile", "CalledProcessError", "DecimalException", "HTTPError", "HTTPException", "InvalidOperation",
        "JSONDecodeError", "ParseError", "SSLError", "TimeoutExpired", "URLError", "gaierror", "timeout",
    }
)  # fmt: skip


def powertools_errors(name: str) -> tuple[str, ...]:
    """The exceptions that a function or decorator of Powertools raises, by its full name."""
    return POWERTOOLS.get(name.removeprefix(_UTILITIES), ()) if name.startswith(_UTILITIES) else ()


def is_client_exception(name: str) -> bool:
    """Whether any boto3 client may raise an exception of this name, such as ``ReadTimeoutError``."""
    from botocore import exceptions

    return isinstance(getattr(exceptions, name, None), type)
