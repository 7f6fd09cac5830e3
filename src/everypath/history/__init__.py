"""An execution's event history: events, branches, visits, attempts, the point where it is resumed, and its result."""
