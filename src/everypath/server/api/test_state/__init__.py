"""TestState: runs one state alone on the engine, and shows its data after each field."""
