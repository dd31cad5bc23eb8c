"""The doors through which figures come in: lines of scripts, imports, servers, settings of others, and the receiver."""

from __future__ import annotations

import json
from typing import Any

from tests.attack.conftest import Victim
from tests.cli.runner import response, write_claude


def usage_line(id_: str, day: int, **more: Any) -> str:
    return json.dumps({"is": "tokenpal-usage/1", "id": id_, "at": f"2026-11-{day:02}T10:00:00Z", "model": "m", "session": f"s{id_}", **more}) + "\n"


# ---------------------------------------------------------------------------------------------- absurd sums


def test_a_few_lines_that_lie_do_not_end_every_report(victim: Victim) -> None:
    """Each is possible alone; no 64 bits hold their sum, and SQLite's SUM would fail in every report for ever."""
    inbox = victim.profile / "inbox"
    inbox.mkdir(parents=True)
    lines = [usage_line(f"m{day}", day, money={"kind": "cash", "amount": "4000000"}) for day in range(1, 5)]
    lines += [usage_line("mine", 6, output=7, money={"kind": "cash", "amount": "1.5"})]
    (inbox / "lies.jsonl").write_text("".join(lines))
    write_claude(victim.home, "lies", [response("lies", number, "2026-11-20T15:00:00Z", output_tokens=10**11) for number in range(20)])
    assert victim.run("scan").code == 0
    for words in (["report", "--by", "month", "--since", "2026-01-01"], ["report", "--by", "agent"], ["sessions", "--since", "2026-11-01"], []):
        assert victim.run(*words).code == 0, words
    total = victim.json("report", "--by", "agent", "--since", "2026-11-01")["total"]
    assert (total["requests"], total["money"]["cash"]["USD"]) == (7, "1.5"), total
    doctor = victim.run("doctor")
    assert "impossible" in doctor.out + victim.run("accounts", "list", "--json").out
