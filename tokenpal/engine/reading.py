"""Drives one log source without an event loop: raw pieces in, items and cursors out, one bad file at a time.

Log sources read local files and never wait for anything, so their ``fetch`` is run by hand: it can be started in one
thread and finished in another, and stopping it needs no help from asyncio.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.cursors import Cursor
from tokenpal.model.usage import Item, Problem
from tokenpal.sources.base import Context, Line, Piece, Progress, Raw, Source

LINES_AT_ONCE: Final = 200
BYTES_AT_ONCE: Final = 4 << 20
BREATH_SECONDS: Final = 0.001
"""Inside the app, so that the window gets the interpreter in between (architecture 1.3)."""


class Read(msgspec.Struct, frozen=True):
    """What one piece of one file said, and how far it reaches."""

    items: list[Item]
    cursor: Cursor
    progress: Progress | None


class Waits(RuntimeError):
    """A log source waited for something, which only provider sources may."""


def drive(source: Source, context: Context) -> Iterator[Raw]:
    """The pieces of ``source.fetch``, one after the other."""
    pieces = source.fetch(context).__aiter__()
    try:
        while True:
            step: Any = pieces.__anext__()
            try:
                while step.send(None) is None:
                    pass  # a bare yield to other tasks
            except StopIteration as done:
                yield done.value
            except StopAsyncIteration:
                return
            else:
                raise Waits(f"{source.INFO.id} waited while reading files")
    finally:
        close: Any = getattr(pieces, "aclose", None)
        if close is not None:
            try:
                close().send(None)
            except StopIteration:
                pass
            except Exception:
                pass  # it fails to clean up after itself: what was read is still good


class Reading:
    """One walk through one root. ``again`` names files whose saved state no longer fits: read them from the start."""

    def __init__(self, source: Source, context: Context, *, polite: bool = False, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.source = source
        self.context = context
        self.again: set[str] = set()
        self._states: dict[str, Any] = {}
        self._polite = polite
        self._cancelled = cancelled

    def __iter__(self) -> Iterator[Read]:
        """Raises what ``fetch`` raises: AccountError, OSError. Ends early, at a piece's edge, when cancelled."""
        for raw in drive(self.source, self.context):
            if self._cancelled():
                return
            if not isinstance(raw, Piece):
                continue
            read = self._understand(raw)
            if read is None:
                return
            if read.cursor.name not in self.again:
                yield read

    def _understand(self, piece: Piece) -> Read | None:
        """Parse one piece; None = cancelled in the middle, so that nothing of it counts as read."""
        name = piece.cursor.name
        before = self.context.cursors.get(name)
        state = None
        if not piece.first:
            try:
                state = self._states[name] if name in self._states else self._saved(before)
            except (msgspec.MsgspecError, ValueError):
                self.again.add(name)
                return Read([], piece.cursor, None)
        items: list[Item] = []
        try:
            for part in self._parts(piece):
                state, found = self.source.parse(state, part)
                items += found
                if self._cancelled():
                    return None
            packed = b"" if state is None else msgspec.msgpack.encode(state)
        except Exception as problem:  # parse promises not to raise: one bad file must not stop the others
            items.append(Problem(name, "file", f"could not be understood ({type(problem).__name__})"))
            self._states.pop(name, None)
            # As far as it was understood before: tried again as soon as the file grows.
            kept = before if before is not None and not piece.first else Cursor(name)
            return Read(items, msgspec.structs.replace(piece.cursor, offset=kept.offset, tail=kept.tail, state=kept.state), piece.progress)
        self._states = {name: state}  # a source reads one file after the other
        return Read(items, msgspec.structs.replace(piece.cursor, state=packed), piece.progress)

    def _saved(self, cursor: Cursor | None) -> Any:
        if cursor is None or not cursor.state:
            return None
        return msgspec.msgpack.decode(cursor.state, type=self.source.State)

    def _parts(self, piece: Piece) -> Iterator[Piece]:
        """The piece in small parts when others need the interpreter; reading in parts gives the same (agent-logs 2.3.6)."""
        if not self._polite or len(piece.lines) <= 1:
            yield piece
            return
        rest: list[Line] = []
        size = 0
        first, problems = piece.first, piece.problems
        for line in piece.lines:
            rest.append(line)
            size += len(line.data)
            if len(rest) >= LINES_AT_ONCE or size >= BYTES_AT_ONCE:
                yield msgspec.structs.replace(piece, lines=rest, first=first, problems=problems)
                rest, size, first, problems = [], 0, False, ()
                time.sleep(BREATH_SECONDS)
        if rest:
            yield msgspec.structs.replace(piece, lines=rest, first=first, problems=problems)
