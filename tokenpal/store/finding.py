"""Search through notes, tasks, projects and check-ins while the person types (product 5.4): one pass through the index a keystroke.

Every word is a prefix; accents and case do not matter. Text without spaces between words (Chinese, Japanese, Korean) is found from the
beginning of a run through the index, and when that finds nothing anywhere in the text.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from tokenpal.model.found import Found, Marks
from tokenpal.model.ranges import iso_week_days
from tokenpal.store.database import Store
from tokenpal.store.search import match_expression, matching_projects

LONGEST: Final = 200
"""Characters of a query that count."""
LOOKED_AT: Final = 6000  # newest hits of which the kinds are looked at
LOOKED_AT_SHORT: Final = 3000  # of a single letter, which is in everything
READ: Final = 4000  # characters of a text in which the place is looked for
BEFORE: Final = 24
SHOWN: Final = 160
FIELDS: Final = ("tried", "worked", "failed", "learned")


def find(store: Store, text: str, limit: int = 40) -> list[Found]:
    """At most ``limit`` hits, tasks first, then notes and check-ins, newest first, then projects. Empty text finds nothing."""
    wanted = text[:LONGEST].strip()
    match = match_expression(wanted)
    if not match or limit <= 0:
        return []
    words = [word.strip('"*').translate(_FOLD) for word in match.split(" ")]
    every = _rowids(store, match, wanted)
    few: dict[int, tuple[str, str]] = {
        id_: (kind, ref) for id_, kind, ref in store.execute("SELECT id, kind, ref FROM search_ref WHERE kind IN ('task', 'checkin')")
    }
    share = max(3, limit // 4)
    of = {kind: [few[id_][1] for id_ in every if id_ in few and few[id_][0] == kind][:most] for kind, most in (("task", share), ("checkin", share))}
    projects = matching_projects(store, wanted, share)
    notes = [id_ for id_ in every if id_ not in few][: limit - sum(map(len, of.values())) - len(projects)]
    return [
        *_tasks(store, of["task"], words), *_notes(store, notes, words), *_checkins(store, of["checkin"], words),
        *(_found("project", path, path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path, path, 0, words) for path in projects),
    ]  # fmt: skip


def _rowids(store: Store, match: str, wanted: str) -> list[int]:
    most = LOOKED_AT if len(wanted) > 1 else LOOKED_AT_SHORT
    found = [row[0] for row in store.execute("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most))]
    if not found and any(_without_spaces(c) for c in wanted):
        like = "%" + "".join(f"\\{c}" if c in "%_\\" else c for c in wanted) + "%"
        found = [row[0] for row in store.execute("SELECT rowid FROM search WHERE body LIKE ? ESCAPE '\\' ORDER BY rowid DESC LIMIT 60", (like,))]
    return found


def _without_spaces(c: str) -> bool:
    return "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\u0e00" <= c <= "\u0e7f"


def _tasks(store: Store, refs: Sequence[str], words: Sequence[str]) -> list[Found]:
    rows = _by_ref(store, "SELECT id, name, ticket, changed_at, (SELECT group_concat(tag, ', ') FROM task_tag WHERE task = task.id) FROM task WHERE id IN", [int(ref) for ref in refs])
    return [_found("task", ref, row[1], ", ".join(part for part in row[2::2] if part), row[3], words) for ref in refs if (row := rows.get(ref))]


def _notes(store: Store, ids: Sequence[int], words: Sequence[str]) -> list[Found]:
    rows = store.execute(
        """SELECT r.id, IFNULL(p.session, r.ref), IFNULL(a.note, ''), IFNULL(a.link, ''), IFNULL(s.first_at, IFNULL(a.note_at, 0)),
          (SELECT group_concat(tag, ', ') FROM session_tag t WHERE t.session = r.ref) FROM search_ref r
        LEFT JOIN annotation a ON a.session = r.ref LEFT JOIN session_part p ON p.part = r.ref
        LEFT JOIN session s ON s.key = IFNULL(p.session, r.ref) WHERE r.id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(ids)),),
    ).fetchall()
    by_id = {row[0]: row[1:] for row in rows}
    out = []
    for id_ in ids:
        if row := by_id.get(id_):
            session, note, link, at, tags = row
            first, _, rest = note.strip().partition("\n")
            out.append(_found("note", session, first or tags or link or session, "\n".join(part for part in (rest, tags if first else "", link) if part), at, words))
    return out


def _checkins(store: Store, refs: Sequence[str], words: Sequence[str]) -> list[Found]:
    rows = _by_ref(store, f"SELECT week, {', '.join(FIELDS)} FROM checkin WHERE week IN", list(refs))
    out = []
    for ref in refs:
        if row := rows.get(ref):
            texts = [text for text in row[1:] if text]
            best = next((text for text in texts if _places(text, words)), texts[0] if texts else "")
            out.append(_found("checkin", ref, ref, best, _monday(ref), words))
    return out


def _by_ref(store: Store, select: str, refs: list[Any]) -> dict[str, tuple[Any, ...]]:
    return {str(row[0]): row for row in store.execute(f"{select} (SELECT value FROM json_each(?))", (json.dumps(refs),))}


def _monday(week: str) -> int:
    try:
        return (iso_week_days(week)[0].toordinal() - 719_163) * 86_400
    except ValueError:
        return 0


# ---------------------------------------------------------------------------------------------- where it is


def _found(kind: str, ref: str, title: str, text: str, at: int, words: Sequence[str]) -> Found:
    head = " ".join(title[:READ].split())[:SHOWN]
    line = piece(text, words)
    return Found(kind, ref, head, line, at, _places(head, words), _places(line, words))


def piece(text: str, words: Sequence[str]) -> str:
    """The part of a text around the first hit, on one line; its beginning when the hit is not near."""
    flat = " ".join(text[:READ].split())
    first = min((start for start, _ in _places(flat, words)), default=0)
    start = max(0, first - BEFORE)
    if start:
        start = flat.find(" ", start, first) + 1 or start
    shown = flat[start : start + SHOWN]
    return f"{'…' if start else ''}{shown}{'…' if start + SHOWN < len(flat) else ''}"


def _places(text: str, words: Sequence[str]) -> Marks:
    """Where words of the text begin with the wanted ones; without such a place anywhere in the text."""
    folded = text.translate(_FOLD)
    found: dict[int, int] = {}
    for word in words:
        starts = _starts(folded, word, whole=True) or _starts(folded, word, whole=False)
        for start in starts[:8]:
            found[start] = max(found.get(start, 0), len(word))
    return tuple(sorted(found.items()))


def _starts(folded: str, word: str, *, whole: bool) -> list[int]:
    out, at = [], folded.find(word) if word else -1
    while at >= 0:
        if not whole or at == 0 or not folded[at - 1].isalnum():
            out.append(at)
        at = folded.find(word, at + 1)
    return out


class _Fold(dict[int, str]):
    """Each character without accent and case, one for one, so that places stay where they are."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code))[0]
        low = base.lower()
        value = self[code] = low if len(low) == 1 else base
        return value


_FOLD: Final = _Fold()
