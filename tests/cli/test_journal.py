"""Labels, tasks, check-ins, export and import from the command line."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import THREAD
from tests.cli.runner import Machine
from tokenpal.system.lock import FolderLock

FIRST = "claude-code:11111111-aaaa"


def labels(machine: Machine) -> dict[str, str | None]:
    return {row["id"]: row["label"] for row in machine.json("sessions")}


def test_label_undo_redo(filled: Machine) -> None:
    assert filled.run("label", "1111", "waste", "--reason", "loop", "--note", "ran in circles").out == f"{FIRST}: waste (loop)\n"
    row = next(row for row in filled.json("sessions") if row["id"] == FIRST)
    assert (row["label"], row["reason"], row["note"]) == ("waste", "loop", "ran in circles")
    assert {row["key"]: row["requests"] for row in filled.json("report", "--by", "label")["rows"]}["waste"] == 2
    assert filled.run("label", FIRST, "delivered").code == 0
    assert labels(filled)[FIRST] == "delivered"
    assert "Taken back" in filled.run("undo").out
    assert labels(filled)[FIRST] == "waste"
    assert "Done again" in filled.run("redo").out
    assert labels(filled)[FIRST] == "delivered"
    assert filled.run("label", "11111111-aaaa", "none").code == 0
    assert labels(filled)[FIRST] is None
    assert filled.run("sessions", "--search", "circles").out.count("claude-code:") == 1
    assert "Nothing to do again." in filled.run("redo").out


def test_tasks_timers_rules_and_assignments(filled: Machine) -> None:
    def tasks() -> dict[str, int]:
        return {row["key"]: row["requests"] for row in filled.json("report", "--by", "task")["rows"]}

    assert filled.run("task", "add", "Retry", "--tag", "pay", "--ticket", "PAY-142").code == 0
    assert filled.run("task", "add", "Other").code == 0
    preview = filled.run("task", "rule", "add", "ticket", "PAY-*", "retry", "--preview").out
    assert "matches 1 session" in preview
    assert tasks() == {"unassigned": 4}, "a preview changes nothing"
    assert filled.run("task", "rule", "add", "ticket", "PAY-*", "retry").code == 0
    assert tasks() == {"Retry": 2, "unassigned": 2}
    assert {row["key"] for row in filled.json("report", "--by", "tag")["rows"]} == {"pay", "untagged"}
    assert filled.run("task", "assign", "1111", f"codex:{THREAD}", "Other").code == 0
    assert tasks() == {"Other": 3, "unassigned": 1}
    assert filled.run("task", "assign", "1111", "auto").code == 0
    assert tasks() == {"Retry": 2, "Other": 1, "unassigned": 1}
    assert filled.run("task", "assign", "1111", "none").code == 0
    assert tasks() == {"unassigned": 3, "Other": 1}
    filled.run("undo")
    assert filled.run("task", "start", "Other").out == "Working on Other.\n"
    assert next(row["running_since"] for row in filled.json("task", "list") if row["task"] == "Other")
    assert "Other" in filled.run("task", "stop").out
    assert filled.run("task", "stop").out == "No timer was running.\n"
    rules = filled.json("task", "rule", "list")
    assert [(rule["kind"], rule["pattern"], rule["task"]) for rule in rules] == [("ticket", "PAY-*", "Retry")]
    assert filled.run("task", "rule", "delete", str(rules[0]["number"])).code == 0
    assert tasks() == {"unassigned": 3, "Other": 1}
    assert filled.run("task", "default", "/nowhere/shop", "Retry").code == 0
    assert tasks() == {"Retry": 2, "Other": 1, "unassigned": 1}
    assert filled.run("task", "delete", "Retry").code == 0
    assert tasks() == {"unassigned": 3, "Other": 1}
    filled.run("undo")
    assert tasks() == {"Retry": 2, "Other": 1, "unassigned": 1}
    found = {row["task"]: row for row in filled.json("task", "list")}
    assert (found["Retry"]["tags"], found["Retry"]["ticket"], found["Retry"]["sessions"]) == (["pay"], "PAY-142", 1)


def test_a_session_is_split_and_merged(filled: Machine) -> None:
    def tasks() -> dict[str, int]:
        return {row["key"]: row["requests"] for row in filled.json("report", "--by", "task")["rows"]}

    filled.run("task", "add", "Retry")
    filled.run("task", "add", "Docs")
    filled.run("task", "default", "/nowhere/shop", "Docs")
    done = filled.run("task", "split", "1111", "--at", "2026-11-20T00:10", "--task", "Retry")
    assert (done.code, done.out) == (0, f"{FIRST}: from 2026-11-20 00:10 on Retry.\n")
    assert tasks() == {"Retry": 1, "Docs": 2, "unassigned": 1}
    assert filled.run("task", "merge", "1111").code == 0
    assert tasks() == {"Docs": 3, "unassigned": 1}
    assert filled.run("task", "split", "1111", "--at", "01:10", "--tz", "Europe/Berlin", "--task", "Retry").code == 0
    assert tasks() == {"Retry": 1, "Docs": 2, "unassigned": 1}
    for wrong in ("noon", "2026-11-19T01:00", "2026-11-21T01:00", "9999999999-01-01"):
        assert filled.run("task", "split", "1111", "--at", wrong).code == 2


def test_own_prices(filled: Machine) -> None:
    def unpriced() -> int:
        return sum(row["unpriced_requests"] for row in filled.json("report", "--by", "model")["rows"])

    assert (filled.json("prices", "list"), unpriced()) == ([], 1)
    assert filled.run("prices", "set", "made-up-model", "--input", "3", "--output", "15", "--since", "2026-11-21").out.endswith(
        ": 0 usage records without a price got one.\n"
    )
    done = filled.run("prices", "set", "made-up-model", "--input", "3.5", "--output", "15", "--cache-read", "0.30")
    assert (done.code, done.out, unpriced()) == (0, "made-up-model: 1 usage record without a price got one.\n", 0)
    found = filled.json("prices", "list")
    assert [(row["model"], row["since"]) for row in found] == [("made-up-model", None), ("made-up-model", "2026-11-21T00:00:00Z")]
    assert found[0]["usd_per_million"] == {
        "input": "3.5",
        "output": "15",
        "cache-read": "0.3",
        "cache-write-5m": None,
        "cache-write-1h": None,
    }
    assert "made-up-model" in filled.run("prices", "list").out
    assert filled.run("prices", "remove", "made-up-model").out == "made-up-model: your price is gone; 1 usage record changed.\n"
    assert (filled.json("prices", "list"), unpriced()) == ([], 1)
    assert filled.run("prices", "alias", "made-up-model", "gpt-5").out == "made-up-model is priced as gpt-5; 1 usage record changed.\n"
    assert unpriced() == 0
    for wrong in (
        ["set", "x"],
        ["set", "x", "--input", "dear"],
        ["set", "x", "--input", "-1"],
        ["set", "", "--input", "1"],
        ["remove", "x"],
    ):
        assert filled.run("prices", *wrong).code == 2


def test_a_checkin_is_written_and_keeps_its_figures(filled: Machine) -> None:
    text = "# Check-in\n\n## Tried\n\nretry with jitter\n\n## Learned\n\nless is more\n## Notes\nnot a field\n"
    assert filled.run("checkin", "--week", "2026-W47", "--edit", stdin=text).code == 0
    found = filled.json("checkin", "--week", "2026-w47")
    assert (found["tried"], found["worked"], found["failed"], found["learned"]) == ("retry with jitter", "", "", "less is more")
    assert (found["from"], found["to"]) == ("2026-11-16", "2026-11-23")
    assert found["evidence"]["frozen"] is True
    assert found["evidence"]["requests"] == 4
    assert found["evidence"]["labels"] == {"not labelled": 3}
    filled.run("label", "1111", "delivered")
    assert filled.json("checkin", "--week", "2026-W47")["evidence"]["labels"] == {"not labelled": 3}, "as it was written"
    markdown = filled.run("checkin", "--week", "2026-W47", "--markdown").out
    assert "## Tried\n\nretry with jitter\n" in markdown
    assert "## Failed" in markdown
    assert filled.run("checkin", "--list").out.startswith("2026-W47  retry with jitter")
    assert filled.run("checkin", "--week", "2026-W40").out.count("Nothing this week.") == 1
    bad = filled.run("checkin", "--week", "2026-W47", "--edit", stdin="no headings at all")
    assert (bad.code, "nothing was kept" in bad.err) == (2, True)
    assert filled.json("checkin", "--week", "2026-W47")["tried"] == "retry with jitter"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_editor_gets_the_page(filled: Machine, tmp_path: Path) -> None:
    import pty
    import subprocess

    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys\npath = sys.argv[1]\ntext = open(path).read()\nopen(path, 'w').write(text.replace('## Worked\\n', '## Worked\\n\\nthe pty\\n'))\n"
    )
    _, follower = pty.openpty()
    env = filled.env(EDITOR=f"{sys.executable} {editor}")
    with subprocess.Popen(
        filled.command("checkin", "--edit", "--week", "2026-W47"), stdin=follower, stdout=subprocess.PIPE, env=env
    ) as child:
        assert child.wait(60) == 0
    assert filled.json("checkin", "--week", "2026-W47")["worked"] == "the pty"


def test_export_and_import_make_the_same_profile(filled: Machine, tmp_path: Path) -> None:
    filled.run("task", "add", "Retry")
    filled.run("task", "assign", "1111", "Retry")
    filled.run("label", "2222", "exploration", "--note", "ü")
    assert filled.run("export", str(tmp_path / "all.jsonl")).code == 0
    text = (tmp_path / "all.jsonl").read_text("utf-8")
    assert filled.run("export").out == text
    assert "a secret prompt" not in text
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o077 == 0
    other = Machine(tmp_path / "elsewhere", tmp_path / "other")
    other.home.mkdir()
    done = json.loads(other.run("import", str(tmp_path / "all.jsonl"), "--json").out)
    assert (done["records"], done["unknown"]) == (4, 0)
    assert other.run("export").out == text
    for by in ("model", "task", "label"):
        assert other.json("report", "--by", by) == filled.json("report", "--by", by)
    again = json.loads(other.run("import", "-", "--json", stdin=text).out)
    assert (again["records"], again["journal"]) == (0, 0)
    assert other.run("export").out == text
    half = other.run("import", "-", stdin=text[: len(text) // 2])
    assert (half.code, "nothing was imported" in half.err) == (2, True)


def test_backup_is_a_whole_profile(filled: Machine, tmp_path: Path) -> None:
    filled.run("label", "1111", "delivered")
    target = Path(filled.run("backup").out.strip())
    assert target.parent == filled.profile / "backups"
    other = Machine(filled.home, tmp_path / "restored")
    other.profile.mkdir()
    shutil.copy(target, other.profile / "tokenpal.db")
    assert labels(other) == labels(filled)
    there = filled.run("backup", str(target))
    assert (there.code, "is there already" in there.err) == (2, True)


def test_a_backup_is_listed_and_brought_back(filled: Machine, tmp_path: Path) -> None:
    assert filled.json("backup", "--list") == []
    made = Path(filled.run("backup").out.strip())
    assert [Path(row["file"]) for row in filled.json("backup", "--list")] == [made]
    assert filled.run("backup", "--list").out.rstrip().endswith(str(made))
    filled.run("label", "1111", "waste")
    with FolderLock(filled.profile / "tokenpal.lock"):
        busy = filled.run("backup", "--restore", str(made))
    assert (busy.code, "Quit it" in busy.err, labels(filled)[FIRST]) == (3, True, "waste")
    done = filled.run("backup", "--restore", made.name)
    assert (done.code, labels(filled)[FIRST]) == (0, None), done.err
    kept = Path(done.out.strip().rpartition(" kept in ")[2].rstrip("."))
    assert kept.parent == filled.profile / "backups"
    assert kept in {Path(row["file"]) for row in filled.json("backup", "--list")}
    assert filled.run("backup", "--restore", str(kept)).code == 0
    assert labels(filled)[FIRST] == "waste", "the way back of the way back"
    letter = tmp_path / "letter.db"
    letter.write_text("dear all")
    assert filled.run("backup", "--restore", str(letter)).code == 1
    assert filled.run("backup", "--restore", str(tmp_path / "none.db")).code == 2
    assert filled.run("backup", "--list", "--restore", str(made)).code == 2
    assert filled.run("backup", "--json").code == 2
    assert labels(filled)[FIRST] == "waste"


def test_an_archive_that_cannot_be_written_or_read_is_a_sentence(filled: Machine, tmp_path: Path) -> None:
    for words in (
        ["export", str(tmp_path)],
        ["export", str(tmp_path / "none" / "x")],
        ["import", str(tmp_path)],
        ["import", str(tmp_path / "x")],
    ):
        done = filled.run(*words)
        assert (done.code, len(done.err.splitlines())) == (2, 2), done.err
    assert list(tmp_path.glob("*.partial")) == []


def test_share_preview_prints_the_report_and_nothing_else(filled: Machine) -> None:
    filled.run("label", "1111", "delivered")
    out = filled.run("share", "preview", "--week", "2026-W47").out
    found = json.loads(out)
    assert out == json.dumps(found, sort_keys=True, separators=(",", ":")), "canonical, byte for byte"
    assert sorted(found) == ["epoch", "policy", "q", "roster", "schema", "team"]
    assert (found["epoch"], found["schema"], found["policy"], found["roster"]) == ("2026-W47", "tokenpal-share/1", "0" * 64, "0" * 64)
    assert [(question["id"], question["k"], question["odds"]) for question in found["q"]] == [("label", 4, 7), ("use", 3, 7)]
    filled.run("label", "2222", "waste")
    assert filled.run("share", "preview", "--week", "2026-W47").out == out, "drawn once"
