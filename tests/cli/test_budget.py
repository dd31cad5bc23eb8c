"""``tokenpal budget``, budgets in ``tokenpal limits``, and the archive as one file from the command line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cli.runner import Machine


def test_set_list_change_and_remove(filled: Machine) -> None:
    assert filled.run("budget", "list").out == "No budget is set. Set one with: tokenpal budget set 50 --per month\n"
    assert filled.json("limits")["budgets"] == []
    assert filled.run("budget", "set", "50", "--per", "month").out.startswith("Budget 1, All use: $")
    filled.run("task", "add", "Checkout retry")
    assert filled.run("budget", "set", "2M", "--in", "tokens", "--per", "day", "--task", "checkout retry").code == 0
    assert filled.run("budget", "set", "60", "--per", "month").out.startswith("Budget 1,"), "the same budget with another amount"
    said = filled.json("budget", "list")
    assert [(one["name"], one["measure"], one["amount"], one["period"], one["of"]) for one in said] == [
        ("All use", "list_price", "60", "month", None), ("Checkout retry", "tokens", 2_000_000, "day", "Checkout retry"),
    ]  # fmt: skip
    assert filled.json("limits")["budgets"] == said
    table = filled.run("limits").out
    assert "of your $60.00 for " in table
    assert "of your 2\u202fM tokens for today" in table
    assert filled.run("budget", "remove", "1").code == 0
    assert [one["id"] for one in filled.json("budget", "list")] == [2]
    assert filled.run("undo").out.strip().endswith("Remove a budget")
    assert [one["id"] for one in filled.json("budget", "list")] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "much", "--per", "day"], "'much' is no amount."),
        (["set", "0", "--per", "day"], "'0' is no amount."),
        (["set", "5", "--per", "year"], "year"),
        (["set", "5"], "--per"),
        (["set", "5", "--per", "day", "--task", "nobody"], "There is no task 'nobody'."),
        (["set", "5", "--per", "day", "--account", "nobody"], "There is no account 'nobody'."),
        (["set", "5", "--per", "day", "--in", "cash", "--currency", "euro"], "is no currency"),
        (["remove", "9"], "This budget does not exist any more."),
    ],
)
def test_mistakes_are_said_with_a_next_step(filled: Machine, arguments: list[str], said: str) -> None:
    done = filled.run("budget", *arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert len(done.err.splitlines()) >= 2
    assert filled.json("budget", "list") == []


def test_one_archive_file_out_and_in_again(filled: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path / "elsewhere", tmp_path / "other")
    other.home.mkdir()
    filled.run("budget", "set", "50", "--per", "month")
    filled.run("label", "last", "delivered", "--note", "# shipped")
    file = tmp_path / "everything.zip"
    assert filled.run("export", str(file)).code == 0
    with zipfile.ZipFile(file) as found:
        assert found.read("tokenpal.jsonl").decode() == filled.run("export").out
        assert "> # shipped" in found.read("notes.md").decode()
    assert other.run("import", str(file)).code == 0
    assert other.run("export").out == filled.run("export").out
    assert other.run("export", str(tmp_path / "again.zip")).code == 0
    assert (tmp_path / "again.zip").read_bytes() == file.read_bytes()
