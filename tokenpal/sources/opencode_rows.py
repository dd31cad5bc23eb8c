"""What OpenCode and its family (Kilo CLI) keep: rows of a live database, and older JSON files (agent-logs 6).

One message is one response; its id is the key, in whichever store it is found, and the stores are trusted in the order
``message``, ``session_message``, JSON file. Forks copy messages under new ids: messages of one creation time share a family,
and ``settle`` counts those with equal times, tokens, model and cost once; in ``session_message`` a copy also has its original's
``seq``. A session's own totals count only where none of its messages has tokens. Reasoning is outside output unless
``tokens.total`` says otherwise (the version that changed it is not known: agent-logs 10). Requests for titles and the like
are in no store, so that everything is a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import isqrt
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Item, Quality, SessionFact, Superseded, UsageRecord, stable_key
from tokenpal.sources.base import Line, Piece
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import document, fit, typed
from tokenpal.sources.opencode_tables import PICKED
from tokenpal.sources.times import file_millis, millis

# Bits of a precedence, from the top: which store (2), which of several data folders (4), when it was completed (41),
# its cost (8), how long after the message its id was made (8): copies come later. Below the first two, versions of one
# row differ only in what makes the newer one win.
STORE, FOLDER, DONE, COST = 61, 57, 16, 8
SAME: Final = (1 << FOLDER) - (1 << COST)  # the bits in which copies agree: completed, cost
MESSAGE, MESSAGE_V2, FILE = 3, 2, 1
MOST_FOLDERS: Final = 15

class Cache(msgspec.Struct, gc=False):
    read: int | None = None
    write: int | None = None


class Count(msgspec.Struct, gc=False):
    total: int | None = None
    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cache: Cache | None = None


class Times(msgspec.Struct, gc=False):
    created: int | float | str | None = None
    completed: int | float | str | None = None


class Where(msgspec.Struct, gc=False):
    cwd: str | None = None
    root: str | None = None


class Model(msgspec.Struct, gc=False):
    id: str | None = None
    providerID: str | None = None  # noqa: N815 - as the rows spell it
    modelID: str | None = None  # noqa: N815 - as above


class Message(msgspec.Struct, gc=False):
    id: str | None = None
    sessionID: str | None = None  # noqa: N815 - as above
    role: str | None = None
    providerID: str | None = None  # noqa: N815 - as above
    modelID: str | None = None  # noqa: N815 - as above
    model: Model | None = None
    time: Times | None = None
    path: Where | None = None
    cost: float | None = None
    tokens: Count | None = None


class Picked(Message, gc=False, array_like=True):
    """A message as ``PICK`` picks it: the fields in order."""


class Row(msgspec.Struct, gc=False):
    """A row as the database reader hands it over."""

    table: str = ""
    id: str | None = None
    session_id: str | None = None
    time_created: int | float | str | None = None
    picked: str | None = None
    session_directory: str | None = None
    session_version: str | None = None
    session_fork_session_id: str | None = None
    session_root: str | None = None
    session_v2_directory: str | None = None
    session_v2_version: str | None = None
    session_v2_fork_session_id: str | None = None
    session_v2_root: str | None = None
    twin_created: int | float | str | None = None
    known: int | None = None
    copied: int | None = None
    # a session with totals
    parent_id: str | None = None
    directory: str | None = None
    version: str | None = None
    cost: float | None = None
    model: str | None = None
    tokens_input: int | None = None
    tokens_output: int | None = None
    tokens_reasoning: int | None = None
    tokens_cache_read: int | None = None
    tokens_cache_write: int | None = None


class Session(msgspec.Struct, frozen=True):
    """What is known of a message's session besides its id."""

    root: str = ""  # of a sub-agent's: the session that started it all
    directory: str = ""
    version: str = ""
    fork_of: str = ""


class Known(msgspec.Struct, frozen=True):
    """What ``fetch`` tells ``parse`` of a file."""

    folder: int = 0  # which of several data folders
    session: Session = Session()


_picked = msgspec.json.Decoder(Picked)


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """Rows stand for themselves: nothing is kept."""


# ---------------------------------------------------------------------------------------------- meaning


def said(agent: str, piece: Piece) -> list[Item]:
    """The items of a piece: of database rows, or of one JSON file."""
    saying = _Saying(agent, piece)
    rows = "#" in piece.cursor.name and not piece.cursor.name.endswith(".json")
    for line in piece.lines:
        if rows:
            row = typed(line.data, Row)
            if row is None:
                saying.notes.problem(f"row {line.offset}", "the row cannot be understood")
            elif row.table in {"session", "session_v2"}:
                saying.totals(line, row)
            else:
                saying.row(line, row)
        else:
            message = typed(line.data, Message)
            if message is not None:
                saying.message("the file", message, FILE, message.id or saying.stem, message.sessionID or saying.above, None, saying.known.session)
    return saying.notes.items


class _Saying:
    def __init__(self, agent: str, piece: Piece) -> None:
        self.agent, self.notes = agent, Notes(piece)
        self.known = piece.context if isinstance(piece.context, Known) else Known()
        path = Path(piece.cursor.name)
        self.stem, self.above = path.stem, path.parent.name
        self.file_at = file_millis(piece.cursor.mtime_ns)
        self.facts: set[SessionFact] = set()
        self.with_messages: set[str] = set()

    def row(self, line: Line, row: Row) -> None:
        place = f"{row.table} {line.offset}"
        if row.known:
            return
        message = _message(row.picked)
        if message is None:
            self.notes.problem(place, "the row is not JSON")
            return
        session = Session(
            row.session_root or row.session_v2_root or "", row.session_directory or row.session_v2_directory or "",
            row.session_version or row.session_v2_version or "", row.session_v2_fork_session_id or row.session_fork_session_id or "",
        )  # fmt: skip
        store = MESSAGE if row.table == "message" else MESSAGE_V2
        id_ = message.id or row.id or f"{row.session_id} {line.offset}"
        key = self.message(place, message, store, id_, row.session_id or message.sessionID or "", row.time_created, session)
        twin = self.key(id_, millis(row.twin_created))
        if key is not None and row.twin_created is not None and twin != key:
            self.notes.items.append(Superseded(twin))
        if key is not None and row.copied:
            self.notes.items.append(Superseded(key))

    def message(
        self, place: str, message: Message, store: int, id_: str, own: str, column_at: Any, session: Session,
    ) -> bytes | None:
        """One response; None when it has no tokens, or none yet."""
        if message.tokens is None or message.role not in {None, "assistant"}:
            return None
        tokens = self.tokens(place, message.tokens)
        if tokens is None:
            return None
        own = plain(own) or "unknown"
        times = message.time or Times()
        at = millis(times.created)
        completed = millis(times.completed) or 0
        cost = self.notes.money(place, MoneyKind.LIST_PRICE, message.cost)
        model = message.model or Model()
        provider = message.providerID or model.providerID
        path = message.path or Where()
        folder = path.cwd or (path.root if path.root != "/" else "") or session.directory
        root = plain(session.root) or own
        self.fact(root, session, sub_agent=root != own)
        if own not in self.with_messages:  # so its own totals are these messages again
            self.with_messages.add(own)
            self.notes.items.append(Superseded(self.totals_key(own)))
        key = self.key(id_, at)
        self.notes.items.append(UsageRecord(
            key, f"{self.agent}:{root}", (at or millis(column_at) or self.file_at) // 1000,
            plain(message.modelID or model.id or model.modelID or ""), tokens, folder=plain(folder or "", LONGEST_PATH), sub_agent=root != own,
            precedence=_precedence(store, self.known.folder, completed, cost, _delay(id_, at)), home=MESSAGE - store, money=cost,
            quality=Quality.LOWER_BOUND, provider=provider_id(provider) if provider else "",
        ))  # fmt: skip
        return key

    def totals(self, line: Line, row: Row) -> None:
        """A session without messages."""
        place = f"{row.table} {line.offset}"
        if not row.id:
            return
        reasoning = row.tokens_reasoning or 0
        tokens = self.notes.tokens(
            place, fresh=row.tokens_input, read=row.tokens_cache_read, written=row.tokens_cache_write,
            output=(row.tokens_output or 0) + max(0, reasoning), reasoning=reasoning,
        )  # fmt: skip
        if tokens is None:
            return
        own, named = plain(row.id), row.model or ""
        told = fit(document(named.encode("utf-8", "replace")), Model) if named.startswith("{") else Model(id=named)
        model = told or Model()
        root = plain(row.parent_id) if row.parent_id else own
        self.fact(root, Session(version=row.version or ""), sub_agent=root != own)
        self.notes.items.append(UsageRecord(
            self.totals_key(own), f"{self.agent}:{root}", (millis(row.time_created) or self.file_at) // 1000,
            plain(model.id or model.modelID or ""), tokens, None, folder=plain(row.directory or "", LONGEST_PATH), sub_agent=root != own,
            money=self.notes.money(place, MoneyKind.LIST_PRICE, row.cost), quality=Quality.AGGREGATE,
            provider=provider_id(model.providerID) if model.providerID else "",
        ))  # fmt: skip

    def key(self, id_: str, at: int | None) -> bytes:
        return stable_key(f"{self.agent}:{id_ if at is None else at}", id_)

    def totals_key(self, session: str) -> bytes:
        return stable_key(f"{self.agent}:totals of {session}")

    def tokens(self, place: str, count: Count) -> Tokens | None:
        cache = count.cache or Cache()
        fresh, output, reasoning, read, written = self.notes.clean(place, count.input, count.output, count.reasoning, cache.read, cache.write)
        if not reasoning or count.total != fresh + output + read + written:  # else the total says that it is inside
            output += reasoning
        return self.notes.tokens(place, fresh=fresh, read=read, written=written, output=output, reasoning=reasoning)

    def fact(self, root: str, session: Session, *, sub_agent: bool) -> None:
        parent = plain(session.fork_of) if session.fork_of and not sub_agent else ""
        version = plain(session.version)
        if not (parent or version):
            return
        fact = SessionFact(f"{self.agent}:{root}", f"{self.agent}:{parent}" if parent else "", version)
        if fact not in self.facts:
            self.facts.add(fact)
            self.notes.items.append(fact)


def _message(picked: str | None) -> Message | None:
    text = (picked or "").encode("utf-8", "replace")
    try:
        return _picked.decode(text)
    except (msgspec.DecodeError, RecursionError):
        values = document(text)
        return fit(dict(zip(PICKED, values, strict=False)), Message) if isinstance(values, list) else None


def _precedence(store: int, folder: int, completed: int, cost: tuple[Money, ...], delay: int) -> int:
    """See the bits above; the first data folder wins (agent-logs 6.1, decided by ccusage's test of two)."""
    shade = blake2b(repr(cost[0].pico).encode(), digest_size=1).digest()[0] if cost and completed else 0
    first = MOST_FOLDERS - min(folder, MOST_FOLDERS)
    return store << STORE | first << FOLDER | (completed & ((1 << 41) - 1)) << DONE | shade << COST | delay


def _delay(id_: str, at: int | None) -> int:
    """How long after its message an id was made, 0 to 255 by the square root of minutes: 0 for the original.

    An id such as ``msg_0123456789ab…`` begins with 48 bits of its time in ms, times 4096.
    """
    digits = id_.partition("_")[2][:12]
    try:
        made = int(digits, 16) >> 12
    except ValueError:
        return 128
    if at is None or len(digits) < 12:
        return 128
    later = (made - at) % (1 << 36)
    return 0 if later > 1 << 35 else min(255, isqrt(later // 60_000))


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Of messages of one creation time, those that are equal in all but their ids once: the one whose id was made first."""
    first: dict[tuple[Any, ...], Candidate] = {}
    for each in sorted(family, key=lambda each: (each.precedence & 0xFF, each.key)):
        first.setdefault((each.precedence & SAME, each.model, each.tokens), each)
    return {each.key for each in first.values()}
