"""Kimi CLI and its successor Kimi Code: ``wire.jsonl`` of every agent of a session (agent-logs 7.3).

A record is known by its session, its agent, and its message id or place in the file: equal numbers and times are not the
same record. Classes are disjoint. The upgrade copies sessions of ``.kimi`` into ``.kimi-code`` and leaves the old ones: where
both lie side by side, an old session that the new home has too is not read, and what was read of it before stops counting.
Old records name no model; today's default is a guess and marked inferred (agent-logs 7.3).
"""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.usage import Candidate, Item, Quality, Superseded, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Cursor, Kind, Line, Piece, Raw, SourceInfo
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import document, typed
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import Found, look

INFO: Final = SourceInfo(
    id="kimi",
    name="Kimi Code",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://moonshotai.github.io/kimi-code",
    tells="Every response of Kimi Code and Kimi CLI on this machine: tokens by class, model, folder and session; sub-agents too.",
    silent="Git branches, costs, and which model the older Kimi CLI used: it is taken from today's settings and marked inferred.",
)
MARKERS: Final = Markers(anywhere=(b'"token_usage"', b'"usage.record"', b'"llm.request"'))
OLD, NEW = ".kimi", ".kimi-code"
MOST_SMALL: Final = 1 << 20
GONE_OVER: Final = "#copied"  # cursors of old files whose records were taken back


class OldUse(msgspec.Struct, gc=False):
    input_other: int | None = None
    output: int | None = None
    input_cache_read: int | None = None
    input_cache_creation: int | None = None


class OldPayload(msgspec.Struct, gc=False):
    message_id: str | None = None
    token_usage: OldUse | None = None


class OldMessage(msgspec.Struct, gc=False):
    type: str | None = None
    payload: OldPayload | None = None


class Use(msgspec.Struct, gc=False, rename="camel"):
    input_other: int | None = None
    output: int | None = None
    input_cache_read: int | None = None
    input_cache_creation: int | None = None


class Row(msgspec.Struct, gc=False):
    type: str | None = None
    time: str | int | float | None = None
    timestamp: str | int | float | None = None
    model: str | None = None
    alias: str | None = msgspec.field(name="modelAlias", default=None)
    provider: str | None = None
    usage: Use | None = None
    message: OldMessage | None = None


class Known(msgspec.Struct, frozen=True):
    """What ``fetch`` tells ``parse`` of a file."""

    folder: str = ""
    model: str = ""  # of the settings, for records that name none
    copied: bool = False  # the new home has this session


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before."""

    at: int = 0  # epoch ms
    models: dict[str, tuple[str, str]] = {}  # alias -> model and provider of its latest request
    model: tuple[str, str] = ("", "")  # of the latest request



# ---------------------------------------------------------------------------------------------- files


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``KIMI_CODE_HOME``, ``KIMI_SHARE_DIR``, another tracker's ``KIMI_DATA_DIR`` (may name several), and both homes."""
    return once([*named(home, env, "KIMI_CODE_HOME", "KIMI_SHARE_DIR", "KIMI_DATA_DIR"), home / NEW, home / OLD])


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every agent of every session."""
    root = context.root
    if root is None:
        return
    base = root / "sessions" if (root / "sessions").is_dir() else root
    if base is root and root.name in {OLD, NEW}:
        return
    seen = look(
        [str(base)], lambda name: name == "wire.jsonl", skip=frozenset({"node_modules", ".git"}), memory=context.memory,
        full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    facts = [path_facts(found.path) for found in seen.files]
    copied = frozenset(session for session, _, new in facts if new) | (_sessions(root.parent / NEW) if root.name != NEW else frozenset())
    todo = [found for found in seen.files if _to_read(found, context.cursors, copied)]
    if todo:
        for piece in _read(todo, context, _Settings(root), copied):
            yield piece


def _to_read(found: Found, cursors: Mapping[str, Cursor], copied: frozenset[str]) -> bool:
    known = cursors.get(found.path)
    if path_facts(found.path)[0] in copied and not path_facts(found.path)[2]:
        return known is not None and found.path + GONE_OVER not in cursors
    return not unchanged(found, known)


def _read(todo: list[Found], context: Context, settings: _Settings, copied: frozenset[str]) -> Iterator[Piece]:
    reader = Reader(MARKERS)
    reader.plan(todo, context.cursors)
    for found in todo:
        session, _, new = path_facts(found.path)
        known = Known(settings.folder(found.path), "" if new else settings.model(), session in copied and not new)
        if not known.copied:
            yield from reader.pieces(found, context.cursors.get(found.path), context.now(), known)
            continue
        for piece in reader.pieces(found, None, context.now(), known):
            yield msgspec.structs.replace(piece, cursor=msgspec.structs.replace(piece.cursor, name=found.path + GONE_OVER))


def _sessions(home: Path) -> frozenset[str]:
    """The sessions of the new home."""
    return frozenset(_own(path.name) for path in home.glob("sessions/*/*") if (path / "agents").is_dir())


def _own(folder: str) -> str:
    """The new home may put a word before the id."""
    return folder.removeprefix("session_")


class _Settings:
    """Which folder a session worked in, and today's model."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: dict[str, str] = {}
        self.named: str | None = None
        listed = document(_small(root / "kimi.json"))
        for each in _list(listed, "work_dirs"):
            path = each.get("path") if isinstance(each, dict) else None
            if isinstance(path, str):
                self.said[md5(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()] = path

    def folder(self, path: str) -> str:
        """From the session's ``state.json``, else by the hash that older folders are named by."""
        where = Path(path).parent
        for _ in range(4):
            if where.name == "sessions":
                break
            if where.name in self.said:
                return plain(self.said[where.name], LONGEST_PATH)
            state = document(_small(where / "state.json"))
            for name in ("workDir", "cwd"):
                found = state.get(name) if isinstance(state, dict) else None
                if isinstance(found, str) and found:
                    return plain(found, LONGEST_PATH)
            where = where.parent
        return ""

    def model(self) -> str:
        if self.named is None:
            self.named = self._model()
        return self.named

    def _model(self) -> str:
        settings: Any = document(_small(self.root / "config.json"))
        if not isinstance(settings, dict):
            try:
                settings = tomllib.loads(_small(self.root / "config.toml").decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                return ""
        said = settings.get("default_model") or settings.get("model")
        models = settings.get("models")
        real = models.get(said) if isinstance(models, dict) and isinstance(said, str) else None
        model = real.get("model") if isinstance(real, dict) else said
        return plain(model) if isinstance(model, str) else ""


def _list(found: Any, name: str) -> list[Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, list) else []


def _small(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_SMALL)
    except OSError:
        return b""


@lru_cache(maxsize=4096)
def path_facts(path: str) -> tuple[str, str, bool]:
    """(session, agent or "main", is it the new layout): ``<session>[/agents/<agent> or /subagents/<id>]/wire.jsonl``."""
    parts = path.removesuffix(GONE_OVER).replace("\\", "/").split("/")[:-1]
    for word in ("agents", "subagents"):
        if word in parts[:-1]:
            at = parts.index(word)
            if at:
                return plain(_own(parts[at - 1])), plain("/".join(parts[at + 1 :])), word == "agents"
    return plain(parts[-1] if parts else ""), "main", False


# ---------------------------------------------------------------------------------------------- meaning


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else msgspec.structs.replace(state, models=dict(state.models))
    notes = Notes(raw)
    known = raw.context if isinstance(raw.context, Known) else Known()
    for line in raw.lines:
        row = typed(line.data, Row)
        if row is None:
            notes.problem(f"byte {line.offset}", "the line is not a JSON object")
            continue
        state.at = millis(row.time) or millis(row.timestamp) or state.at
        if row.type == "llm.request":
            state.model = (plain(row.model or ""), _seller(row.provider or ""))
            if row.alias and (row.alias in state.models or len(state.models) < 100):
                state.models[row.alias] = state.model
        elif row.type == "usage.record" and row.usage is not None:
            _record(notes, state, raw, line, known, row.usage, row.model)
        elif row.message is not None and row.message.payload is not None and row.message.payload.token_usage is not None:
            _record(notes, state, raw, line, known, row.message.payload.token_usage, None, row.message.payload.message_id)
    return state, notes.items


def _seller(said: str) -> str:
    """Its own plan is named ``managed:kimi-code``."""
    return "moonshot" if "kimi" in said.lower() else provider_id(said)


def _record(
    notes: Notes, state: State, piece: Piece, line: Line, known: Known, use: Use | OldUse, alias: str | None, message: str | None = None,
) -> None:
    tokens = notes.tokens(
        f"byte {line.offset}", fresh=use.input_other, read=use.input_cache_read, written=use.input_cache_creation, output=use.output,
    )  # fmt: skip
    if tokens is None:
        return
    session, agent, new = path_facts(piece.cursor.name)
    key = stable_key(f"kimi:{session}:{agent}:{message or line.offset}", "new" if new else "")
    if known.copied:
        notes.items.append(Superseded(key))
        return
    model, provider = state.models.get(alias or "", state.model if new else ("", ""))
    named = model or plain(alias or "")
    notes.items.append(UsageRecord(
        key, f"kimi:{session}", (state.at or file_millis(piece.cursor.mtime_ns)) // 1000, named or known.model, tokens,
        folder=known.folder, sub_agent=agent != "main", provider=provider if new else "moonshot",
        precedence=int(new), quality=Quality.EXACT if named else Quality.INFERRED,
    ))  # fmt: skip


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """A record that was copied as it is counts in the new home."""
    newest = max(each.precedence for each in family)
    return {each.key for each in family if each.precedence == newest}
