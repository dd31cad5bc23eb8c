"""What is asked of the databases of OpenCode and its family: numbers, ids, times and folders; never a title or a text (agent-logs 6.2)."""

from __future__ import annotations

from typing import Final

from tokenpal.sources.livedb import Column, Condition, Table, plain as columns

PICKED: Final = ("id", "sessionID", "role", "providerID", "modelID", "model", "time", "path", "cost", "tokens")
PICK: Final = f"CASE WHEN json_valid(data) THEN json_extract(data, {', '.join(repr('$.' + name) for name in PICKED)}) END"
USED: Final = (
    "json_valid(m.data) AND (json_extract(m.data, '$.tokens.input') > 0 OR json_extract(m.data, '$.tokens.output') > 0"
    " OR json_extract(m.data, '$.tokens.cache.read') > 0)"
)


def _of_session(table: str, session: str) -> tuple[Column, ...]:
    """What the session of a message tells; of sub-agents' sessions the one at the top of the chain. Never its title."""
    above = (
        f"(WITH RECURSIVE up(id, parent, n) AS (SELECT id, parent_id, 0 FROM {session} WHERE id = {table}.session_id"
        f" UNION ALL SELECT s.id, s.parent_id, n + 1 FROM up JOIN {session} s ON s.id = up.parent WHERE n < 20)"
        " SELECT COALESCE(parent, id) FROM up ORDER BY n DESC LIMIT 1)"
    )
    id_ = (session, "id")
    plainly = [
        Column(f"{session}_{name}", f"(SELECT s.{name} FROM {session} s WHERE s.id = {table}.session_id)", also=((session, name), id_))
        for name in ("directory", "version", "fork_session_id")
    ]
    return (*plainly, Column(f"{session}_root", above, also=((session, "parent_id"), id_)))


# A copy in a fork has the ``seq`` of its original, which is still there (ccusage#1780). The boundary is the last copied message.
COPIED: Final = (
    "EXISTS(SELECT 1 FROM session_v2 f JOIN session_message o ON o.session_id = f.fork_session_id AND o.seq = session_message.seq"
    " AND o.type = 'assistant' WHERE f.id = session_message.session_id AND session_message.seq <= COALESCE("
    "(SELECT b.seq FROM session_message b WHERE b.id = f.fork_boundary), CASE WHEN f.fork_boundary NOT GLOB '*[^0-9]*'"
    " THEN CAST(f.fork_boundary AS INTEGER) END, -1))"
)
TWIN: Final = (  # the same message in the other generation of tables
    "(SELECT CASE WHEN json_valid(o.data) THEN json_extract(o.data, '$.time.created') END FROM session_message o WHERE o.id = message.id)"
)
UNFINISHED: Final = (
    "CASE WHEN json_valid(data) THEN json_extract(data, '$.role') IS NOT 'user' AND json_extract(data, '$.time.completed') IS NULL END"
)


def _totals(name: str) -> Table:
    """Sessions with totals of which no message with tokens is there."""
    asked = [
        Condition(f"NOT EXISTS(SELECT 1 FROM {message} m WHERE m.session_id = {name}.id AND {USED})", ((message, "session_id"), (message, "data")))
        for message in ("message", "session_message")
    ]
    kept = ("tokens_input", "tokens_output", "tokens_reasoning", "tokens_cache_read", "tokens_cache_write")
    return Table(
        name, columns("id", "parent_id", "directory", "version", "cost", "model", "time_created", *kept), where="tokens_input + tokens_output > 0",
        needs=("id", "tokens_input", "tokens_output"), conditions=tuple(asked), grows=False,
    )  # fmt: skip


TABLES: Final = (
    Table(
        "message",
        (
            *columns("id", "session_id", "time_created"), Column("picked", PICK),
            *_of_session("message", "session"), *_of_session("message", "session_v2"),
            Column("twin_created", TWIN, also=(("session_message", "id"), ("session_message", "data"))),
        ),
        needs=("session_id", "data"), id="id", unfinished=UNFINISHED,
    ),
    Table(
        "session_message",
        (
            *columns("id", "session_id", "time_created"), Column("picked", PICK),
            *_of_session("session_message", "session_v2"), *_of_session("session_message", "session"),
            Column("known", f"EXISTS(SELECT 1 FROM message m WHERE m.id = session_message.id AND {USED})", also=(("message", "id"), ("message", "data"))),
            Column("copied", COPIED, of="seq", also=(("session_v2", "fork_session_id"), ("session_v2", "fork_boundary"), ("session_v2", "id"))),
        ),
        where="type = 'assistant'", needs=("session_id", "type", "data"), id="id", unfinished=UNFINISHED,
    ),
    _totals("session_v2"),
    _totals("session"),
)  # fmt: skip
