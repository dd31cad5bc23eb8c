"""What ``tokenpal import`` understands besides tokenpal's own files: exports of other trackers, and captured output of agents.

May import: what sources share (base, numbers, times, lenient, usage_lines), model. May not import: other sources, engine, store.

One file per format, recognised by content, never by name. A format reads a document (one JSON value), rows (JSON lines) or a
table (CSV with a header) and yields items; it is pure and total. Its records go to an account of their own that counts only
for what nothing else covers. Days of trackers are the calendar days of the machine that made the export.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol, cast

import msgspec

from tokenpal.model.usage import Item, Problem
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Raw, Reply, SourceInfo
from tokenpal.sources.imported.base import File as File, Row as Row, Said as Said
from tokenpal.sources.lenient import document

INFO: Final = SourceInfo(
    id="imported",
    name="Imported figures",
    kind=Kind.INBOX,
    provider=ANY_PROVIDER,
    tells="What was imported from files: exports of ccusage, tokscale and CodeBurn, captured output of agents, usage lines of scripts.",
    silent="Anything newer than the files. It counts only for what no log and no provider report covers.",
    needs_key=False,
)


class Format(Protocol):
    """A module of this package, as the importer sees it. Of the three ways to read it has those whose ``is_`` it has."""

    SAID: Said

    def is_document(self, found: Any) -> bool: ...
    def read_document(self, found: Any, file: File) -> Iterator[Item]: ...
    def is_rows(self, sample: Sequence[Mapping[str, Any]]) -> bool: ...
    def read_rows(self, rows: Iterable[Row], file: File) -> Iterator[Item]: ...
    def is_table(self, header: Sequence[str]) -> bool: ...
    def read_table(self, rows: Iterable[Row], file: File) -> Iterator[Item]: ...


@cache
def formats() -> tuple[Format, ...]:
    """All of them; imported when a file is, for every scan imports this package."""
    from tokenpal.sources.imported import captured_claude, captured_codex, captured_gemini, ccusage, codeburn, tokscale, usage

    return tuple(cast("Format", each) for each in (usage, ccusage, tokscale, codeburn, captured_claude, captured_codex, captured_gemini))


def of_document(found: Any) -> Format | None:
    """Whose document this is. Raises UsageError for one that names no days."""
    return next((each for each in formats() if hasattr(each, "is_document") and each.is_document(found)), None)


def of_rows(sample: Sequence[Mapping[str, Any]]) -> Format | None:
    """Whose JSON lines begin like this. Raises UsageError for an agent's own log."""
    return next((each for each in formats() if hasattr(each, "is_rows") and each.is_rows(sample)), None)


def of_table(header: Sequence[str]) -> Format | None:
    return next((each for each in formats() if hasattr(each, "is_table") and each.is_table(header)), None)


# ---------------------------------------------------------------------------------------------- the contract of a source


class State(msgspec.Struct, frozen=True):
    """Files are read at once: there is nothing to remember."""


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Nothing: files are handed over."""
    for _ in ():
        yield _


def parse(state: State | None, raw: Raw) -> tuple[State | None, list[Item]]:
    """A document as it was handed over; what is none gives a Problem."""
    if not isinstance(raw, Reply):
        return state, []
    found = document(raw.body)
    file = File(raw.endpoint, raw.at)
    try:
        kind = of_document(found)
    except Exception:  # UsageError: a report without days
        kind = None
    if found is None or kind is None:
        return state, [Problem(raw.endpoint, "file", "is in no format that can be imported")]
    return state, list(kind.read_document(found, file))
