"""GitHub Copilot CLI: three overlapping places, exactly one of which counts for a session (agent-logs 7.1).

The session store (a live database, one row per request) wins over a session's ``events.jsonl`` (totals at its shutdowns), and
that over files of an OpenTelemetry exporter, in whatever order they are found: all records of a session are one family, and
``settle`` keeps the best place. ``requests``, ``events`` and ``traces`` read one place each; ``keys`` is what they share.
Not settled by any source, and decided as in agent-logs 7.1 and 10: shutdown totals are cumulative unless the session's own
messages show that each is of its leg; the cache write of a span is beside its input, as peers read it, and marked inferred.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.usage import Item
from tokenpal.sources.base import Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.copilot_cli import events, requests, traces
from tokenpal.sources.copilot_cli.keys import settle as settle
from tokenpal.sources.counts import Notes
from tokenpal.sources.livedb import read
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="copilot-cli",
    name="Copilot CLI",
    kind=Kind.LOG,
    provider="github-copilot",
    docs="https://docs.github.com/en/copilot/how-tos/copilot-cli",
    tells="Requests of Copilot CLI on this machine: tokens by class, model, folder, session and AI credits; older versions keep totals of a session only.",
    silent="Copilot in editors and on the web, use on other machines, and the allowance of the plan.",
)
STORE: Final = "session-store.db"
MARKERS: Final = Markers(
    anywhere=(
        b'"session.start"', b'"session.shutdown"', b'"session.usage_checkpoint"', b'"session.compaction_complete"', b'"assistant.message"',
        b'"gen_ai.usage.',
    )
)  # fmt: skip


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs: of a session's events; rows and spans stand for themselves."""

    leg: events.Leg = msgspec.field(default_factory=events.Leg)


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``COPILOT_HOME``, the person's ``.copilot``, and where the OpenTelemetry exporter was told to write."""
    return once([*named(home, env, "COPILOT_HOME"), home / ".copilot", *named(home, env, "COPILOT_OTEL_FILE_EXPORTER_PATH")])


def wanted(name: str) -> bool:
    return name.endswith(".jsonl")


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """New rows of the session store, new lines of sessions and of traces."""
    if context.root is not None:
        for piece in _pieces(context.root, context):
            yield piece


def _pieces(root: Path, context: Context) -> Iterator[Piece]:
    if (root / STORE).is_file():
        yield from read(root / STORE, requests.TABLES, context)
    known = [path for path in (root / "session-state", root / "otel") if path.is_dir()]
    bare = not known and root.name != ".copilot" and not (root / STORE).is_file()  # a folder of traces, or one file
    seen = look(
        [str(path) for path in known] or ([str(root)] if bare else []), wanted, skip=frozenset({"node_modules", ".git", "files", "research"}),
        memory=context.memory, full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    yield from troubles(seen.problems)
    todo = [
        found for found in seen.files
        if (_is_session(found.path) or "session-state" not in Path(found.path).parts) and not unchanged(found, context.cursors.get(found.path))
    ]  # fmt: skip
    yield from Reader(MARKERS).scan(todo, context.cursors, context.now())


def _is_session(path: str) -> bool:
    """``session-state/<id>/events.jsonl``, or ``session-state/<id>.jsonl`` of older versions."""
    parts = Path(path).parts
    return "session-state" in parts[-3:-1] and (parts[-1] == "events.jsonl" or parts[-2] == "session-state")


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else State(msgspec.structs.replace(state.leg))
    notes = Notes(raw)
    name = raw.cursor.name
    reading = events.Reading(state.leg, notes, raw) if _is_session(name) else None
    for line in raw.lines:
        if f"{STORE}#" in name:
            requests.row(notes, line, raw)
        elif reading is not None:
            reading.line(line)
        else:
            traces.line(notes, line, raw)
    return state, notes.items

