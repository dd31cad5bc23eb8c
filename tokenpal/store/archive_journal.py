"""The person's half of an archive: tasks, rules, timers, annotations, assignments, check-ins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.audit import AuditRow
from tokenpal.model.journal import RuleKind
from tokenpal.store import archive_desktop, sharing_audit
from tokenpal.store.database import Store
from tokenpal.store.edits import Change
from tokenpal.store.tasks import new_task

Line = dict[str, Any]
PARTS: Final = {  # of an annotation, each with its own age
    "label_at": ("label", "reason"),
    "note_at": ("note", "link", "minutes_saved"),
    "tags_at": ("tags",),
}
KINDS: Final = frozenset({"task", "rule", "timer", "annotation", "hand", "split", "project_default", "checkin", "share_draw", "share_audit"}) | archive_desktop.KINDS


def lines(store: Store) -> Iterator[Line]:
    """Every journal row, in an order that depends on the content only."""
    uid = dict(store.execute("SELECT id, uid FROM task").fetchall())
    tags = _tags(store, "task_tag", "task")
    for id_, name, ticket, link, done, archived, color, changed_at in store.execute(
        "SELECT id, name, ticket, link, done, archived, color, changed_at FROM task ORDER BY uid"
    ):
        yield {
            "is": "task", "uid": uid[id_], "name": name, "ticket": ticket, "link": link, "done": bool(done), "archived": bool(archived),
            "color": color, "tags": tags.get(id_, []), "changed_at": changed_at,
        }  # fmt: skip
    accounts = {str(row[0]): list(row[1:]) for row in store.execute("SELECT id, source, root, name FROM account")}
    for kind, pattern, task in store.execute("SELECT kind, pattern, task FROM rule ORDER BY position, id"):
        account = accounts.get(pattern) if kind == RuleKind.ACCOUNT else None
        yield {"is": "rule", "kind": kind, "pattern": account or pattern, "task": uid[task]}
    for task, start, end in store.execute('SELECT task, start, "end" FROM timer ORDER BY start'):
        yield {"is": "timer", "task": uid[task], "start": start, "end": end}
    tags = _tags(store, "session_tag", "session")
    columns = ("session", "label", "reason", "label_at", "note", "link", "minutes_saved", "note_at", "tags_at")
    for row in store.execute(f"SELECT {', '.join(columns)} FROM annotation ORDER BY session"):
        yield {"is": "annotation", **dict(zip(columns, row, strict=True)), "tags": tags.get(row[0], [])}
    for session, task, changed_at in store.execute("SELECT session, task, changed_at FROM hand ORDER BY session"):
        yield {"is": "hand", "session": session, "task": uid.get(task), "changed_at": changed_at}
    for session, at, task in store.execute("SELECT session, at, task FROM split ORDER BY session, at"):
        yield {"is": "split", "session": session, "at": at, "task": uid.get(task)}
    for project, task in store.execute("SELECT project, task FROM project_default ORDER BY project"):
        yield {"is": "project_default", "project": project, "task": uid[task]}
    fields = ("week", "tried", "worked", "failed", "learned", "evidence", "changed_at")
    for row in store.execute(f"SELECT {', '.join(fields)} FROM checkin ORDER BY week"):
        yield {"is": "checkin", **dict(zip(fields, row, strict=True))}
    for week, team, draw in store.execute("SELECT week, team, draw FROM share_draw ORDER BY week, team"):
        yield {"is": "share_draw", "week": week, "team": team, "draw": draw}
    for row in sharing_audit.audit_chain(store):
        yield {"is": "share_audit", **msgspec.structs.asdict(row)}


def merge(change: Change, journal: list[Line]) -> None:
    """Write what is newer or missing. Raises KeyError, TypeError or ValueError for lines that make no sense."""
    of = _Kinds(journal)
    tasks = {line["uid"]: _task(change, line) for line in of("task")}
    for line in of("rule"):
        _rule(change, line, tasks[line["task"]])
    for line in of("timer"):
        _timer(change, tasks[line["task"]], int(line["start"]), None if line["end"] is None else int(line["end"]))
    for line in of("annotation"):
        _annotation(change, line)
    for line in of("hand"):
        session, changed_at = str(line["session"]), int(line["changed_at"])
        old = change.get("hand", session)
        if old is None or old["changed_at"] < changed_at:
            task = None if line["task"] is None else tasks[line["task"]]
            change.put("hand", {"session": session, "task": task, "changed_at": changed_at})
    for line in of("split"):
        session, at = str(line["session"]), int(line["at"])
        if change.get("split", session, at) is None:
            change.put("split", {"session": session, "at": at, "task": None if line["task"] is None else tasks[line["task"]]})
    for line in of("project_default"):
        if change.get("project_default", str(line["project"])) is None:
            change.put("project_default", {"project": str(line["project"]), "task": tasks[line["task"]]})
    newer: set[str] = set()
    for line in of("checkin"):
        row: Line = {name: str(line[name]) for name in ("week", "tried", "worked", "failed", "learned", "evidence")}
        row["changed_at"] = int(line["changed_at"])
        old = change.get("checkin", row["week"])
        if old is None or _age(old) < _age(row):
            newer.add(row["week"])
            change.put("checkin", row)
    archive_desktop.merge_pins(change, of("checkin_pin"), newer)
    archive_desktop.merge_templates(change, of("template"))
    archive_desktop.merge_budgets(change, of("budget"), tasks)
    for kind in archive_desktop.ONCE:
        archive_desktop.merge_once(change, kind, of(kind))


def merge_draws(store: Store, journal: list[Line]) -> None:
    """A draw is made once a week and never replaced (sharing-protocol 5.4); it is no edit of the person."""
    for line in _Kinds(journal)("share_draw"):
        store.execute("INSERT OR IGNORE INTO share_draw(week, team, draw) VALUES(?, ?, ?)", (line["week"], line["team"], line["draw"]))


def merge_audit(store: Store, journal: list[Line]) -> None:
    """The log comes along to a machine that has none; an own log stays as it is, since both cannot be one chain.

    Memberships are in no archive: they hang on keys in the credential store of one machine.
    """
    fields = AuditRow.__struct_fields__
    sharing_audit.adopt_audit(store, [AuditRow(*(line[name] for name in fields)) for line in _Kinds(journal)("share_audit")])


class _Kinds:
    def __init__(self, journal: list[Line]) -> None:
        self.journal = journal

    def __call__(self, kind: str) -> list[Line]:
        return [line for line in self.journal if line["is"] == kind]


def _age(row: Line) -> tuple[int, str]:
    """Newer wins; of two of one second always the same one, whichever machine imports."""
    return int(row["changed_at"]), json.dumps({key: value for key, value in row.items() if key not in {"id", "uid"}}, sort_keys=True)


def _task(change: Change, line: Line) -> int:
    """The local id: by uid, else by name (whatever the case), else new."""
    name = " ".join(str(line["name"]).split())
    columns: Line = {
        "name": name, "ticket": str(line["ticket"]), "link": str(line["link"]), "done": int(line["done"]),
        "archived": int(line["archived"]), "color": int(line["color"]) % 8, "changed_at": int(line["changed_at"]),
    }  # fmt: skip
    every = change.rows("task")
    same = next((row for row in every if row["uid"] == line["uid"]), None)
    namesake = next((row for row in every if row["name"].casefold() == name.casefold()), None)
    old = same or namesake
    if old is None:
        id_ = new_task(change, columns.pop("name"), **columns, uid=str(line["uid"]))
        for tag in line["tags"]:
            change.put("task_tag", {"task": id_, "tag": str(tag)})
        return id_
    if namesake is not None and namesake["id"] != old["id"]:
        columns["name"] = old["name"]  # the new name is taken here
    columns["color"] = old["color"]  # kept for life
    if _age(old) < _age({**old, **columns}) and int(line["changed_at"]) >= old["changed_at"]:
        change.put("task", {**old, **columns})
        have = {row["tag"] for row in change.rows("task_tag", task=old["id"])}
        wanted = set(map(str, line["tags"]))
        for tag in have - wanted if int(line["changed_at"]) > old["changed_at"] else ():
            change.drop("task_tag", old["id"], tag)
        for tag in wanted - have:
            change.put("task_tag", {"task": old["id"], "tag": tag})
    return int(old["id"])


def _rule(change: Change, line: Line, task: int) -> None:
    kind, pattern = RuleKind(line["kind"]).value, line["pattern"]
    if isinstance(pattern, list):
        row = change.store.execute("SELECT id FROM account WHERE source = ? AND root = ? AND name = ?", tuple(pattern)).fetchone()
        if row is None:
            return
        pattern = str(row[0])
    every = change.rows("rule")
    if any((row["kind"], row["pattern"], row["task"]) == (kind, str(pattern), task) for row in every):
        return
    place = max((row["position"] for row in every), default=-1) + 1
    change.put("rule", {"id": change.new_id("rule"), "position": place, "kind": kind, "pattern": str(pattern), "task": task})


def _timer(change: Change, task: int, start: int, end: int | None) -> None:
    """Add the parts of [start, end) in which no timer runs here."""
    forever = 2**62
    free = [(start, forever if end is None else end)]
    for row in change.rows("timer"):
        first, last = row["start"], forever if row["end"] is None else row["end"]
        free = [part for a, b in free for part in ((a, min(b, first)), (max(a, last), b)) if part[0] < part[1]]
    for first, last in free:
        change.put("timer", {"id": change.new_id("timer"), "task": task, "start": first, "end": None if last == forever else last})


def _annotation(change: Change, line: Line) -> None:
    session = str(line["session"])
    row = change.get("annotation", session) or {"session": session}
    tags = sorted(tag["tag"] for tag in change.rows("session_tag", session=session))
    mine = {"label": "", "reason": "", "note": "", "link": "", "minutes_saved": None, **row, "tags": tags}
    for age, names in PARTS.items():
        here = (row.get(age, 0), json.dumps([mine[name] for name in names]))
        there = (int(line[age]), json.dumps([line[name] for name in names]))
        if there <= here:
            continue
        row[age] = there[0]
        row.update({name: line[name] for name in names if name != "tags"})
        if "tags" in names:
            for tag in set(tags) - set(line["tags"]):
                change.drop("session_tag", session, tag)
            for tag in line["tags"]:
                change.put("session_tag", {"session": session, "tag": str(tag)})
    if row != change.get("annotation", session):
        change.put("annotation", row)


def _tags(store: Store, table: str, column: str) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    for owner, tag in store.execute(f"SELECT {column}, tag FROM {table} ORDER BY {column}, tag"):
        found.setdefault(owner, []).append(tag)
    return found
