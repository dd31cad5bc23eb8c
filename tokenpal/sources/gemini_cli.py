"""Gemini CLI: session files below ``.gemini/tmp/<project>/chats`` (agent-logs 5).

Any object with an ``id`` and ``tokens`` is a response, on a line of its own, in ``messages`` of an older document or in a
``$set`` checkpoint. The key is (session, message): the last mention in a file wins, whatever was rewound still counts. A
document and the lines it was turned into hold the same ids, and lines win. Cached is inside input, thoughts are outside
output, unless the total says that input is net already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.usage import Item, UsageRecord, stable_key
from tokenpal.sources.base import Context, Kind, Line, Piece, Raw, SourceInfo
from tokenpal.sources.counts import Notes
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document, typed
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import Found, look

INFO: Final = SourceInfo(
    id="gemini-cli",
    name="Gemini CLI",
    kind=Kind.LOG,
    provider="google",
    docs="https://github.com/google-gemini/gemini-cli",
    tells="Every response of Gemini CLI on this machine: tokens by class, model, folder and session; sub-agents too.",
    silent="Git branches, use on other machines, and sessions that Gemini CLI removed (after 30 days) before they were read.",
)
MARKERS: Final = Markers(anywhere=(b'"tokens"',), first_line=True)
MOST_LISTED: Final = 1 << 20  # bytes of projects.json


class Count(msgspec.Struct, gc=False):
    input: int | None = None
    output: int | None = None
    cached: int | None = None
    thoughts: int | None = None
    tool: int | None = None
    total: int | None = None


class Message(msgspec.Struct, gc=False):
    id: str | None = None
    timestamp: str | int | float | None = None
    model: str | None = None
    tokens: Count | None = None


class Set(msgspec.Struct, gc=False):
    messages: list[Message] | None = None


class Row(Message, gc=False, rename="camel"):
    """A message, the header of a session, a change to it, or an older document that is all of them."""

    session_id: str | None = None
    kind: str | None = None
    start_time: str | int | float | None = None
    created_at: str | int | float | None = None
    messages: list[Message] | None = None
    set: Set | None = msgspec.field(name="$set", default=None)


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before."""

    session: str = ""
    model: str = ""
    at: int = 0  # of the latest message, epoch ms
    sub_agent: bool = False



# ---------------------------------------------------------------------------------------------- files


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``.gemini`` of the moved home and of the person's; places named by other trackers' variables."""
    return once([*named(home, env, "GEMINI_DATA_DIR"), *named(home, env, "GEMINI_CLI_HOME", below=".gemini"), home / ".gemini"])


def _bases(root: Path) -> list[str]:
    for below in (root / "tmp", root / ".gemini" / "tmp"):
        if below.is_dir():
            return [str(below)]
    return [] if root.name == ".gemini" else [str(root)]  # there without ``tmp``: settings, and another program's files


def wanted(name: str) -> bool:
    return name.endswith((".json", ".jsonl")) and ".unreadable-" not in name and not name.startswith(("logs.", "checkpoint"))


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every session, and the older documents that changed."""
    if context.root is None:
        return
    seen = look(
        _bases(context.root), wanted, skip=frozenset({"node_modules", ".git"}), memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    todo = [
        found for found in seen.files
        if "chats" in Path(found.path).parts[:-1] and not unchanged(found, context.cursors.get(found.path))
    ]  # fmt: skip
    if todo:
        for piece in _read(todo, context, _Projects(context.root)):
            yield piece


def _read(todo: list[Found], context: Context, projects: _Projects) -> Iterator[Piece]:
    lines = [found for found in todo if found.path.endswith("l")]
    reader = Reader(MARKERS)
    reader.plan(lines, context.cursors)
    for found in lines:
        yield from reader.pieces(found, context.cursors.get(found.path), context.now(), projects.folder(found.path))
    documents = [found for found in todo if not found.path.endswith("l")]
    yield from changed(documents, context.cursors, context.now(), context=lambda found: projects.folder(found.path))


class _Projects:
    """Which folder a project's short id or hash stands for."""

    def __init__(self, root: Path) -> None:
        self.names: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        for below in (root, root / ".gemini"):
            listed = document(_small(below / "projects.json"))
            projects = listed.get("projects") if isinstance(listed, dict) else None
            for path, name in projects.items() if isinstance(projects, dict) else ():
                self.names[sha256(path.encode("utf-8", "replace")).hexdigest()] = path
                if isinstance(name, str):
                    self.names[name] = path

    def folder(self, path: str) -> str:
        """The project folder of a session file; "" = not known."""
        parts = Path(path).parts
        project = Path(*parts[: len(parts) - 1 - parts[::-1].index("chats")])
        if str(project) not in self.asked:
            own = _small(project / ".project_root").decode("utf-8", "replace").strip()
            self.asked[str(project)] = plain(self.names.get(project.name, own), LONGEST_PATH)
        return self.asked[str(project)]


def _small(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_LISTED)
    except OSError:
        return b""


@lru_cache(maxsize=4096)
def path_facts(path: str) -> tuple[str, str]:
    """(the file's own name, the parent's session id of a sub-agent's file or "")."""
    parts = path.replace("\\", "/").split("/")
    stem = parts[-1].removesuffix("l").removesuffix(".json")
    parent = parts[-2] if len(parts) > 2 and parts[-2] != "chats" and "chats" in parts else ""
    return plain(stem), plain(parent)


# ---------------------------------------------------------------------------------------------- meaning


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else msgspec.structs.replace(state)
    saying = _Saying(state, raw)
    for line in raw.lines:
        row = typed(line.data, Row)
        if row is None:
            if b'"tokens"' in line.data:  # the first line of a file comes whatever it holds
                saying.notes.problem(f"byte {line.offset}", "the line is not a JSON object")
            continue
        saying.row(line, row)
    return state, saying.notes.items


class _Saying:
    def __init__(self, state: State, piece: Piece) -> None:
        self.state, self.notes = state, Notes(piece)
        self.stem, self.parent = path_facts(piece.cursor.name)
        self.lines = piece.cursor.name.endswith("l")
        self.folder = piece.context if isinstance(piece.context, str) else ""
        self.file_at = file_millis(piece.cursor.mtime_ns)

    def row(self, line: Line, row: Row) -> None:
        state = self.state
        if row.tokens is None:
            if row.session_id:
                state.session = plain(row.session_id)
            if row.kind:
                state.sub_agent = row.kind not in {"main", ""}
            if row.model:
                state.model = plain(row.model)
            state.at = millis(row.start_time) or millis(row.created_at) or state.at
        own = state.session or self.stem
        sub_agent = bool(self.parent) or state.sub_agent
        if row.id and row.tokens is not None:
            self.message(line, row, own, sub_agent=sub_agent)
        for each in (*(row.messages or ()), *((row.set.messages or ()) if row.set is not None else ())):
            self.message(line, each, own, sub_agent=sub_agent)

    def message(self, line: Line, message: Message, own: str, *, sub_agent: bool) -> None:
        count, state = message.tokens, self.state
        if count is None or not message.id:
            return
        state.at = millis(message.timestamp) or state.at
        place = f"byte {line.offset}" if self.lines else "a message"
        said, cached, tool, output, thoughts = self.notes.clean(place, count.input, count.cached, count.tool, count.output, count.thoughts)
        if not (cached and count.total == said + cached + tool + output + thoughts):  # else the total proves that input is net
            said, cached, _ = self.notes.parts(place, said, cached)
        tokens = self.notes.tokens(place, fresh=said + tool, read=cached, output=output + thoughts, reasoning=thoughts)
        if tokens is None:
            return
        session = self.parent or own  # sub-agents belong to their root session (decisions 3)
        self.notes.items.append(UsageRecord(
            stable_key(f"gemini-cli:{own}:{message.id}"), f"gemini-cli:{session}", (state.at or self.file_at) // 1000,
            plain(message.model) if message.model else state.model, tokens, folder=self.folder, sub_agent=sub_agent,
            precedence=line.offset + 1 if self.lines else 0,
        ))  # fmt: skip

