"""The lines of an archive that version 4 added: budgets, pins and templates of check-ins, and what the person wants to hear no more of.

What was notified stays on its machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenpal.store.checkins import FIELDS
from tokenpal.store.database import Store
from tokenpal.store.edits import Change

Line = dict[str, Any]
KINDS: Final = frozenset({"budget", "checkin_pin", "template", "silenced", "dismissed"})
ONCE: Final = {"silenced": "session", "dismissed": "key"}
BUDGET: Final = ("uid", "measure", "amount", "currency", "period", "scope", "changed_at")


def lines(store: Store, places: Mapping[int, int]) -> Iterator[Line]:
    """Every row, in an order that depends on the content only; ``places``: account -> number of its line."""
    uid = dict(store.execute("SELECT id, uid FROM task").fetchall())
    for of, *row in store.execute(f'SELECT "of", {", ".join(BUDGET)} FROM budget ORDER BY uid').fetchall():
        found = dict(zip(BUDGET, row, strict=True))
        account = places.get(of) if found["scope"] == "account" else None
        task = uid.get(of) if found["scope"] == "task" else None
        if found["scope"] == "all" or account is not None or task is not None:  # what it was for may be gone
            yield {"is": "budget", **found, "account": account, "task": task}
    for week, field, position, session in store.execute("SELECT week, field, position, session FROM checkin_pin ORDER BY week, field, position"):
        yield {"is": "checkin_pin", "week": week, "field": field, "position": position, "session": session}
    columns = ("name", *FIELDS, "changed_at")
    for row in store.execute(f"SELECT {', '.join(columns)} FROM template ORDER BY name"):
        yield {"is": "template", **dict(zip(columns, row, strict=True))}
    for kind, name in ONCE.items():
        for key, at in store.execute(f"SELECT {name}, at FROM {kind} ORDER BY {name}"):
            yield {"is": kind, name: key, "at": at}


def merge_budgets(change: Change, found: list[Line], tasks: Mapping[str, int]) -> None:
    """By uid, the newer stays; ``account`` is a number of here. Raises KeyError for a task that the file does not have."""
    known = {row["uid"]: row for row in change.rows("budget")}
    for line in found:
        row = {name: line[name] for name in BUDGET}
        row["of"] = {"all": None, "account": line["account"], "task": None if line["task"] is None else tasks[line["task"]]}[row["scope"]]
        old = known.get(row["uid"])
        if old is None or _age(old) < _age(row):
            known[row["uid"]] = row = {"id": change.new_id("budget") if old is None else old["id"], **row}
            change.put("budget", row)


def merge_pins(change: Change, found: list[Line], newer: set[str]) -> None:
    """The pins of a field come with the words they stand behind (``newer``: weeks whose words the file replaced), or where there are none."""
    fields: dict[tuple[str, str], dict[int, str]] = {}
    for line in found:
        fields.setdefault((str(line["week"]), str(line["field"])), {})[int(line["position"])] = str(line["session"])
    for week in newer:
        for row in change.rows("checkin_pin", week=week):
            fields.setdefault((week, row["field"]), {})
    for (week, field), wanted in fields.items():
        mine = {row["position"]: row["session"] for row in change.rows("checkin_pin", week=week, field=field)}
        if mine and week not in newer:
            continue
        for position in mine.keys() - wanted.keys():
            change.drop("checkin_pin", week, field, position)
        for position, session in wanted.items():
            change.put("checkin_pin", {"week": week, "field": field, "position": position, "session": session})


def merge_templates(change: Change, found: list[Line]) -> None:
    """By name, the newer stays."""
    for line in found:
        row: Line = {name: str(line[name]) for name in ("name", *FIELDS)} | {"changed_at": int(line["changed_at"])}
        old = change.get("template", row["name"])
        if old is None or _age(old) < _age(row):
            change.put("template", row)


def merge_once(change: Change, kind: str, found: list[Line]) -> None:
    """What the person does not want to hear of: said once, it holds."""
    name = ONCE[kind]
    for line in found:
        if change.get(kind, str(line[name])) is None:
            change.put(kind, {name: str(line[name]), "at": int(line["at"])})


def _age(row: Line) -> tuple[int, str]:
    """Of two of one second always the same one, whichever machine imports."""
    return int(row["changed_at"]), json.dumps({key: value for key, value in row.items() if key not in {"id", "of"}}, sort_keys=True)
