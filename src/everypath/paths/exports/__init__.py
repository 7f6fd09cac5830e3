"""Cases in the formats of other tools: mock files, TestState calls, pytest files."""
