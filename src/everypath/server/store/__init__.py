"""What the server holds: state machines, executions and activities, in memory and in an SQLite file."""
