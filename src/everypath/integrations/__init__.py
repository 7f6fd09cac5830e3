"""Calls of AWS services and HTTP APIs: parameters, results, error names, jobs."""
