"""Reads files that are rewritten whole: JSON documents, settings snapshots (agent-logs 2.3, last paragraph).

Each changed file is one Piece with one Line: the whole document, state forgotten. A document that is no JSON may be half
written: it is left for the next look while it is fresh, and becomes a problem once it has been quiet for a minute.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from tokenpal.model.usage import Problem
from tokenpal.sources.base import Cursor, Line, Piece, Progress
from tokenpal.sources.lenient import document
from tokenpal.sources.tail import BOM, QUIET_SECONDS, digest, unchanged
from tokenpal.sources.walk import Found

MOST: Final = 256 << 20  # bytes of one document


def changed(
    files: Sequence[Found],
    cursors: Mapping[str, Cursor],
    now: int,
    *,
    context: Callable[[Found], Any] = lambda _: None,
    most: int = MOST,
) -> Iterator[Piece]:
    """The documents that are not as they were. ``context`` gives what a Piece carries besides; ``now`` in epoch seconds."""
    todo = [found for found in files if not unchanged(found, cursors.get(found.path))]
    at = Progress(0, len(todo), 0, sum(found.size for found in todo))
    for found in todo:
        at = msgspec.structs.replace(at, files=at.files + 1, bytes=at.bytes + found.size)
        piece = _one(found, cursors.get(found.path), now, most)
        if piece is not None:
            yield msgspec.structs.replace(piece, context=context(found), progress=at)


def _one(found: Found, known: Cursor | None, now: int, most: int) -> Piece | None:
    """None = gone, or still being written."""
    about = Cursor(found.path, 0, found.inode, found.size, found.mtime_ns)
    if found.size > most:
        return Piece(about, (), first=known is None, problems=(Problem(found.path, "file", f"is larger than {most >> 20} MiB; it was left out"),))
    try:
        data, state = _read(found.path, most)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = Problem(found.path, "file", f"cannot be read: {error.strerror or 'unknown error'}")
        return Piece(msgspec.structs.replace(known or about, size=-1), (), first=False, problems=(problem,))
    if data is None:
        return None
    about = Cursor(found.path, state.st_dev, state.st_ino if found.inode else 0, state.st_size, state.st_mtime_ns, len(data), digest(data[:1024]))
    if document(data) is None:
        if now - state.st_mtime_ns // 1_000_000_000 < QUIET_SECONDS:
            return None
        kept = msgspec.structs.replace(about, state=known.state if known else b"")
        return Piece(kept, (), first=known is None, problems=(Problem(found.path, "file", "is not complete JSON; what was read before is kept"),))
    return Piece(about, (Line(0, data),), first=True)


def _read(path: str, most: int) -> tuple[bytes | None, os.stat_result]:
    """The whole file without its byte-order mark; None when it is no plain file, or grows beyond all bounds meanwhile."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            return None, state
        data = file.read(most + 1)
    return (data.removeprefix(BOM) if len(data) <= most else None), state
