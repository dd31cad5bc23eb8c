"""One file with everything: a zip of the archive's lines and of pages to read (resources/formats/archive.md).

The same content gives the same bytes. A file that is read may be anybody's: it is never unpacked to disk, only one member is read,
by its exact name, and no more of it than it says and than could be true.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from tokenpal.engine import papers
from tokenpal.model.errors import UsageError
from tokenpal.store import archive
from tokenpal.store.database import Store
from tokenpal.translation import tr

LINES: Final = "tokenpal.jsonl"
PAGES: Final = {"check-ins.md": papers.check_ins, "notes.md": papers.notes}
README: Final = "README.md"
MAGIC: Final = b"PK\x03\x04"
LONGEST_LINE: Final = 64 << 20
MOST_BYTES: Final = 64 << 30
MOST_MEMBERS: Final = 64
RATIO: Final = 200  # JSON lines of real use come to about 15; deflate ends at 1032
FREE_BYTES: Final = 16 << 20  # up to here nobody asks for the ratio
_END: Final = struct.Struct("<4s4H2LH")  # end of central directory: appnote.txt 4.3.16


def write(store: Store, file: BinaryIO, step: Callable[[int], None] | None = None) -> int:
    """The whole archive into an open file; how many lines. One consistent moment. ``step(lines)`` is told now and then."""
    count = 0
    with archive.one_moment(store), ZipFile(file, "w", ZIP_DEFLATED) as bundle:
        with bundle.open(_member(README), "w") as member:
            member.write(papers.README.encode())
        with bundle.open(_member(LINES), "w", force_zip64=True) as member:
            for line in archive.export(store):
                member.write(_bytes(line))
                count += 1
                if step is not None and count % 1000 == 0:
                    step(count)
        for name, page in PAGES.items():
            with bundle.open(_member(name), "w", force_zip64=True) as member:
                for line in page(store):
                    member.write(_bytes(line))
    return count


def is_bundle(file: BinaryIO) -> bool:
    """Whether the file begins like a zip; it is at its start afterwards."""
    file.seek(0)
    found = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    return found


@contextmanager
def lines(file: BinaryIO) -> Iterator[Iterator[bytes]]:
    """The lines of an archive, whether it is a zip or plain. Raises UsageError for what is neither, at the latest while it is read."""
    if not is_bundle(file):
        yield _lines(file)
        return
    try:
        _few_members(file)
        with ZipFile(file) as bundle, bundle.open(_checked(bundle)) as member:
            yield _read(member)
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise _damaged() from error


def _read(member: IO[bytes]) -> Iterator[bytes]:
    """A damaged member is told of where it is read: what the caller does with the lines may fail in ways of its own."""
    found = _lines(member)
    while True:
        try:
            line = next(found, None)
        except (BadZipFile, EOFError, zlib.error) as error:
            raise _damaged() from error
        if line is None:
            return
        yield line


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise UsageError(tr("A line of this file is too long to be one of an archive."), tr("Export it again."))
        yield line


def _few_members(file: BinaryIO) -> None:
    """Before the directory is read into memory: a bomb may list millions of members."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))  # a comment has at most 65,535 bytes
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(tail) - at < _END.size:
        raise BadZipFile
    members = _END.unpack_from(tail, at)[4]
    if members > MOST_MEMBERS:
        raise _no_archive()


def _checked(bundle: ZipFile) -> ZipInfo:
    found = [one for one in bundle.infolist() if one.filename == LINES]
    if len(found) != 1 or len(bundle.infolist()) > MOST_MEMBERS:
        raise _no_archive()
    info = found[0]
    if info.flag_bits & 1 or info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise _no_archive()
    if info.file_size > MOST_BYTES or info.file_size > RATIO * info.compress_size + FREE_BYTES:
        raise UsageError(tr("This file says that it holds far more than it could."), tr("Make an archive in Settings with “Export everything”, or run: tokenpal export FILE"))
    return info


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name)  # of 1980: the moment of the export is no content
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    info.create_system = 3  # the same bytes on every system
    return info


def _bytes(line: str) -> bytes:
    return line.encode("utf-8", "backslashreplace") + b"\n"


def _no_archive() -> UsageError:
    return UsageError(tr("This file is no archive of tokenpal."), tr("Make one in Settings with “Export everything”, or run: tokenpal export FILE"))


def _damaged() -> UsageError:
    return UsageError(tr("This archive is damaged, so nothing was imported."), tr("Export it again; the file may be cut short."))
