"""``tokenpal report`` and ``sessions``: the contract that scripts rely on (product 7), field by field."""

from __future__ import annotations

import csv
import io
import subprocess
from decimal import Decimal

import pytest

from tests.cli.conftest import THREAD
from tests.cli.runner import Machine, response, write_claude

CLASSES = ["fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output"]
FIELDS = ["requests", *CLASSES, "reasoning", "total", "unpriced_requests", "money"]


def test_json_has_exactly_these_fields_in_this_order(filled: Machine) -> None:
    found = filled.json("report", "--by", "model")
    assert list(found) == ["by", "from", "to", "tz", "rows", "total"]
    assert (found["by"], found["from"], found["tz"]) == ("model", "2026-11-19", "UTC")
    assert found["to"] > "2026-11-20", "the day after the last"
    assert list(found["total"]) == FIELDS
    for row in found["rows"]:
        assert list(row) == ["key", *FIELDS]
        assert row["total"] == sum(row[name] for name in CLASSES)
    rows = {row["key"]: row for row in found["rows"]}
    assert rows["claude-sonnet-4-20250514"] == {
        "key": "claude-sonnet-4-20250514", "requests": 2, "fresh_input": 8, "cache_read": 35_000, "cache_write_5m": 1000,
        "cache_write_1h": 200, "cache_write_other": 0, "output": 620, "reasoning": 0, "total": 36_828, "unpriced_requests": 0,
        # 8 x $3 + 35,000 x $0.30 + 1,000 x $3.75 + 200 x $6 + 620 x $15, each for a million
        "money": {"list_price": {"USD": "0.024774"}},
    }  # fmt: skip
    assert rows["made-up-model"]["unpriced_requests"] == 1
    assert rows["made-up-model"]["money"] == {}, "unpriced is not $0"
    assert (rows["gpt-5"]["fresh_input"], rows["gpt-5"]["cache_read"], rows["gpt-5"]["output"], rows["gpt-5"]["reasoning"]) == (
        69,
        2560,
        14,
        4,
    )
    assert [row["total"] for row in found["rows"]] == sorted((row["total"] for row in found["rows"]), reverse=True)
    for name in ("requests", *CLASSES, "reasoning", "total", "unpriced_requests"):
        assert found["total"][name] == sum(row[name] for row in found["rows"])
    assert Decimal(found["total"]["money"]["list_price"]["USD"]) == sum(
        Decimal(row["money"]["list_price"]["USD"]) for row in found["rows"] if row["money"]
    )


@pytest.mark.parametrize(
    "by", ["hour", "day", "week", "month", "task", "tag", "label", "project", "branch", "agent", "account", "model", "class"]
)
def test_every_grouping_adds_up_to_the_same_total(filled: Machine, by: str) -> None:
    found = filled.json("report", "--by", by, "--since", "2026-11-01", "--until", "2026-12-01")
    assert found["by"] == by
    assert (found["from"], found["to"]) == ("2026-11-01", "2026-12-01")
    assert sum(row["total"] for row in found["rows"]) == found["total"]["total"] == 36_828 + 314 + 2643
    keys = [row["key"] for row in found["rows"]]
    assert len(keys) == len(set(keys))
    expected = {
        "hour": ["2026-11-19T23:00+00:00", "2026-11-20T00:00+00:00", "2026-11-20T10:00+00:00", "2026-11-20T12:00+00:00"],
        "day": ["2026-11-19", "2026-11-20"],
        "week": ["2026-11-16"],
        "month": ["2026-11-01"],
        "task": ["unassigned"],
        "tag": ["untagged"],
        "label": ["not labelled"],
        "agent": ["claude-code", "codex"],
    }
    if by in expected:
        assert keys == expected[by]


def test_days_follow_the_zone(filled: Machine) -> None:
    def days(zone: str) -> dict[str, int]:
        rows = filled.json("report", "--by", "day", "--since", "2026-11-01", "--until", "2026-12-01", "--tz", zone)["rows"]
        return {row["key"]: row["requests"] for row in rows}

    assert days("UTC") == {"2026-11-19": 1, "2026-11-20": 3}
    assert days("Europe/Berlin") == {"2026-11-20": 4}
    assert days("Asia/Kathmandu") == {"2026-11-20": 4}
    assert days("America/Los_Angeles") == {"2026-11-19": 2, "2026-11-20": 2}


def test_until_is_the_day_after_the_last(filled: Machine) -> None:
    found = filled.json("report", "--by", "agent", "--since", "2026-11-19", "--until", "2026-11-20")
    assert (found["from"], found["to"], found["total"]["requests"]) == ("2026-11-19", "2026-11-20", 1)


def test_filters_hold_together(filled: Machine) -> None:
    assert filled.json("report", "--by", "model", "--agent", "codex")["total"]["requests"] == 1
    assert filled.json("report", "--by", "model", "--agent", "codex", "--branch", "feature/PAY-142-retry")["rows"] == []
    assert filled.json("report", "--by", "day", "--since", "2026-11-01", "--project", "/nowhere/löwe")["total"]["requests"] == 1


def test_csv_says_the_same_as_json(filled: Machine) -> None:
    rows = {row["key"]: row for row in filled.json("report", "--by", "model")["rows"]}
    found = list(csv.DictReader(io.StringIO(filled.run("report", "--by", "model", "--csv").out)))
    assert list(found[0]) == ["key", *FIELDS[:-1], "list_price_USD"]
    assert {row["key"]: int(row["total"]) for row in found} == {key: row["total"] for key, row in rows.items()}
    assert {row["key"]: row["list_price_USD"] for row in found}["made-up-model"] == ""


def test_a_branch_is_no_formula_of_a_spreadsheet(machine: Machine) -> None:
    write_claude(machine.home, "s", [response("s", 1, "2026-11-20T09:00:00Z", branch="=cmd|x", output_tokens=1)])
    machine.run("scan")
    assert [row["key"] for row in machine.json("report", "--by", "branch")["rows"]] == ["=cmd|x"]
    found = list(csv.DictReader(io.StringIO(machine.run("report", "--by", "branch", "--csv").out)))
    assert [row["key"] for row in found] == ["'=cmd|x"]


def test_an_empty_store_is_an_answer(machine: Machine) -> None:
    found = machine.json("report", "--by", "model")
    assert found["rows"] == []
    assert found["total"] == dict.fromkeys(FIELDS[:-1], 0) | {"money": {}}
    assert machine.json("sessions") == []
    assert "Nothing" in machine.run("report").out


def test_sessions_json(filled: Machine) -> None:
    found = filled.json("sessions")
    assert [row["id"] for row in found] == [f"codex:{THREAD}", "claude-code:22222222-bbbb", "claude-code:11111111-aaaa"]
    assert list(found[0]) == [
        "id", "agent", "account", "started", "ended", "project", "branch", "models", "requests", *CLASSES, "task", "label", "reason", "tags", "note",
    ]  # fmt: skip
    row = found[2]
    assert (row["started"], row["ended"]) == ("2026-11-19T23:30:00Z", "2026-11-20T00:30:00Z")
    assert (row["project"], row["branch"], row["models"], row["requests"]) == (
        "/nowhere/shop",
        "feature/PAY-142-retry",
        ["claude-sonnet-4-20250514"],
        2,
    )
    assert (row["task"], row["label"], row["reason"], row["tags"], row["note"]) == (None, None, None, [], None)
    assert [row["id"] for row in filled.json("sessions", "--agent", "claude-code", "--limit", "1")] == ["claude-code:22222222-bbbb"]


@pytest.mark.parametrize("width", ["20", "40", "80", "200"])
@pytest.mark.parametrize(
    "command", [["report"], ["report", "--by", "model"], ["sessions"], ["task", "list"], ["limits"], ["accounts", "list"], []]
)
def test_tables_fit_the_terminal(filled: Machine, command: list[str], width: str) -> None:
    filled.run("label", "last", "waste", "--note", "a note that is quite a bit longer than any narrow terminal is wide")
    done = filled.run(*command, env={"COLUMNS": width})
    assert done.code == 0
    table = [line for line in done.out.splitlines() if "  " in line or "─" in line]
    assert max((len(line) for line in table), default=0) <= int(width)


def test_a_reader_that_has_seen_enough_is_no_error(filled: Machine) -> None:
    for command in (["report", "--json"], ["sessions"], ["export"], ["--help"]):
        with subprocess.Popen(filled.command(*command), env=filled.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            child.stdout.close()
            err = child.stderr.read().decode()
            code = child.wait(60)
        assert code == 0, err
        assert "Error" not in err
        assert "Traceback" not in err


def test_any_character_can_be_printed_anywhere(filled: Machine) -> None:
    done = filled.run("report", "--by", "project", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.code == 0
    assert "löwe" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--by", "mood"],
        ["report", "--since", "yesteryear"],
        ["report", "--since", "2026-11-20", "--until", "2026-11-20"],
        ["report", "--tz", "Mars/Olympus"],
        ["report", "--json", "--csv"],
        ["report", "--jso"],
        ["sessions", "--limit", "0"],
        ["label", "nobody", "waste"],
        ["label", "last", "good"],
        ["label", "claude-code:", "waste"],
        ["label", "last", "delivered", "--reason", "loop"],
        ["task"],
        ["task", "add", " "],
        ["task", "start", "nothing"],
        ["task", "rule", "add", "colour", "x", "y"],
        ["task", "rule", "delete", "99"],
        ["checkin", "--week", "2026-W60"],
        ["share", "preview", "--week", "2099-W01"],
        ["accounts", "add", "nobody"],
        ["accounts", "add", "litellm"],
        ["accounts", "remove", "nobody"],
        ["scan", "--agent", "nobody"],
        ["poll", "--account", "nobody"],
        ["import", "no-such-file"],
        ["nonsense"],
        ["--nonsense"],
    ],
)
def test_wrong_input_is_said_with_a_next_step(filled: Machine, words: list[str]) -> None:
    done = filled.run(*words)
    assert done.code == 2, done
    assert done.out == ""
    lines = done.err.rstrip().splitlines()
    assert lines[0].startswith("tokenpal: ")
    assert lines[-1].startswith("  "), "a next step"


def test_help_and_version(machine: Machine) -> None:
    assert "exit codes" in machine.run("--help").out
    assert machine.run("--version").out.startswith("tokenpal ")
    for command in (
        "report",
        "sessions",
        "label",
        "task",
        "checkin",
        "limits",
        "statusline",
        "prices",
        "reprice",
        "team",
        "accounts",
        "reconcile",
        "scan",
        "poll",
        "share",
        "export",
        "import",
        "undo",
        "backup",
        "doctor",
    ):
        done = machine.run(command, "--help", env={"COLUMNS": "80"})
        assert done.code == 0
        assert "exit codes" in done.out
        assert [line for line in done.out.splitlines() if len(line) > 80] == []
