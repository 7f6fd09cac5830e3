"""Starts, resumes and redrives executions on the embedded engine."""
