"""Reads append-only JSON lines, whole or from where it stopped (agent-logs 2.3, performance 4 and 5).

Only lines that hold a marker are cut out: the rest is searched at memory speed and never copied. Files are read through
one reused buffer, not mapped: a mapped file that is truncated underneath ends the process.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec

from tokenpal.model.usage import Problem
from tokenpal.sources.base import Cursor, Line, Piece, Progress
from tokenpal.sources.lenient import document
from tokenpal.sources.walk import Found

Finder = Callable[[Any, bytes, int, int], int]
"""(haystack, needle, start, end) -> where, or -1."""


def plain_find(haystack: bytearray, needle: bytes, start: int, end: int) -> int:
    """The search without the SIMD package: the same answers at a third of the speed."""
    return haystack.find(needle, start, end)


def _finder() -> Finder:
    try:
        from stringzilla import find as simd_find
    except ImportError:
        return plain_find
    return simd_find  # type: ignore[no-any-return]  # it ships no types


find: Finder = _finder()

BUFFER: Final = 1 << 20
LONGEST: Final = 64 << 20  # a longer line is skipped and counted as damaged
SAMPLE: Final = 1024  # bytes hashed at the start, and before the offset
QUIET_SECONDS: Final = 60  # a file untouched for so long may end without a newline
BOM: Final = b"\xef\xbb\xbf"
ZST: Final = ".zst"
DAMAGED: Final = "is damaged, or not a complete zstd file"
EMPTY_ZST: Final = 16  # bytes of a compressed file that holds nothing
MOST_UNPACKED: Final = 4 << 30


class _Bytes(Protocol):
    """An open file, plain or decompressed on the way."""

    def readinto(self, buffer: Any, /) -> int | None: ...


class Markers(msgspec.Struct, frozen=True):
    r"""Which lines matter. Quotes belong to a marker: then text that quotes it (``\"usage\"``) does not match."""

    anywhere: tuple[bytes, ...]
    early: tuple[bytes, ...] = ()  # looked for in the first buffer of a file only
    first_line: bool = False  # the first line of a file always matters
    every: bool = False  # all lines matter, empty ones too: then they can be numbered


def unchanged(found: Found, cursor: Cursor | None) -> bool:
    """Nothing was written since: no need to open the file."""
    return (
        cursor is not None
        and cursor.size == found.size
        and cursor.mtime_ns == found.mtime_ns
        and (not found.inode or cursor.inode == found.inode)
    )


def troubles(problems: Sequence[Problem]) -> Iterator[Piece]:
    """Folders that could not be read, in the form in which problems travel."""
    for problem in problems:
        yield Piece(Cursor(problem.source, size=-1), (), first=True, problems=(problem,))


def _never_waiting(path: str, flags: int) -> int:
    """Opening a pipe would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def digest(data: bytes | bytearray | memoryview) -> bytes:
    """The hash kept in cursors."""
    return blake2b(data, digest_size=8).digest()


class Reader:
    """Reads files one after another through one buffer."""

    def __init__(self, markers: Markers, *, buffer: int = BUFFER, longest: int = LONGEST, finder: Finder | None = None) -> None:
        self.markers = markers
        self.room = buffer
        self.longest = max(longest, buffer)
        self.find = finder or find
        self.buffer = bytearray(buffer)
        self.progress = Progress(0, 0, 0, 0)

    def scan(self, files: Sequence[Found], cursors: Mapping[str, Cursor], now: int) -> Iterator[Piece]:
        """The new lines of all these files, with the progress of the whole."""
        self.plan(files, cursors)
        for found in files:
            yield from self.pieces(found, cursors.get(found.path), now)

    def plan(self, files: Sequence[Found], cursors: Mapping[str, Cursor]) -> None:
        """These files are to be read: count from zero."""
        size = sum(found.size - (known.offset if (known := cursors.get(found.path)) is not None else 0) for found in files)
        self.progress = Progress(0, len(files), 0, max(0, size))

    def pieces(self, found: Found, cursor: Cursor | None, now: int, context: Any = None) -> Iterator[Piece]:
        """The new lines of a file that matter. Nothing at all when the file is gone.

        ``now`` (epoch seconds) decides whether an unfinished last line may be taken for finished.
        """
        try:
            with open(found.path, "rb", buffering=0, opener=_never_waiting) as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):  # something else has this name now
                    return
                compressed = found.path.endswith(ZST)
                about_cursor = Cursor(found.path, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
                quiet = now - about.st_mtime_ns // 1_000_000_000 >= QUIET_SECONDS
                if compressed:
                    yield from self._whole(file, about_cursor, context)
                else:
                    yield from self._plain(file, about_cursor, cursor, quiet, context)
        except FileNotFoundError:
            return
        except OSError as problem:
            reason = f"cannot be read: {problem.strerror or 'unknown error'}"
            kept = cursor or Cursor(found.path)
            # The size does not fit, so that the file is tried again.
            yield Piece(msgspec.structs.replace(kept, size=-1), (), cursor is None, (Problem(found.path, "file", reason),), context)
        finally:
            self.progress = msgspec.structs.replace(self.progress, files=self.progress.files + 1)
            if len(self.buffer) > self.room:
                self.buffer = bytearray(self.room)

    def _plain(self, file: io.FileIO, about: Cursor, cursor: Cursor | None, quiet: bool, context: Any) -> Iterator[Piece]:
        mark = _resume(file, about, cursor)
        if mark is None:
            file.seek(0)
        yield from self._read(file, about, mark or _Mark(), quiet, context)

    def _whole(self, file: io.FileIO, about: Cursor, context: Any) -> Iterator[Piece]:
        """A compressed file cannot be continued: it is always read whole."""
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False) as stream:
                yield from self._read(stream, about, _Mark(), True, context)
        except zstandard.ZstdError:
            problem = Problem(about.name, "file", DAMAGED)
            yield Piece(about, (), first=False, problems=(problem,), context=context)

    def _read(self, file: _Bytes, about: Cursor, mark: _Mark, quiet: bool, context: Any) -> Iterator[Piece]:
        """Fills the buffer, gives out its complete lines, keeps the rest for the next round."""
        compressed = about.name.endswith(ZST)
        first = mark.offset == 0
        position = mark.offset  # in the file, of the end of what was read
        have = 0  # bytes of an unfinished line at the start of the buffer
        over: _Mark | None = None  # inside a line that is too long: how far
        problems: list[Problem] = []
        while True:
            with memoryview(self.buffer) as view:
                try:
                    count = file.readinto(view[have:]) or 0
                except OSError as problem:
                    problems.append(Problem(about.name, f"byte {position}", f"cannot be read: {problem.strerror or 'unknown error'}"))
                    count = 0
            position += count
            self.progress = msgspec.structs.replace(self.progress, bytes=self.progress.bytes + count)
            end = have + count
            done = count == 0 or (not compressed and position >= about.size)
            if compressed and position > MOST_UNPACKED:
                problems.append(Problem(about.name, f"byte {position}", "unpacks to more than 4 GiB; the rest was left out"))
                done = True
            if over is not None:
                cut = self.buffer.find(b"\n", 0, end) + 1
                over.advance(self.buffer, cut or end)
                end -= cut or end
                self.buffer[:end] = self.buffer[cut : cut + end]
                if cut:
                    mark, over = over, None
            complete = self.buffer.rfind(b"\n", have, end) + 1
            lines = self._lines(complete, mark.offset)
            mark.advance(self.buffer, complete)
            have = end - complete
            self.buffer[:have] = self.buffer[complete:end]
            if done and have and quiet and over is None and _whole_object(self.buffer[:have]):
                lines += self._unfinished(have, mark.offset)
                mark.advance(self.buffer, have)
                have = 0
            if compressed and done and over is None and (have or (position == 0 and about.size > EMPTY_ZST)):
                problems.append(Problem(about.name, f"byte {position}", DAMAGED))
            if done:
                # An unfinished line of a file in use leaves the size short: the file is looked at again.
                held_back = (have > 0 or over is not None) and not quiet
                yield self._piece(about, mark, mark.offset if held_back else about.size if compressed else position, lines, first, problems, context)
                return
            if complete:
                yield self._piece(about, mark, -1 if compressed else mark.offset, lines, first, problems, context)
                first, problems = False, []
            elif have >= self.longest:
                problems.append(Problem(about.name, f"byte {mark.offset}", f"a line is longer than {self.longest >> 20} MiB; it was left out"))
                over = mark.copy()
                over.advance(self.buffer, have)
                have = 0
            elif have == len(self.buffer):
                self.buffer.extend(bytes(min(have, self.longest - have)))

    def _piece(
        self, about: Cursor, mark: _Mark, size: int, lines: list[Line], first: bool, problems: list[Problem], context: Any
    ) -> Piece:
        cursor = Cursor(
            about.name, about.device, about.inode, size, about.mtime_ns, mark.offset, digest(mark.start), digest(mark.before)
        )
        return Piece(cursor, lines, first, tuple(problems), context, self.progress)

    def _lines(self, complete: int, offset: int) -> list[Line]:
        """The lines of the first ``complete`` bytes of the buffer that hold a marker, in order."""
        buffer, search = self.buffer, self.find
        spans: dict[int, int] = {}
        if self.markers.every:
            start = 0
            while start < complete:
                spans[start] = stop = buffer.find(b"\n", start, complete)
                start = stop + 1
        if offset == 0 and complete and self.markers.first_line:
            spans[0] = buffer.find(b"\n", 0, complete)
        for marker in self.markers.anywhere + self.markers.early if offset == 0 else self.markers.anywhere:
            at = search(buffer, marker, 0, complete)
            while at >= 0:
                stop = buffer.find(b"\n", at, complete)
                spans[buffer.rfind(b"\n", 0, at) + 1] = stop
                at = search(buffer, marker, stop, complete)
        lines: list[Line] = []
        with memoryview(buffer) as view:
            for start in sorted(spans) if len(self.markers.anywhere) > 1 else spans:
                stop = spans[start]
                if stop > start and buffer[stop - 1] == 13:
                    stop -= 1
                if start == 0 and offset == 0 and buffer[:3] == BOM:
                    start = 3
                lines.append(Line(offset + start, bytes(view[start:stop])))
        return lines

    def _unfinished(self, have: int, offset: int) -> list[Line]:
        """The last line of a file that ends without a newline, if it matters."""
        data = bytes(self.buffer[:have])
        markers = self.markers.anywhere + (self.markers.early if offset == 0 else ())
        if self.markers.every or (offset == 0 and self.markers.first_line) or any(marker in data for marker in markers):
            return [Line(offset, data.removeprefix(BOM) if offset == 0 else data)]
        return []


class _Mark:
    """A place between two lines, and what the hashes need: the first bytes of the file and those before the place."""

    def __init__(self, offset: int = 0, start: bytes = b"", before: bytes = b"") -> None:
        self.offset = offset
        self.start = start
        self.before = before

    def copy(self) -> _Mark:
        return _Mark(self.offset, self.start, self.before)

    def advance(self, buffer: bytearray, count: int) -> None:
        """The first ``count`` bytes of the buffer follow this place."""
        if len(self.start) < SAMPLE:
            self.start += buffer[: min(count, SAMPLE - len(self.start))]
        if count >= SAMPLE:
            self.before = bytes(buffer[count - SAMPLE : count])
        else:
            self.before = (self.before + buffer[:count])[-SAMPLE:]
        self.offset += count


def _resume(file: io.FileIO, about: Cursor, cursor: Cursor | None) -> _Mark | None:
    """Where to go on if this is the same file, longer or equally long; None = read it from the start (agent-logs 2.3.1)."""
    if cursor is None or cursor.offset <= 0 or cursor.inode != about.inode or about.size < cursor.offset:
        return None
    start = file.read(min(SAMPLE, cursor.offset))
    if digest(start) != cursor.head:
        return None
    skip = max(0, cursor.offset - SAMPLE)
    file.seek(skip)
    before = file.read(cursor.offset - skip)
    return _Mark(cursor.offset, start, before) if digest(before) == cursor.tail else None


def _whole_object(data: bytearray) -> bool:
    return isinstance(document(data.removeprefix(BOM)), dict)
