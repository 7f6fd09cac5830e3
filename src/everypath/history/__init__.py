"""An execution's event history: events, branches, attempts, where it can be resumed, and the `Execution` result."""
