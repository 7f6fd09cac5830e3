"""The functions of a template under the names by which an endpoint knows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from everypath.lambda_runtime.invoke import LambdaAnswer, LambdaFunctions, LambdaRequest

if TYPE_CHECKING:
    from everypath.sam.model import Template


class OfTemplate:
    """Invokes functions at an endpoint; see `LambdaFunctions`.

    A function to which the template gives no name gets one when it is deployed, which the ARNs in its definitions
    foretell. ``sam local start-lambda`` knows it by its logical id.
    """

    def __init__(self, template: Template, endpoint: LambdaFunctions) -> None:
        self._template = template
        self._endpoint = endpoint

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function."""
        function = self._template.find_function(request.function)
        if function is not None and function.name == f"{self._template.stack}-{function.logical_id}":
            request = replace(request, function=function.logical_id)
        return self._endpoint.invoke(request)
