"""``tokenpal import`` of what other tools wrote: shown, taken, forgotten, refused in words."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.runner import Machine

DATA = Path(__file__).parent.parent / "data"
CCUSAGE = str(DATA / "imported" / "ccusage-daily.json")


def test_a_dry_run_an_import_and_forgetting_it(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    dry = machine.run("import", CCUSAGE, "--dry-run")
    assert dry.code == 0, dry.err
    assert "a daily report of ccusage: 3 records on 2 days, 2026-10-01 to 2026-10-02" in dry.out
    assert "42,955" in dry.out
    assert "new account ccusage" in dry.out
    assert machine.json("report", "--by", "account")["rows"] == []
    assert machine.json("import", CCUSAGE, "--dry-run")["imported"] is None
    done = machine.run("import", CCUSAGE)
    assert done.out.endswith("3 records new or changed in ccusage.\n")
    again = machine.json("import", CCUSAGE)
    assert (again["found"]["known"], again["imported"]["records"]) == (3, 0)
    (row,) = machine.json("report", "--by", "account")["rows"]
    assert (row["key"], row["total"], row["requests"]) == ("ccusage", 47_195, None)
    assert machine.run("accounts", "remove", "ccusage", "--forget").code == 0
    assert machine.json("report", "--by", "account")["rows"] == []


def test_what_logs_know_is_said_and_counts_once(filled: Machine, tmp_path: Path) -> None:
    before = filled.json("report", "--by", "model")["total"]["total"]
    report = {"daily": [{"date": "2026-11-20", "inputTokens": 4, "outputTokens": 310, "cacheCreationTokens": 0, "cacheReadTokens": 0, "modelsUsed": ["claude-sonnet-4-20250514"]}]}
    (tmp_path / "c.json").write_text(json.dumps(report))
    done = filled.run("import", str(tmp_path / "c.json"))
    assert "Of 314 tokens 314 are known" in done.out
    assert filled.json("report", "--by", "model")["total"]["total"] == before


def test_lines_from_standard_input_and_what_was_left_out(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    line = {"is": "tokenpal-usage/1", "id": "1", "at": "2026-11-20T10:00:00Z", "provider": "openai", "model": "gpt-5", "output": 5}
    done = machine.run("import", "-", stdin=f"{json.dumps(line)}\nnonsense\n")
    assert done.code == 0, done.err
    assert "left out: line 2: is not a JSON object" in done.err
    assert machine.json("report", "--by", "model")["rows"][0]["output"] == 5


def test_outcomes_and_undo(filled: Machine) -> None:
    line = {"is": "tokenpal-outcome/1", "session": "11111111-aaaa", "label": "delivered", "note": "Merged."}
    done = filled.run("import", "-", stdin=json.dumps(line) + "\n")
    assert "1 label, 1 note and 0 tasks written down. tokenpal undo takes them back." in done.out
    labels = {row["id"]: row["label"] for row in filled.json("sessions")}
    assert labels["claude-code:11111111-aaaa"] == "delivered"
    assert "Import outcomes" in filled.run("undo").out
    assert not [row for row in filled.json("sessions") if row["label"]]


def test_what_cannot_be_imported_says_what_can(machine: Machine, tmp_path: Path) -> None:
    machine.home.mkdir(exist_ok=True)
    for content, word in (("hello", "format"), ("", "empty"), ('{"type": "monthly", "data": []}', "days")):
        (tmp_path / "x").write_text(content)
        done = machine.run("import", str(tmp_path / "x"))
        assert done.code != 0
        assert word in done.err
        assert "ccusage" in done.err
    assert "tokenpal-usage/1" in machine.run("import", "--help").out
