"""Opens the endpoint's database: a SQLite file, or PostgreSQL by URL; durable before anything is answered with 201.

SQLite: WAL, synchronous FULL, readable by its owner only. PostgreSQL: synchronous_commit on, limits on waiting. Nothing that
a statement carried is ever in an error or a log line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tokenpal.model.errors import StoreError, UsageError
from tokenpal.team import tables

WAIT_SECONDS: Final = 10
LOCK_NUMBER: Final = 7_040_117  # any number of ours: processes that start at once make the tables one after the other


def sqlite_url(file: Path) -> str:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def open_database(address: str) -> Engine:
    """Open it and make its tables. ``address``: ``sqlite:///file`` or ``postgresql://...``.

    Raises UsageError for another kind of address, StoreError when it does not open or was made by a newer version.
    """
    url = _url(address)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    try:
        with engine.begin() as connection:
            _make_tables(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(
            f"The team database {url.render_as_string(hide_password=True)} does not open ({_cause(error)}).",
            "Check that the server runs, and its address, name and password.",
        ) from None
    return engine


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("nothing")
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:  # the address may hold a password: it is not repeated
        raise UsageError("This is no address of a team database.", "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.")
    return url


def _cause(error: SQLAlchemyError) -> str:
    """The kind of the trouble, without anything that was typed."""
    return type(getattr(error, "orig", None) or error).__name__


def _sqlite(url: URL) -> Engine:
    if url.database:
        file = Path(url.database)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        file.chmod(0o600)  # WAL and shared memory files take over these rights
    engine = create_engine(url, hide_parameters=True, pool_size=18, max_overflow=0, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where the next function says, not where the driver guesses
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        looks = connection.get_execution_options().get("looks", False)
        connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    limits = f"-c synchronous_commit=on -c statement_timeout={WAIT_SECONDS}s -c idle_in_transaction_session_timeout=60s"
    return create_engine(
        url, hide_parameters=True, pool_size=18, max_overflow=0, pool_pre_ping=True, pool_timeout=WAIT_SECONDS,
        connect_args={"connect_timeout": WAIT_SECONDS, "options": limits, "application_name": "tokenpal team"},
    )  # fmt: skip


def _make_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK_NUMBER)))
    tables.metadata.create_all(connection)
    found = connection.execute(select(tables.schema.c.version)).scalar()
    if found is None:
        connection.execute(insert(tables.schema).values(version=tables.VERSION))
    elif found > tables.VERSION:
        raise StoreError("The team database was made by a newer version of tokenpal.", "Update tokenpal on this machine.")
