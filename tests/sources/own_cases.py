"""The project's own cases: a folder of logs each, with the rule it is about and the events a correct reader finds.

``expected.json``: ``rule``, ``events`` (a list; of each only the fields that are stated are asserted), and where they
matter ``problems`` (how many), ``facts`` (session -> [parent, version]) and ``limits`` (name -> percent).
"""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.sources.reference import LATER, Ledger, line_by_line, scan
from tokenpal.model.money import Money
from tokenpal.model.usage import UsageRecord
from tokenpal.sources.base import Source

DATA = Path(__file__).parent.parent / "data"


def names(agent: str) -> list[str]:
    return sorted(path.name for path in (DATA / agent).iterdir() if path.is_dir())


def expected(agent: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / agent / name / "expected.json").read_text())
    return found


def fields(agent: str, record: UsageRecord) -> dict[str, Any]:
    """A record in the words of ``expected.json``."""
    t = record.tokens
    return {
        "session": record.session.removeprefix(f"{agent}:"),
        "at": f"{datetime.fromtimestamp(record.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "model": record.model, "folder": record.folder, "branch": record.branch, "sub_agent": record.sub_agent,
        "tier": record.tier, "quality": str(record.quality), "fresh_input": t.fresh_input, "cache_read": t.cache_read,
        "cache_write_5m": t.cache_write_5m, "cache_write_1h": t.cache_write_1h, "cache_write_other": t.cache_write_other,
        "output": t.output, "reasoning": t.reasoning, "cost": " ".join(said(money) for money in record.money), "provider": record.provider, "requests": record.requests,
        "origin": str(record.origin), "money": " ".join(str(money.kind) for money in record.money),
    }  # fmt: skip


def said(money: Money) -> str:
    return str(Decimal(money.pico).scaleb(-12).normalize())


def check(ledger: Ledger, agent: str, name: str) -> None:
    want = expected(agent, name)
    found = [fields(agent, record) for record in ledger.counted()]
    left = list(found)
    for event in want["events"]:
        fitting = [each for each in left if all(each[key] == value for key, value in event.items())]
        assert fitting, f"{want['rule']}\nno event {event} in\n" + "\n".join(map(str, left))
        left.remove(fitting[0])
    assert not left, f"{want['rule']}\ntoo many events:\n" + "\n".join(map(str, left))
    for session, fact in want.get("facts", {}).items():
        assert [ledger.facts[session].parent, ledger.facts[session].version] == fact
    if "limits" in want:
        assert {limit.name: limit.used_percent for limit in ledger.limits.values()} == want["limits"]


def check_at_once(source: Source, agent: str, name: str) -> None:
    ledger = Ledger(source)
    scan(ledger, DATA / agent / name)
    check(ledger, agent, name)
    assert len(ledger.problems) == expected(agent, name).get("problems", 0), ledger.problems
    assert scan(ledger, DATA / agent / name) == 0, "nothing changed, so nothing is read"
    again = Ledger(source)
    scan(again, DATA / agent / name, split=line_by_line)
    check(again, agent, name)
    assert again.snapshot() == ledger.snapshot(), "read line by line"


def check_growing(source: Source, agent: str, name: str, seed: int, folder: Path) -> None:
    """Files in any order, in pieces of any size, scanned at any moment: the same records in the end."""
    whole = DATA / agent / name
    chance = random.Random(f"{name} {seed}")
    static = folder / "static"
    shutil.copytree(whole, static)
    growing = sorted(path for path in whole.rglob("*.jsonl") if path.name != "history.jsonl")
    if len({path.name for path in growing}) < len(growing) or list(whole.rglob("*.zst")):
        growing = []  # what a name means depends on the others of that name
    root = folder / "growing"
    shutil.copytree(whole, root)
    left = {root / path.relative_to(whole): path.read_bytes() for path in growing}
    for path in left:
        path.unlink()
    ledger = Ledger(source)
    while left:
        path = chance.choice(list(left))
        count = chance.choice([1, 50, 300, 2_000, len(left[path])])
        with path.open("ab") as file:
            file.write(left[path][:count])
        left[path] = left[path][count:]
        if not left[path]:
            del left[path]
        if chance.random() < 0.5:
            scan(ledger, root, now=int(path.stat().st_mtime))
    scan(ledger, root, now=LATER)
    check(ledger, agent, name)
