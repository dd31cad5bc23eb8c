"""Full-text search over notes, tasks, projects and check-ins.

Notes, tasks and check-ins live in an FTS5 index that ``edits`` keeps up to date inside the transaction of each edit.
Projects are few and come from the ledger, so they are matched where they are.
"""

from __future__ import annotations

from tokenpal.store.database import Store


def match_expression(text: str) -> str:
    """The person's words as an FTS5 query that cannot be a syntax error: every word quoted, every word a prefix."""
    words = ("".join(c if c.isalnum() or c in "-_/.#@" else " " for c in text)).split()
    return " ".join(f'"{word}"*' for word in words if any(c.isalnum() for c in word))


def matching_projects(store: Store, text: str, limit: int = 50) -> list[str]:
    """Project paths that contain every word of ``text``, whatever the case."""
    words = text.casefold().split()
    if not words or limit <= 0:
        return []
    paths = (path for (path,) in store.execute("SELECT path FROM project ORDER BY path"))
    return [path for path in paths if all(word in path.casefold() for word in words)][:limit]


def index(store: Store, kind: str, ref: str) -> None:
    """Make the index say of this note, task or check-in what its table says now."""
    row = store.execute(BODY[kind], (ref,)).fetchone()
    body = "\n".join(str(part) for part in row if part) if row else ""
    known = store.execute("SELECT id FROM search_ref WHERE kind = ? AND ref = ?", (kind, ref)).fetchone()
    if known:
        store.execute("DELETE FROM search WHERE rowid = ?", known)
    if body and not known:
        known = (store.execute("INSERT INTO search_ref(kind, ref) VALUES(?, ?)", (kind, ref)).lastrowid,)
    elif known and not body:
        store.execute("DELETE FROM search_ref WHERE id = ?", known)
    if body and known:
        store.execute("INSERT INTO search(rowid, body) VALUES(?, ?)", (known[0], body))


BODY = {
    "note": """SELECT note, link, (SELECT group_concat(tag, ' ') FROM session_tag t WHERE t.session = w.key)
        FROM (SELECT ? AS key) w LEFT JOIN annotation a ON a.session = w.key""",
    "task": """SELECT name, ticket, link, (SELECT group_concat(tag, ' ') FROM task_tag t WHERE t.task = task.id)
        FROM task WHERE id = CAST(? AS INTEGER)""",
    "checkin": "SELECT tried, worked, failed, learned FROM checkin WHERE week = ?",
}
