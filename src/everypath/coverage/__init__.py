"""The elements of a definition, what an execution took of them, and their collection over a test run."""
