"""Words about sessions that come from a file: they fill in what the person has not said, as one edit (product 2.2).

A word is the person's when its time is set and no import set it; which import said what is kept in table ``meta``, so that a
later import may replace what an earlier one said, and never what a hand changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from tokenpal.store.database import Store
from tokenpal.store.edits import Attribute, Change, editing
from tokenpal.store.journal import checked_tags
from tokenpal.store.tasks import task_named

TITLE: Final = "Import outcomes"
KEY: Final = "outcome "


class Word(msgspec.Struct, frozen=True):
    """What is said of one session; empty = nothing."""

    session: str
    label: str = ""
    reason: str = ""
    note: str = ""
    link: str = ""
    minutes_saved: int | None = None
    tags: tuple[str, ...] = ()
    task: int | None = None


class Told(msgspec.Struct, frozen=True):
    """What came of it, in sessions."""

    sessions: int = 0
    labels: int = 0
    notes: int = 0  # notes, links and minutes
    tasks: int = 0
    tags: int = 0
    kept: int = 0  # words of the person that stayed


def sessions_of(store: Store, session: str) -> list[str]:
    """Sessions with this key, or whose agent calls them so."""
    rows = store.execute("SELECT key FROM session WHERE key = ?1 OR substr(key, instr(key, ':') + 1) = ?1 ORDER BY key", (session,))
    return [row[0] for row in rows]


def sessions_in(store: Store, project: str, branch: str, since: int, until: int) -> list[str]:
    """Sessions of a project, and branch if given, that were in use in [since, until] epoch seconds."""
    rows = store.execute(
        "SELECT DISTINCT x.key FROM segment g JOIN session x ON x.id = g.session JOIN project p ON p.id = g.project"
        " WHERE p.path = ?1 AND (?2 = '' OR g.branch = ?2) AND g.first_at <= ?4 AND g.last_at >= ?3 ORDER BY 1", (project, branch, since, until)
    )  # fmt: skip
    return [row[0] for row in rows]


def known_task(store: Store, name: str) -> int | None:
    found = task_named(store, name)
    return None if found is None else found.id


def tell(store: Store, words: Iterable[Word], attribute: Attribute | None = None) -> Told:
    """Write the words down. Nothing is recorded when nothing changed."""
    count = dict.fromkeys(Told.__struct_fields__, 0)
    with editing(store, TITLE, attribute) as change:
        for word in words:
            count["sessions"] += 1
            _tell(change, word, count)
    return Told(**count)


def _tell(change: Change, word: Word, count: dict[str, int]) -> None:
    row = change.get("annotation", word.session) or {"session": word.session}
    before = _imported(change.store, word.session)
    said: dict[str, Any] = {}
    if word.label:
        mine = {"label": word.label, "reason": word.reason}
        if _free(row, before, mine, "label_at"):
            said |= mine
        elif row.get("label") != word.label:
            count["kept"] += 1
    for name in ("note", "link", "minutes_saved"):
        value = getattr(word, name)
        if value in {"", None}:
            continue
        if _free(row, before, {name: value}, "note_at"):
            said[name] = value
        elif row.get(name) != value:
            count["kept"] += 1
    new = {name: value for name, value in said.items() if row.get(name) != value}
    if new:
        times = {"label_at": change.now} if "label" in new or "reason" in new else {}
        times |= {"note_at": change.now} if new.keys() - {"label", "reason"} else {}
        change.put("annotation", row | new | times)
        _note(change.store, word.session, {**before, **said, **times})
        count["labels"] += "label" in new
        count["notes"] += bool(new.keys() - {"label", "reason"})
    _tag(change, word, count)
    if word.task is not None:
        hand = change.get("hand", word.session)
        if hand is None or hand["task"] == word.task or before.get("task") == hand["task"]:
            if hand is None or hand["task"] != word.task:
                change.put("hand", {"session": word.session, "task": word.task, "changed_at": change.now})
                _note(change.store, word.session, {**_imported(change.store, word.session), "task": word.task})
                count["tasks"] += 1
        else:
            count["kept"] += 1


def _tag(change: Change, word: Word, count: dict[str, int]) -> None:
    have = {row["tag"] for row in change.rows("session_tag", session=word.session)}
    more = set(checked_tags(word.tags)) - have
    if not more:
        return
    change.put("annotation", (change.get("annotation", word.session) or {"session": word.session}) | {"tags_at": change.now})
    for tag in sorted(more):
        change.put("session_tag", {"session": word.session, "tag": tag})
    count["tags"] += 1


def _free(row: dict[str, Any], before: dict[str, Any], mine: dict[str, Any], time: str) -> bool:
    """Nobody has said it, or what stands there is an import's, untouched since."""
    if not row.get(time):
        return True
    if time == "note_at" and all(row.get(name) in {"", None} and name not in before for name in mine):
        return True  # the person wrote something else there
    return row.get(time) == before.get(time) and all(row.get(name) == before.get(name) for name in mine if name in before)


def _imported(store: Store, session: str) -> dict[str, Any]:
    row = store.execute("SELECT value FROM meta WHERE key = ?", (KEY + session,)).fetchone()
    found = json.loads(row[0]) if row else {}
    return found if isinstance(found, dict) else {}


def _note(store: Store, session: str, said: dict[str, Any]) -> None:
    store.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (KEY + session, json.dumps(said, sort_keys=True)))
