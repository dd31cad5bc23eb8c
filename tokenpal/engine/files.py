"""A file that is to be imported, recognised by what it holds: never by its name."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec

from tokenpal.engine import bundle
from tokenpal.engine.journals import known
from tokenpal.model.errors import UsageError
from tokenpal.model.usage import Item, Problem
from tokenpal.sources import imported
from tokenpal.sources.imported import outcomes
from tokenpal.sources.imported.base import File, Row
from tokenpal.sources.imported.outcomes import Outcome
from tokenpal.sources.lenient import document
from tokenpal.sources.tail import BOM
from tokenpal.sources.usage_lines import Bad, problem
from tokenpal.store.archive import FORMAT as ARCHIVE
from tokenpal.translation import mark, tr

SAMPLE_LINES: Final = 200
SAMPLE_BYTES: Final = 4 << 20
MOST_DOCUMENT: Final = 512 << 20
LONGEST_LINE: Final = 64 << 20
TABLE: Final = "records.csv"  # of CodeBurn's folder of tables
KNOWN: Final = mark(
    "It reads exports of tokenpal, ccusage, tokscale, CodeBurn, Timewarrior, Toggl and jrnl, usage and outcome lines, and captured output of claude -p, codex exec and gemini."
)


class Given(NamedTuple):
    """What the person chose: a file, or standard input read to its end."""

    name: str
    open: Callable[[], BinaryIO]
    size: int
    at: int  # epoch seconds of its last change

    @classmethod
    def file(cls, name: str) -> Given:
        """Raises UsageError when there is no such file."""
        path = Path(name).expanduser()
        if (path / TABLE).is_file():
            path /= TABLE
        try:
            state = path.stat()
        except OSError as error:
            raise UsageError(tr("There is no file {path}.", path=path), tr("Look at its name.")) from error
        if not path.is_file():
            raise UsageError(tr("{path} is no file.", path=path), tr("Give the name of a file."))
        return cls(str(path), lambda: path.open("rb"), state.st_size, int(state.st_mtime))

    @classmethod
    def content(cls, name: str, data: bytes, at: int) -> Given:
        return cls(name, lambda: io.BytesIO(data), len(data), at)


class Opened(msgspec.Struct, frozen=True):
    """A file and its format: a document that is in memory already, rows, a table, or another tool's journal."""

    given: Given
    kind: Any = None  # a module of sources.imported
    shape: str = "rows"  # document | rows | table | archive | outcomes
    whole: Any = None
    diary: str = ""  # timewarrior | toggl | jrnl: see engine.diaries

    @property
    def archive(self) -> bool:
        return self.shape == "archive"

    @property
    def outcomes(self) -> bool:
        return self.shape == "outcomes"

    @property
    def said(self) -> imported.Said:
        return self.kind.SAID  # type: ignore[no-any-return]  # each format has it

    @property
    def what(self) -> str:
        if self.diary:
            return f"a journal of {known.name(self.diary)}"
        return "outcome lines" if self.outcomes else "an export of tokenpal" if self.archive else self.said.what

    def items(self, file: File, progress: Callable[[int, int], None]) -> Iterator[Item]:
        """What it holds. Bad lines become problems."""
        if self.shape == "document":
            progress(self.given.size, self.given.size)
            yield from self.kind.read_document(self.whole, file)
            return
        bad: list[Problem] = []
        rows = self._table() if self.shape == "table" else self._rows(bad, progress)
        read = self.kind.read_table if self.shape == "table" else self.kind.read_rows
        yield from read(rows, file)
        yield from bad

    def read_outcomes(self) -> Iterator[Outcome | Problem]:
        bad: list[Problem] = []
        for line, found in self._rows(bad, lambda *_: None):
            try:
                yield outcomes.outcome(found)
            except Bad as reason:
                yield problem(self.given.name, line, str(reason))
        yield from bad

    def _rows(self, bad: list[Problem], progress: Callable[[int, int], None]) -> Iterator[Row]:
        with self.given.open() as file:
            done = number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                done += len(line)
                if number % 1000 == 0:
                    progress(done, self.given.size)
                text = line.removeprefix(BOM).strip() if number == 1 else line.strip()
                if not text:
                    continue
                found = document(text)
                if isinstance(found, dict):
                    yield Row(number, found)
                else:
                    bad.append(problem(self.given.name, number, "is not a JSON object"))
            progress(self.given.size, self.given.size)

    def _table(self) -> Iterator[Row]:
        with self.given.open() as file:
            table = csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", "replace", newline=""), restval="")
            try:
                for row in table:
                    yield Row(table.line_num, {name: value for name, value in row.items() if isinstance(name, str)})
            except csv.Error as error:
                raise UsageError(tr("The table is damaged, so the rest of it cannot be read."), tr("Export it again.")) from error


def opened(given: Given, diary: str = "") -> Opened:
    """Raises UsageError for a file that cannot be read, is in no known format, or names no days. ``diary``: it is this tool's journal."""
    if diary and diary not in known.KINDS:
        raise UsageError(tr("{diary} is no journal that tokenpal knows.", diary=repr(diary)), tr("Use one of: {words}.", words=", ".join(known.KINDS)))
    try:
        with given.open() as file:
            return Opened(given, shape="diary", diary=diary) if diary else _recognised(given, file)
    except OSError as error:
        raise UsageError(tr("{name} cannot be read: {reason}.", name=given.name, reason=error.strerror), tr("Check the file and its folder.")) from error


def _recognised(given: Given, file: BinaryIO) -> Opened:
    if bundle.is_bundle(file):
        with bundle.lines(file) as members:
            return _recognised_lines(next(members, b""), given)
    lines: list[bytes] = []
    read = 0
    for _ in range(SAMPLE_LINES):
        line = file.readline(LONGEST_LINE)
        read += len(line)
        if not line or (lines and read > SAMPLE_BYTES):  # the first may be the whole document
            break
        if text := (line.removeprefix(BOM) if not lines else line).strip():
            lines.append(text)
    if not lines:
        raise UsageError(tr("This file is empty."), tr(KNOWN))
    first = document(lines[0])
    if isinstance(first, dict) and first.get("is") == ARCHIVE:
        return Opened(given, shape="archive")
    spread = first is None and lines[0][:1] in {b"{", b"["}  # a document over many lines, some of which may look like rows
    found = None if spread else _rows(given, lines)
    return found or _table(given, lines[0]) or _diary(given, file) or _document(given, file) or _unknown(_rows(given, lines) if spread else None)


def _recognised_lines(line: bytes, given: Given) -> Opened:
    first = document(line.strip())
    if isinstance(first, dict) and first.get("is") == ARCHIVE:
        return Opened(given, shape="archive")
    raise UsageError(tr("This file is no archive of tokenpal."), tr("Make one in Settings with “Export everything”, or run: tokenpal export FILE"))


def _rows(given: Given, lines: list[bytes]) -> Opened | None:
    sample = [found for line in lines if isinstance(found := document(line), dict)]
    if sample and outcomes.is_rows(sample):
        return Opened(given, shape="outcomes")
    kind = imported.of_rows(sample) if len(lines) > 1 else None
    return None if kind is None else Opened(given, kind)


def _table(given: Given, line: bytes) -> Opened | None:
    try:
        header = next(csv.reader([line.decode("utf-8-sig", "replace")]), [])
    except csv.Error:
        return None
    kind = imported.of_table(header)
    return None if kind is None else Opened(given, kind, "table")


def _diary(given: Given, file: BinaryIO) -> Opened | None:
    file.seek(0)
    kind = known.kind_of(file.read(known.ENOUGH))
    return Opened(given, shape="diary", diary=kind) if kind else None


def _document(given: Given, file: BinaryIO) -> Opened | None:
    if given.size > MOST_DOCUMENT:
        raise UsageError(tr("This file is too large to be one document."), tr(KNOWN))
    file.seek(0)
    whole = document(file.read().removeprefix(BOM))
    kind = None if whole is None else imported.of_document(whole)
    return None if kind is None else Opened(given, kind, "document", whole)


def _unknown(found: Opened | None) -> Opened:
    if found is None:
        raise UsageError(tr("tokenpal does not know the format of this file."), tr(KNOWN))
    return found
