"""From any released version of the data file to this one: ordered steps, a backup first (architecture 1.5).

``user_version`` is major * 65536 + minor. A newer minor only added things and opens; a newer major does not. Nothing here
ever recreates or deletes a data file.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tokenpal.model.errors import StoreError
from tokenpal.store import backup, schema, schema_desktop, schema_sharing, schema_truth
from tokenpal.store.schema import APPLICATION_ID
from tokenpal.translation import tr

Step = Callable[[sqlite3.Connection], None]
log = logging.getLogger(__name__)


def m0001_initial(connection: sqlite3.Connection) -> None:
    """Every table of version 1."""
    for statement in statements(schema.LEDGER + schema.JOURNAL + schema.WORDS):
        connection.execute(statement)
    connection.execute("INSERT INTO meta(key, value) VALUES('zone', 'UTC'), ('grain', '3600')")


def m0002_sharing(connection: sqlite3.Connection) -> None:
    """Version 2: sharing with a team; a draw belongs to a week and a team."""
    for statement in statements(schema_sharing.TABLES + schema_sharing.DRAWS + schema_sharing.GUARDS):
        connection.execute(statement)


def m0003_truth(connection: sqlite3.Connection) -> None:
    """Version 3: a provider for each model, histories of limits and balances, corrections, exchange rates."""
    for statement in statements(schema_truth.MODELS + schema_truth.TABLES):
        connection.execute(statement)


def m0004_desktop(connection: sqlite3.Connection) -> None:
    """Version 4: budgets, what was notified and silenced, pins and templates of check-ins."""
    for statement in statements(schema_desktop.TABLES):
        connection.execute(statement)


STEPS: Final[tuple[tuple[int, int, Step], ...]] = (
    (1, 0, m0001_initial),
    (2, 0, m0002_sharing),
    (3, 0, m0003_truth),
    (4, 0, m0004_desktop),
)
"""Major, minor, step."""


def number(major: int, minor: int) -> int:
    """How ``user_version`` writes a version."""
    return major * 65536 + minor


def statements(script: str) -> list[str]:
    """The statements of a script; executescript would commit behind our back."""
    found, part = [], ""
    for piece in script.split(";"):
        part += piece + ";"
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return [statement for statement in found if statement.strip(" \n;")]


def upgrade(
    connection: sqlite3.Connection,
    path: Path,
    backups: Path,
    now: int,
    *,
    read_only: bool = False,
    steps: tuple[tuple[int, int, Step], ...] = STEPS,
) -> StoreError | None:
    """Bring the data file to the newest version; a step that fails leaves it unchanged and read-only, and is returned.

    Raises StoreError for a newer major, a damaged or a foreign file.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    newest = number(*steps[-1][:2])
    if version // 65536 > steps[-1][0]:
        raise StoreError(tr("The data file {path} was made by a newer tokenpal.", path=path), tr("Update tokenpal, then start it again."))
    if owner not in {0, APPLICATION_ID} or (owner == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone()):
        raise StoreError(tr("The file {path} belongs to another program.", path=path), tr("Choose another folder with TOKENPAL_HOME."))
    if read_only and version < number(steps[-1][0], 0):
        raise StoreError(tr("The data file {path} cannot be read before it is upgraded.", path=path), tr("Start tokenpal once with write access to it."))
    if read_only:
        return None
    connection.execute("PRAGMA journal_mode = WAL")
    saved = backup.rotate(connection, backups, version // 65536, now) if 0 < version < newest else None
    if version >= newest:
        return None
    connection.execute("BEGIN IMMEDIATE")  # all steps or none: nobody sees a version between, nor makes a backup of it
    try:
        # Another process may have done it while we waited for the lock.
        done = connection.execute("PRAGMA user_version").fetchone()[0]
        for major, minor, step in steps:
            if done < number(major, minor):
                step(connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number(major, minor)}")
        connection.execute("COMMIT")
    except Exception as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if not version:
            raise
        log.exception("upgrade of the data file to version %d.%d failed", *steps[-1][:2])
        connection.execute("PRAGMA query_only = ON")
        failure = StoreError(
            tr("The data file could not be brought to this version; it is unchanged and read-only."),
            tr("A copy is at {saved}. Use the former version of tokenpal, or report the problem.", saved=saved),
        )
        failure.__cause__ = error
        return failure
    return None
