"""Runs the same executions elsewhere: on a Step Functions endpoint, and on a deployed stack."""

from everypath.targets.target import parse_target

__all__ = ["parse_target"]
