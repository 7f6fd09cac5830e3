"""The functions of a template at an endpoint, such as ``sam local start-lambda``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from everypath.lambda_runtime.endpoint_client import LambdaEndpoint
from everypath.lambda_runtime.invoke import LambdaAnswer, LambdaFunctions, LambdaRequest

if TYPE_CHECKING:
    from everypath.sam.model import Template


def template_endpoint(template: Template, url: str) -> TemplateNames:
    """Return the functions of a template at the endpoint of a URL."""
    functions = template.functions.values()
    timeouts = {name: function.timeout for function in functions for name in (function.logical_id, function.name)}
    return TemplateNames(template, LambdaEndpoint(url, timeouts))


class TemplateNames:
    """Invokes the functions of a template at an endpoint, by the names that the endpoint knows; see `LambdaFunctions`.

    The ARNs in a template's definitions contain the names that functions are deployed under. A function to which the
    template gives no name is known to ``sam local start-lambda`` by its logical id.
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
