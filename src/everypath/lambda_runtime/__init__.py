"""Lambda functions: run in this process as the Lambda runtime for Python would, or invoked through an API."""
