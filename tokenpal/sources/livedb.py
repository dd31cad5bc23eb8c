"""Reads an agent's live SQLite database without disturbing it (agent-logs 2.4).

Read-only, in short transactions, only the columns a source names; nothing is written beside it, not even SQLite's own files
(``_opened``). A row becomes a Line: its rowid and
a JSON object ``{"table": …, column: value, …}``, so that ``parse`` stays a function of bytes. A table that only grows is
continued at its last rowid less an overlap, because rows are filled in while a response streams, and at the rows that were
not finished; it is read whole again when its rows were numbered anew. Others are read whole when the file changed. What the file lacks (a table, a column) is not an error; a hostile one meets limits of time and size.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.usage import Problem
from tokenpal.sources.base import Context, Cursor, Line, Piece, Progress

AT_ONCE: Final = 2_000  # rows of one transaction
OVERLAP: Final = 500  # rows that are looked at again: they may have been filled in since
BUSY_SECONDS: Final = 2.0
QUERY_SECONDS: Final = 20.0
LONGEST_VALUE: Final = 16 << 20
MOST_BYTES: Final = 64 << 20  # of rows at once
MOST_OPEN: Final = 2_000  # unfinished rows that are remembered: some stay so for ever
JUST_NOW_NS: Final = 2_000_000_000  # the file may change again without a new time
LOWEST: Final = -(1 << 63)
DAMAGE: Final = (sqlite3.Error, UnicodeDecodeError)  # the latter where SQLite's own message quotes what is no text
MOST_COPIED: Final = 4 << 30  # a database of which a private copy is made at most


class Column(msgspec.Struct, frozen=True):
    """One value of a row. ``sql`` may pick from JSON: ``json_extract(data, '$.tokens.input')``; text of the person stays out.

    ``pick`` is for what SQL cannot look into, such as compressed JSON: it gets the value and returns the numbers to keep,
    as plain values; the value itself goes no further. It never raises.
    """

    name: str
    sql: str = ""  # "" = the column of this name
    of: str = ""  # the column that must exist for it; "" = ``name`` for a plain column, else no condition
    also: tuple[tuple[str, str], ...] = ()  # (table, column) of others that must exist for it, when ``sql`` asks them
    pick: Callable[[Any], Any] | None = None


class Condition(msgspec.Struct, frozen=True):
    """A condition on rows that asks other tables, left out where these do not exist."""

    sql: str
    also: tuple[tuple[str, str], ...]


class Table(msgspec.Struct, frozen=True):
    """What is read of one table. A column that the table lacks is left out of its rows."""

    name: str
    columns: tuple[Column, ...]
    where: str = ""  # SQL; only columns in ``needs``
    conditions: tuple[Condition, ...] = ()  # besides ``where``
    needs: tuple[str, ...] = ()  # columns without which this table is not read at all
    grows: bool = True  # rows are added at the end; False: read whole whenever the file changed
    id: str = ""  # column that tells rows apart: where the last row is another one, rows were numbered anew (a migration)
    unfinished: str = ""  # SQL; only columns in ``needs``: such rows are looked at again, however many came after them
    kind: str = ""  # what rows say under "table"; "" = the table's name


def plain(*names: str) -> tuple[Column, ...]:
    """Columns as they are."""
    return tuple(Column(name) for name in names)


def read(path: Path, tables: Sequence[Table], context: Context) -> Iterator[Piece]:
    """The new rows of these tables, each table with a cursor of its own; nothing when the file did not change or is gone."""
    about = _about(path)
    if about is None:
        return
    todo = [table for table in tables if not _same(about, context.cursors.get(_name(path, table)))]
    if not todo:
        return
    context.may_wait()
    done = 0
    try:
        with _opened(path) as (connection, alone):
            for table in todo:
                done += 1
                for piece in _table(connection, path, table, about, context, Progress(done - 1, len(todo), 0, 0)):
                    if alone and not _still(path, about):
                        return  # an agent opened it meanwhile: the next look reads it
                    yield piece
    except (*DAMAGE, OSError) as error:
        reason = f"cannot be read: {_words(error)}"
        yield Piece(Cursor(f"{path}#", size=-1), (), first=False, problems=(Problem(str(path), "file", reason),))


class _Mark(msgspec.Struct, array_like=True, omit_defaults=True):
    """What ``Cursor.tail`` keeps of a growing table."""

    id: bytes = b""  # hash of the last row's id
    open: list[int] = []  # rowids of unfinished rows


def _table(connection: sqlite3.Connection, path: Path, table: Table, about: Cursor, context: Context, progress: Progress) -> Iterator[Piece]:
    name = _name(path, table)
    known = context.cursors.get(name)
    fresh = context.now() * 1_000_000_000 - about.mtime_ns < JUST_NOW_NS
    done = msgspec.structs.replace(about, name=name, size=-1 if fresh else about.size)
    columns = _columns(connection, table)
    if columns is None:
        if known is None or known.size != done.size or known.mtime_ns != done.mtime_ns:
            yield Piece(done, (), first=True)  # so that the next look need not open the file
        return
    grows = table.grows and _has_rowid(connection, table)
    mark = _mark(connection, table, known) if known is not None and known.inode == about.inode else None
    first, last, waiting = mark is None, LOWEST, ""
    kept = known if known is not None and mark is not None else Cursor(name)  # as far as it was read, when the rest cannot be
    after = LOWEST
    if mark is not None and known is not None and grows:
        last = known.offset
        after = max(LOWEST, last - OVERLAP)
        waiting = f" OR rowid IN ({','.join(map(str, mark.open))})" if mark.open else ""
    else:
        mark = _Mark()
    picked = "".join(f", {column.sql or _quoted(column.name)}" for column in columns)
    where = "".join(f" AND ({each})" for each in _conditions(connection, table))
    more = (f", {_quoted(table.id)}" if table.id else ", NULL") + (f", ({table.unfinished})" if table.unfinished else ", 0")
    while True:
        _patience(connection)
        sql = (
            f"SELECT {'rowid' if grows else '1'}{more}{picked} FROM {_quoted(table.name)}"
            f" WHERE {f'(rowid > {after}{waiting})' if grows else '1'}{where}"
            + (f" ORDER BY rowid LIMIT {AT_ONCE}" if grows else "")
        )
        kind, lines, size = table.kind or table.name, [], 0
        still_open = set(mark.open)
        try:  # row by row: values that are picked from may be large
            for at, row in enumerate(connection.execute(sql)):
                lines.append(Line(row[0] if grows else at, _line(kind, columns, row[3:])))
                if row[2]:
                    still_open.add(row[0])
                else:
                    still_open.discard(row[0])
                if grows and row[0] >= last:
                    last, mark.id = row[0], _digest(row[1])
                size += len(lines[-1].data)
                if size > MOST_BYTES:
                    break
        except DAMAGE as error:
            reason = f"table {table.name} cannot be read: {_words(error)}"
            yield Piece(msgspec.structs.replace(kept, size=-1), (), first=first, problems=(Problem(str(path), f"table {table.name}", reason),))
            return
        full = grows and (len(lines) == AT_ONCE or size > MOST_BYTES)
        problems = (Problem(str(path), f"table {table.name}", "is too large; the rest was left out"),) if size > MOST_BYTES and not grows else ()
        if grows and lines:
            after, waiting = max(after, lines[-1].offset), ""
        mark.open = sorted(still_open)[-MOST_OPEN:] if grows else []
        cursor = msgspec.structs.replace(done, size=-1 if full else done.size, offset=last if grows else 0, tail=msgspec.msgpack.encode(mark))
        yield Piece(cursor, lines, first, problems, progress=progress)
        first, kept = False, cursor
        if not full:
            return


def _mark(connection: sqlite3.Connection, table: Table, known: Cursor) -> _Mark | None:
    """Where to go on; None = from the start: nothing is known, or the rows have other numbers now."""
    try:
        mark = msgspec.msgpack.decode(known.tail, type=_Mark)
    except msgspec.MsgspecError:
        return None
    if table.grows and known.offset > LOWEST and table.id:
        row = connection.execute(f"SELECT {_quoted(table.id)} FROM {_quoted(table.name)} WHERE rowid = ?", (known.offset,)).fetchone()
        if row is None or _digest(row[0]) != mark.id:
            return None
    return mark


def _digest(value: Any) -> bytes:
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).digest()


def _line(kind: str, columns: Sequence[Column], values: Sequence[Any]) -> bytes:
    row: dict[str, Any] = {"table": kind}
    for column, value in zip(columns, values, strict=True):
        if column.pick is not None:
            value = column.pick(value)
        row[column.name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    try:
        return msgspec.json.encode(row)
    except (UnicodeEncodeError, ValueError):
        clean = {key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for key, value in row.items()}
        return msgspec.json.encode(clean)


def _columns(connection: sqlite3.Connection, table: Table) -> list[Column] | None:
    """Those that exist; None when the table is not there, is a view, or lacks what it needs."""
    kind = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (table.name,)).fetchone()
    if kind is None or kind[0] != "table":
        return None
    there = _of(connection, table.name)
    if not there.issuperset({*table.needs, *((table.id,) if table.id else ())}):
        return None
    return [
        column for column in table.columns
        if (column.of or ("" if column.sql else column.name)) in there | {""} and _there(connection, column.also)
    ]  # fmt: skip


def _conditions(connection: sqlite3.Connection, table: Table) -> list[str]:
    found = [condition.sql for condition in table.conditions if _there(connection, condition.also)]
    return [table.where, *found] if table.where else found


def _there(connection: sqlite3.Connection, also: tuple[tuple[str, str], ...]) -> bool:
    return all(column in _of(connection, table) for table, column in also)


def _of(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table; none when there is no such table."""
    return {row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")}


def _has_rowid(connection: sqlite3.Connection, table: Table) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {_quoted(table.name)} LIMIT 0")
    except DAMAGE:
        return False
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name(path: Path, table: Table) -> str:
    return f"{path}#{table.kind or table.name}"


# ---------------------------------------------------------------------------------------------- the file


def _about(path: Path) -> Cursor | None:
    """Size and time of the database with its log of writes; None when there is none."""
    size = newest = 0
    try:
        state = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(state.st_mode):  # opening a pipe would wait for a writer
        return None
    for part in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            found = os.stat(part)
            size += found.st_size
            newest = max(newest, found.st_mtime_ns)
    return Cursor(str(path), state.st_dev, state.st_ino, size, newest)


def _same(about: Cursor, known: Cursor | None) -> bool:
    return known is not None and (known.size, known.mtime_ns, known.inode) == (about.size, about.mtime_ns, about.inode)


def _logged(path: Path) -> bool:
    """Its log of writes is there: SQLite keeps readers and writers apart by itself."""
    return os.path.exists(f"{path}-wal")


def _still(path: Path, about: Cursor) -> bool:
    now = _about(path)
    return now is not None and _same(about, now) and not _logged(path)


def _writes_ahead(path: Path) -> bool:
    """Is it a database of the WAL kind? (SQLite's file format, 1.3.3)"""
    with open(path, "rb") as file:
        return file.read(20)[18:20] == b"\x02\x02"


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """A connection that leaves no trace in the agent's folder, and whether it holds only while the file stays as it is.

    SQLite makes ``-wal`` and ``-shm`` beside a WAL database also for readers, and leaves them. So: without a log nobody has
    it open, and it is read as it lies there (``immutable``; ``read`` looks whether that stayed so); a log without its index
    is left from a crash, and a private copy is read; the same where no connection can be had beside the file (read-only).
    """
    connection = None
    try:
        quiet = _writes_ahead(path) and not _logged(path)
        if quiet or os.path.exists(f"{path}-shm") or not _logged(path):
            connection = _connect(path, "&immutable=1" if quiet else "")
            yield connection, quiet
            return
    except sqlite3.OperationalError as error:
        if connection is not None or error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
    finally:
        if connection is not None:
            connection.close()
    import shutil  # rarely needed, and slow to import
    import tempfile

    log = path.with_name(path.name + "-wal")
    sizes = [_size(path), _size(log) if os.path.lexists(log) else 0]
    if sum(sizes) > MOST_COPIED:
        raise OSError(None, "it is too large to be copied, and its folder is read-only")
    folder = tempfile.mkdtemp(prefix="tokenpal-")  # 0700
    try:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(log, copy.with_name("copy.db-wal"))
        connection = _connect(copy)
        try:
            yield connection, False
        finally:
            connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _size(path: Path) -> int:
    """Of a plain file; a device would be copied without end."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise OSError(None, "a part of it is no file")
    return state.st_size


def _connect(path: Path, more: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{more}", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        _patience(connection)
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # opens the file, and the log beside it
    except BaseException:
        connection.close()
        raise
    return connection


def _patience(connection: sqlite3.Connection) -> None:
    """From now on a statement may take this long; a schema made to loop for ever is given up."""
    end = time.monotonic() + QUERY_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)


def _words(error: Exception) -> str:
    """What went wrong in words of ours: SQLite's may quote what is stored."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    known = {
        sqlite3.SQLITE_BUSY: "the agent is busy with it", sqlite3.SQLITE_LOCKED: "the agent is busy with it",
        sqlite3.SQLITE_NOTADB: "it is no database", sqlite3.SQLITE_CORRUPT: "it is damaged",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened", sqlite3.SQLITE_INTERRUPT: "it takes too long",
        sqlite3.SQLITE_TOOBIG: "a value in it is too large",
    }  # fmt: skip
    if code in known or isinstance(error, UnicodeDecodeError):
        return known.get(code, "it is damaged")
    return str(error.strerror) if isinstance(error, OSError) and error.strerror else type(error).__name__
