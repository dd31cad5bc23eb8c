"""The status line: one line whatever comes in, quick, and the limits it was handed are kept."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.cli.runner import ROOT, Machine
from tokenpal.cli import statusline
from tokenpal.insight.moments import until
from tokenpal.insight.numbers import NNBSP, Marks, percent, short, use_marks
from tokenpal.store.database import Store
from tokenpal.store.quick import Quick
from tokenpal.store.readings import limit_history, limits

SECRET = "a secret prompt"


@pytest.fixture
def filled(filled: Machine) -> Machine:
    """The copy's account is of the copy's own folder."""
    with sqlite3.connect(filled.profile / "tokenpal.db") as other:
        other.execute("UPDATE account SET root = ? WHERE source = 'claude-code'", (str(filled.home / ".claude"),))
    other.close()
    return filled


def handed(machine: Machine, five: float | None = 23.5, week: float | None = 41, resets: int | None = None, **more: Any) -> str:
    """What Claude Code says, with things in it that must never be kept."""
    now = int(time.time())
    window = {"resets_at": resets or now + 6000}
    limits_ = {"five_hour": {"used_percentage": five, **window}, "seven_day": {"used_percentage": week, "resets_at": now + 300_000}}
    return json.dumps({
        "session_id": SECRET, "transcript_path": str(machine.home / ".claude" / "projects" / "-x" / "y.jsonl"), "cwd": "/x", "version": "2.1.200",
        "model": {"id": "claude-sonnet-5", "display_name": "Sonnet 5"}, "cost": {"total_cost_usd": 1.234, "total_duration_ms": 5},
        "context_window": {"total_input_tokens": 42_500, "total_output_tokens": 3_200, "context_window_size": 200_000},
        **({"rate_limits": limits_} if five is not None else {}), **more,
    })  # fmt: skip


def windows(machine: Machine) -> dict[str, float]:
    with Store.open(machine.profile / "tokenpal.db") as store:
        names = dict(store.execute("SELECT id, root FROM account").fetchall())
        return {reading.name: reading.used_percent for account, reading in limits(store) if names[account].endswith(".claude")}


def test_one_line_with_what_was_handed(filled: Machine) -> None:
    done = filled.run("statusline", stdin=handed(filled))
    assert (done.code, done.err) == (0, "")
    first, *parts = done.out.strip().split(" · ")
    assert first == "Sonnet 5"
    assert parts[:2] == ["45.7 k tokens", "$1.23 at list price"]
    assert parts[2].startswith("5 h 24 %, resets in 1 h ")
    assert parts[3].startswith("week 41 %, resets ")


def test_limits_are_kept_as_readings_of_the_account(filled: Machine) -> None:
    filled.run("statusline", stdin=handed(filled))
    assert windows(filled) == {"5 hours": 23.5, "week": 41}
    filled.run("statusline", stdin=handed(filled, five=131.0))
    assert windows(filled)["5 hours"] == 131
    shown = filled.json("limits")["windows"]
    assert {(one["name"], one["origin"]) for one in shown if one["account"] == "Claude Code"} == {("5 hours", "reported"), ("week", "reported")}
    assert "131 %" in filled.run("statusline", stdin=handed(filled, five=None)).out.replace(NNBSP, " "), "what was kept is shown when nothing is handed"
    content = b"".join(path.read_bytes() for path in filled.profile.rglob("*") if path.is_file())
    assert SECRET.encode() not in content


def test_a_figure_that_stays_is_not_written_again(filled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    text = handed(filled, resets=now + 7000).encode()
    env = filled.env()
    statusline.told(text, now, env)
    with sqlite3.connect(filled.profile / "tokenpal.db") as other:
        before = other.execute("PRAGMA data_version").fetchone()
        statusline.told(text, now + 30, env)
        assert other.execute("PRAGMA data_version").fetchone() == before
        statusline.told(text, now + 90, env)
        assert other.execute("PRAGMA data_version").fetchone() != before
    other.close()


def test_history_is_thinned_as_it_is_written(filled: Machine) -> None:
    now = 1_795_270_000
    start = now - 70 * 86_400
    quick = Quick(str(filled.profile / "tokenpal.db"))
    found = quick.account(str(filled.home / ".claude"))
    assert found is not None
    for step in range(1, 400):
        at = start + step * (now - start) // 400
        assert quick.keep(found[0], [("week", 10_080, step / 4, None)], at)
    for step in range(60):
        assert quick.keep(found[0], [("week", 10_080, 99 + step / 100, None)], now + step * 20)
    quick.connection.close()
    with Store.open(filled.profile / "tokenpal.db") as store:
        points = [at for at, *_ in limit_history(store, found[0], "week", 0)]
    old = [at for at in points if at < now - 61 * 86_400]
    assert len({at // 86_400 for at in old}) == len(old), "one a day"
    fresh = [at for at in points if at >= now]
    assert len({at // 300 for at in fresh}) == len(fresh), "one in five minutes"
    assert points[-1] == now + 59 * 20


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", "7", '"x"', "{}", "\0", "\ufeff{}", '{"model": 7, "cost": {"total_cost_usd": "x"}, "rate_limits": []}', "[" * 9000,
             '{"rate_limits": {"five_hour": {"used_percentage": 1e999, "resets_at": -5}, "seven_day": 7}, "transcript_path": 3}', "x" * (1 << 20) + "y"]
)  # fmt: skip
def test_something_sensible_whatever_is_handed(filled: Machine, text: str) -> None:
    done = filled.run("statusline", stdin=text)
    assert (done.code, done.err) == (0, "")
    assert done.out.strip()
    assert "\n" not in done.out.strip()


@given(content=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["model", "display_name", "cost", "total_cost_usd", "context_window", "total_input_tokens", "rate_limits", "five_hour", "seven_day",
                     "used_percentage", "resets_at", "transcript_path"]), inner, max_size=5), max_leaves=20))  # fmt: skip
def test_no_json_is_too_strange(content: Any) -> None:
    line = statusline.told(json.dumps(content).encode("utf-8", "surrogatepass"), 1_795_270_000, {"TOKENPAL_HOME": "/nonexistent/profile", "HOME": "/nonexistent"})
    assert line
    assert "\n" not in line


def test_a_busy_data_file_is_not_waited_for(filled: Machine) -> None:
    """While another process writes, the word goes to a small file, and the next scan picks it up."""
    with sqlite3.connect(filled.profile / "tokenpal.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = filled.run("statusline", stdin=handed(filled))
        assert "5 h 24 %" in done.out.replace(NNBSP, " ")
        spool = filled.profile / statusline.SPOOL
        assert spool.read_text().count("\n") == 2
        assert spool.stat().st_mode & 0o077 == 0
        other.execute("ROLLBACK")
    other.close()
    assert windows(filled) == {}
    filled.run("scan")
    assert windows(filled) == {"5 hours": 23.5, "week": 41}
    assert not spool.exists()


def test_a_long_write_ahead_log_is_left_to_others(filled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody folds it in on the agent's time: when it is long, the word goes to the small file."""
    from tokenpal.store import quick

    monkeypatch.setattr(quick, "MOST_LOG", -1)
    statusline.told(handed(filled).encode(), int(time.time()), filled.env())
    assert (filled.profile / statusline.SPOOL).read_text().count("\n") == 2
    assert filled.json("limits")["windows"], "and is taken by whoever looks next"
    assert windows(filled) == {"5 hours": 23.5, "week": 41}


def test_without_a_data_file_the_first_scan_finds_it(machine: Machine, scanned: Machine) -> None:
    import shutil

    shutil.copytree(scanned.home, machine.home, dirs_exist_ok=True)
    assert machine.run("statusline", stdin=handed(machine)).code == 0
    assert not machine.profile.exists(), "a status line makes no profile"
    machine.profile.mkdir()
    machine.run("statusline", stdin=handed(machine))
    machine.run("statusline", stdin=handed(machine, five=60.0))
    machine.run("scan")
    assert windows(machine)["5 hours"] in {23.5, 60.0}  # the same second: the higher use
    assert list(machine.profile.glob("statusline.*")) == []


def test_the_file_never_grows_large(machine: Machine) -> None:
    machine.profile.mkdir(parents=True)
    spool = machine.profile / statusline.SPOOL
    spool.write_text("x" * 70_000 + "\n")
    machine.home.mkdir(parents=True, exist_ok=True)
    machine.run("statusline", stdin=handed(machine))
    assert spool.stat().st_size < 1000
    machine.run("scan")  # no account for it: it waits
    assert spool.read_text().count("used") == 2


def test_an_account_that_was_removed_keeps_nothing(filled: Machine) -> None:
    with sqlite3.connect(filled.profile / "tokenpal.db") as other:
        other.execute("UPDATE account SET removed_at = 5 WHERE source = 'claude-code'")
    other.close()
    filled.run("statusline", stdin=handed(filled))
    assert windows(filled) == {}
    assert not (filled.profile / statusline.SPOOL).exists()


# ---------------------------------------------------------------------------------------------- the person's own line


def python(code: str) -> str:
    return f'"{sys.executable}" -c "{code}"'


def test_the_own_line_gets_the_same_input_and_comes_after(filled: Machine) -> None:
    own = python("import sys, json; print(json.load(sys.stdin)['version']); print('second')")
    done = filled.run("statusline", "--then", own, stdin=handed(filled))
    lines = done.out.splitlines()
    assert lines[0].startswith("Sonnet 5 · ")
    assert lines[1:] == ["2.1.200", "second"]
    alone = filled.run("statusline", f"--then={own}", "--instead", stdin=handed(filled))
    assert alone.out.splitlines() == ["2.1.200", "second"]
    assert windows(filled), "and the limits are kept all the same"


@pytest.mark.parametrize("own", ["exit 3", "no-such-command-anywhere", python("import time; time.sleep(600)"), python("raise SystemExit(5)")])
def test_an_own_line_that_fails_or_hangs_leaves_ours(filled: Machine, own: str) -> None:
    done = filled.run("statusline", "--instead", "--then", own, stdin=handed(filled))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Sonnet 5 · ")


def test_an_own_line_that_does_not_read_and_writes_without_end(filled: Machine) -> None:
    done = filled.run("statusline", "--then", python("import os\nwhile True: os.write(1, b'x' * 999)"), stdin=handed(filled, padding="y" * 900_000))
    assert done.code == 0
    assert len(done.out) < 100_000


def test_nobody_waits_for_an_agent_that_hands_nothing(filled: Machine) -> None:
    """The pipe stays open and empty; the line comes all the same."""
    child = subprocess.Popen(filled.command("statusline"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=filled.env(), cwd=filled.home)
    assert child.stdout is not None
    assert child.stdout.read().strip()
    assert child.wait(30) == 0
    assert child.stdin is not None
    child.stdin.close()
    child.stdout.close()


def test_nobody_reads_the_line(filled: Machine) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(filled.command("statusline"), input=handed(filled).encode(), stdout=writing, stderr=subprocess.PIPE, env=filled.env(), timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


# ---------------------------------------------------------------------------------------------- quick, and the same words


def test_it_imports_next_to_nothing(filled: Machine) -> None:
    code = (
        "import sys; before = set(sys.modules); from tokenpal.cli import statusline; import os;"
        "statusline.told(sys.stdin.buffer.read(), 1795270000, dict(os.environ));"
        "print(' '.join(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=handed(filled).encode(), capture_output=True, env=filled.env() | {"TZ": "UTC"}, cwd=ROOT, timeout=60)
    loaded = done.stdout.decode().split()
    assert "tokenpal.store.quick" in loaded
    heavy = {"json", "re", "enum", "msgspec", "argparse", "dataclasses", "pathlib", "typing", "subprocess", "threading", "asyncio", "tokenpal.store.database"}
    assert not heavy.intersection(loaded)


@pytest.fixture
def english_marks() -> None:
    use_marks(Marks())


def plain(text: str) -> str:
    return text.replace(NNBSP, " ").replace("\u00a0", " ")


@given(n=st.integers(0, 10**15))
def test_figures_are_written_as_everywhere(english_marks: None, n: int) -> None:
    assert statusline.short(n) == plain(short(n))


@given(used=st.floats(0, 1e6))
def test_per_cents_are_written_as_everywhere(english_marks: None, used: float) -> None:
    assert statusline.percent(used) == plain(percent(used / 100))


@given(left=st.integers(1, 30 * 86_400))
def test_times_are_written_as_everywhere(english_marks: None, left: int) -> None:
    from datetime import datetime

    now = 1_795_270_000
    there, here = datetime.fromtimestamp(now + left), datetime.fromtimestamp(now)
    if left >= 6 * 86_400 and (there.date() - here.date()).days < 7:
        return  # the line changes to dates a few hours earlier
    if there.year == here.year:
        assert statusline.until(now + left, now) == plain(until(there, here))


CASES = Path(os.environ.get("TOKENPAL_CASES", ""), "claude-code", "ccusage-statusline-json")


@pytest.mark.skipif(not os.environ.get("TOKENPAL_CASES") or not CASES.is_dir(), reason="TOKENPAL_CASES does not name the folder of cases")
def test_the_case_of_the_collection() -> None:
    expected = json.loads((CASES / "expected.json").read_text())["tokenpal_totals"]["cost_usd"]
    quick = Quick("/nonexistent")
    assert {name: quick.read((CASES / "statusline" / name).read_text())["cost"] for name in expected} == expected
    assert statusline.told((CASES / "statusline" / "transcript.jsonl").read_bytes(), 1, {"HOME": "/nonexistent", "TOKENPAL_HOME": "/nonexistent"}) == "tokenpal"
