"""How commands behave as processes: imports, locks, accounts with real keys, no display, wrong data files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import fill
from tests.cli.file_keyring import FileKeyring
from tests.cli.runner import Machine, response, write_claude
from tests.engine.logs import running, wait_for
from tests.provider_server import KEYS, ProviderServer, provider_server as provider_server
from tokenpal.cli.main import guarded
from tokenpal.system import logs
from tokenpal.system.lock import FolderLock
from tokenpal.system.paths import inside
from tokenpal.system.secrets import Secrets

LISTING = """
import json, sys
from tokenpal.__main__ import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def modules_of(machine: Machine, *words: str) -> set[str]:
    """Every module that a command has imported when it ends."""
    done = subprocess.run([sys.executable, "-c", LISTING, *words], env=machine.env(), capture_output=True, text=True, timeout=120, input="")
    code, names = json.loads(done.stdout.splitlines()[-1])
    assert code in {0, 1, 2}, done.stderr
    return set(names)


COMMANDS = [
    ["report"], ["sessions"], ["label", "last", "waste"], ["task", "add", "x"], ["task", "list"], ["checkin"], ["limits"], ["accounts", "list"], ["reconcile"],
    ["scan"], ["poll"], ["share", "preview"], ["export"], ["backup"], ["doctor"], ["undo"], ["--help"], [],
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_imports_qt(filled: Machine, words: list[str]) -> None:
    found = {name.partition(".")[0] for name in modules_of(filled, *words)}
    assert not found & {"PySide6", "shiboken6", "pyqtgraph", "numpy"}


@pytest.mark.parametrize("words", [["report"], ["report", "--by", "model", "--json"], ["sessions", "--json"]], ids=" ".join)
def test_reading_is_light(filled: Machine, words: list[str]) -> None:
    found = {name.partition(".")[0] for name in modules_of(filled, *words)}
    assert not found & {"httpx", "keyring", "pydantic", "genai_prices", "rich", "asyncio", "platformdirs"}


def test_without_a_display_today_is_printed(filled: Machine) -> None:
    done = filled.run()
    assert done.code == 0
    assert done.out.startswith("Today ")
    assert "DISPLAY" in done.err
    sample = filled.run("--demo")
    assert sample.code == 0
    assert sample.out.startswith("Today ")
    assert filled.run().out == done.out, "sample data is in a profile of its own"
    for words in (["--background"], ["--glance"]):
        refused = filled.run(*words)
        assert (refused.code, refused.out) == (1, "")
        assert "no display" in refused.err


# ---------------------------------------------------------------------------------------------- scan


def test_one_command_reads_and_reports(machine: Machine) -> None:
    write_claude(machine.home, "one", [response("s", 1, "2026-11-20T10:00:00.000Z")])
    assert machine.run().out.startswith("Today ")
    assert machine.json("report", "--by", "agent")["total"]["requests"] == 1


def test_scan_says_what_was_read_and_what_was_left_out(machine: Machine) -> None:
    write_claude(
        machine.home, "one", [response("s", 1, "2026-11-20T10:00:00.000Z"), '{"message": {"usage": {"input_tokens": 5, "output', "{}"]
    )
    found = machine.json("scan")
    assert list(found) == ["agents", "files", "records", "problems", "cancelled"]
    assert (found["files"], found["records"], found["problems"], found["cancelled"]) == (1, 1, 1, False)
    agent = found["agents"][0]
    assert (agent["agent"], agent["root"], agent["skipped"]) == ("claude-code", str(machine.home / ".claude"), None)
    assert agent["reasons"]
    again = machine.json("scan", "--agent", "claude-code")
    assert (again["records"], again["agents"][0]["files"]) == (0, 0)
    assert machine.json("accounts", "list")[0]["problems"] == 1


def test_scan_of_nothing(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    done = machine.run("scan")
    assert (done.code, done.out) == (0, "No agent log was found on this machine.\n")


def test_the_lock_of_a_running_tokenpal_is_respected(filled: Machine) -> None:
    lock = FolderLock(filled.profile / "tokenpal.lock")
    assert lock.take()
    try:
        done = filled.run("scan")
        assert done.code == 3
        assert "reads by itself" in done.err
        assert filled.run("report").code == 0, "readers need no lock"
        assert filled.run("label", "last", "waste").code == 0, "editors neither"
    finally:
        lock.release()
    assert filled.run("scan").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_ctrl_c_keeps_what_was_read(machine: Machine) -> None:
    for number in range(400):
        lines = [response(f"s{number}", index, "2026-11-20T10:00:00.000Z") for index in range(60)]
        write_claude(machine.home, f"f{number}", lines)
    with subprocess.Popen(
        machine.command("scan", "--json"), env=machine.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        deadline = time.monotonic() + 60
        data = machine.profile / "tokenpal.db-wal"
        while time.monotonic() < deadline and child.poll() is None and not (data.exists() and data.stat().st_size > 100_000):
            time.sleep(0.005)  # not a wait for luck: until the first batch is written
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert "Traceback" not in err
    # An interrupt that strikes inside exec() of a string (a dataclass being made) makes Python end by the signal itself, whatever
    # the program answers: a shell calls both 130.
    assert child.returncode in {0, 130, -signal.SIGINT}, err
    if child.returncode == 130 and out:
        assert json.loads(out)["cancelled"] is True
    assert machine.json("scan")["cancelled"] is False
    assert machine.json("report", "--by", "agent")["total"]["requests"] == 400 * 60


# ---------------------------------------------------------------------------------------------- accounts


def test_an_account_from_key_to_report(machine: Machine, provider_server: ProviderServer) -> None:
    machine.home.mkdir(exist_ok=True)
    key = KEYS["openai"]
    address = provider_server.url("openai")
    refused = machine.run("accounts", "add", "openai", "--name", "work", "--base-url", address, stdin="sk-wrong\n")
    assert refused.code == 1
    assert "sk-wrong" not in refused.out + refused.err
    assert machine.json("accounts", "list") == [], "a key that does not work leaves no account"
    done = machine.run("accounts", "add", "openai", "--name", "work", "--base-url", address, stdin=f"{key}\n")
    assert done.code == 0, done.err
    assert key not in done.out + done.err
    found = machine.json("accounts", "list")
    assert [(row["name"], row["source"], row["root"], row["state"]) for row in found] == [("work", "openai", address, "new")]
    assert machine.run("accounts", "test", "work").code == 0
    twice = machine.run("accounts", "add", "openai", "--name", "work", "--base-url", address, stdin=f"{key}\n")
    assert (twice.code, "already" in twice.err) == (2, True)
    polled = machine.json("poll", "--account", "work", "--since", "100d")
    assert (polled[0]["account"], polled[0]["state"]) == ("work", "ok")
    assert polled[0]["records"] > 0
    total = machine.json("report", "--by", "account")["total"]
    assert total["total"] > 0
    assert machine.json("poll")[0]["state"] == "ok"
    assert machine.json("report", "--by", "account")["total"]["total"] == total["total"]
    for path in machine.profile.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), f"{path} holds the key"
    assert machine.run("accounts", "remove", "work").code == 0
    assert machine.json("accounts", "list") == []
    assert json.loads((machine.profile.parent / "test-keys.json").read_text()) == {}
    assert machine.json("report", "--by", "account")["total"]["total"] == total["total"], "history is kept"


def test_forgetting_an_account_forgets_its_usage(machine: Machine) -> None:
    filled = machine
    fill(filled.home)
    assert filled.run("scan").code == 0
    assert filled.run("accounts", "remove", "Claude Code", "--forget").code == 0
    assert {row["key"] for row in filled.json("report", "--by", "agent")["rows"]} <= {"codex"}
    assert filled.run("scan").code == 0
    assert {row["key"] for row in filled.json("report", "--by", "agent")["rows"]} <= {"codex"}, "what was removed stays removed"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_key_is_asked_for_and_not_shown(machine: Machine, provider_server: ProviderServer) -> None:
    import pty

    machine.home.mkdir(exist_ok=True)
    words = machine.command("accounts", "add", "openai", "--name", "work", "--base-url", provider_server.url("openai"))
    child, terminal = pty.fork()
    if child == 0:
        os.execve(words[0], words, machine.env())
    shown = b""
    asked = False
    try:
        while part := os.read(terminal, 1000):
            shown += part
            if not asked and b"not shown" in shown:
                asked = True
                os.write(terminal, KEYS["openai"].encode() + b"\n")
    except OSError:
        pass  # Linux says so when the other side of a terminal is closed
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert (asked, os.waitstatus_to_exitcode(status)) == (True, 0), shown.decode()
    assert KEYS["openai"].encode() not in shown
    assert [row["name"] for row in machine.json("accounts", "list")] == ["work"]


def test_a_key_never_comes_from_the_command_line(machine: Machine) -> None:
    assert machine.run("accounts", "add", "openai", "sk-secret").code == 2
    assert machine.run("accounts", "add", "openai", "--key", "sk-secret").code == 2
    empty = machine.run("accounts", "add", "openai", stdin="")
    assert (empty.code, "no key" in empty.err) == (2, True)


# ---------------------------------------------------------------------------------------------- trouble


def test_a_file_that_is_no_database(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    machine.profile.mkdir()
    (machine.profile / "tokenpal.db").write_text("no database at all, " * 500)
    done = machine.run("report")
    assert done.code == 1
    assert "damaged" in done.err
    assert done.err.splitlines()[-1].startswith("  ")
    doctor = machine.run("doctor", "--json")
    assert doctor.code == 1
    assert any(one["state"] == "problem" and one["what"] == "data file" for one in json.loads(doctor.out))


def test_a_home_that_is_a_file(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    machine.profile.write_text("in the way")
    done = machine.run("report")
    assert (done.code, "cannot be" in done.err) == (1, True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs sqlite locks of another process")
def test_a_locked_data_file_is_busy(filled: Machine) -> None:
    import sqlite3

    other = sqlite3.connect(filled.profile / "tokenpal.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        done = filled.run("label", "last", "waste")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert done.code == 3, done.err
    assert "Another program" in done.err


def test_doctor_changes_nothing(machine: Machine) -> None:
    machine.home.mkdir(exist_ok=True)
    done = machine.run("doctor", "--json")
    assert done.code == 0, done.out
    assert {one["state"] for one in json.loads(done.out)} <= {"ok", "note"}
    assert not machine.profile.exists()


def test_settings_give_the_zone(filled: Machine) -> None:
    (filled.profile / "settings.toml").write_text('[general]\nzone = "Asia/Kathmandu"\n')
    found = filled.json("report", "--by", "day", "--since", "2026-11-01", "--until", "2026-12-01")
    assert found["tz"] == "Asia/Kathmandu"
    assert [row["key"] for row in found["rows"]] == ["2026-11-20"]
    assert filled.run("scan").code == 0, "days are kept in the new zone from now on"
    assert filled.json("report", "--by", "day", "--since", "2026-11-01", "--until", "2026-12-01") == found


def test_a_profile_of_two_homes_is_two_profiles(filled: Machine, tmp_path: Path) -> None:
    other = Machine(filled.home, tmp_path / "second")
    assert other.json("sessions") == []
    assert len(filled.json("sessions")) == 3


@pytest.mark.logs_warnings
def test_a_mistake_of_ours_is_a_sentence_and_a_log(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENPAL_HOME", str(machine.profile))
    machine.profile.mkdir(parents=True)

    def wrong() -> int:
        raise ZeroDivisionError("sk-abcdefgh12345678")

    try:
        assert guarded(wrong) == 1
        err = capsys.readouterr().err
        assert err.splitlines()[0] == "tokenpal: A mistake in tokenpal (ZeroDivisionError) stopped this command."
        log = (machine.profile / "logs" / "tokenpal.log").read_text()
        assert "Traceback" in log
        assert "sk-abcdefgh" not in err + log
    finally:
        logs.stop()


# ---------------------------------------------------------------------------------------------- beside a running app


def test_a_running_app_is_asked_to_scan_and_to_poll(machine: Machine, provider_server: ProviderServer) -> None:
    fill(machine.home)
    paths = inside(machine.profile)
    paths.make()
    with running(machine.home, paths=paths, secrets=Secrets(FileKeyring)) as (engine, _):
        wait_for(lambda: engine.lock.held and paths.channel.exists())
        write_claude(machine.home, "three", [response("33333333-cccc", 1, "2026-11-20T13:00:00.000Z")])
        found = machine.json("scan")
        assert {agent["agent"] for agent in found["agents"]} == {"claude-code", "codex"}
        assert machine.json("report", "--by", "agent")["total"]["requests"] == 5
        assert machine.run("label", "3333", "delivered").code == 0
        added = machine.run("accounts", "add", "openai", "--base-url", provider_server.url("openai"), stdin=KEYS["openai"])
        assert added.code == 0, added.err
        polled = machine.json("poll")
        assert [(one["account"], one["state"]) for one in polled] == [("OpenAI API", "ok")]
    assert machine.json("scan")["records"] == 0, "the lock is free again"
