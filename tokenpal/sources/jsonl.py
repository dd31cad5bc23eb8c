"""The watched folder: usage that any script writes as JSON lines (resources/formats/usage.md).

Every ``*.jsonl`` below the folder is read as agents' logs are: appended lines only, from where it stopped. The folder is
the profile's own ``inbox`` and those of the settings, which the engine names; a home folder has none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.usage import Item
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.usage_lines import Bad, problem, record
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="jsonl",
    name="Watched folder",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    tells="What your own scripts write there, line by line: tokens by class, model, provider, money, folder, branch and session.",
    silent="Anything that is not in the format; such lines are counted and named.",
)
PREFIX: Final = "jsonl"
MARKERS: Final = Markers(anywhere=(), every=True)
LONGEST_LINE: Final = 1 << 20
DEEPEST: Final = 8


class State(msgspec.Struct, frozen=True):
    """How many lines of the file came before, so that a problem names its line."""

    lines: int = 0


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """None of its own: the engine adds the profile's ``inbox``, the settings add others."""
    return ()


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every file below the folder, newest file first."""
    if context.root is None:
        return
    seen = look(
        [str(context.root)], wanted, depth=DEEPEST, memory=context.memory, full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    todo = [found for found in seen.files if not unchanged(found, context.cursors.get(found.path))]
    for piece in Reader(MARKERS, longest=LONGEST_LINE).scan(todo, context.cursors, context.now()):
        yield piece


def wanted(name: str) -> bool:
    return name.endswith((".jsonl", ".jsonl.zst")) and not name.startswith(".")


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: each line is a record, a problem, or empty."""
    if not isinstance(raw, Piece):
        return state or State(), []
    lines = 0 if state is None or raw.first else state.lines
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        lines += 1
        if not line.data.strip():
            continue
        found = document(line.data)
        try:
            if not isinstance(found, dict):
                raise Bad("is not a JSON object")
            items.append(record(found, PREFIX))
        except Bad as reason:
            items.append(problem(raw.cursor.name, lines, str(reason)))
    return State(lines), items
