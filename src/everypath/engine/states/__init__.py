"""The state types: one coroutine for each."""
