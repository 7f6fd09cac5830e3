"""Runs executions of state machines: clocks, a scheduler, an interpreter, and a coroutine for each type of state."""
