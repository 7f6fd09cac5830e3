"""The SQLite file that a server keeps its state in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from everypath.errors import InputError

#: What the tables below are; a file with another number is of another everypath.
SCHEMA = 2
FILE = "everypath.sqlite"
_TABLES = """
CREATE TABLE revisions (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE machines (arn TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE activities (arn TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE executions (number INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE events (execution INTEGER, first INTEGER, data TEXT NOT NULL, PRIMARY KEY (execution, first));
CREATE TABLE retried (execution INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE map_runs (execution INTEGER, arn TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, arn));
CREATE TABLE remains (execution INTEGER, arn TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, arn));
CREATE TABLE answers (execution INTEGER, token TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, token));
"""


def open_state(directory: str) -> tuple[sqlite3.Connection, Path]:
    """Open the file in a directory, which is made if it is not there.

    Raises
    ------
    InputError
        It cannot be used; the message says why.
    """
    path = Path(directory) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=0, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"--state: {directory} cannot be used: {getattr(error, 'strerror', None) or error}") from None
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            raise InputError(
                f"--state: {path} is in use by another process; one server at a time can have it"
            ) from None
        raise InputError(f"--state: {path} cannot be used: {error}") from None
    except sqlite3.DatabaseError as error:
        connection.close()
        raise InputError(f"--state: {path} is damaged, or no state of everypath: {error}") from None
    except InputError:
        connection.close()
        raise
    return connection, path


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # The lock is kept until the connection is closed, or the process ends.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables == 0:
        for statement in _TABLES.strip().split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    elif version != SCHEMA:
        raise InputError(f"--state: {path} has schema {version}, and this everypath reads schema {SCHEMA}")
    connection.commit()
