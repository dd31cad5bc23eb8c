"""No prompt, answer, title, e-mail or key reaches anything that tokenpal writes, prints or passes on (product 2.5).

Every field of the agents' logs that may hold a person's words holds a marker, also where a line is broken or of the wrong
type; so do the providers' answers. Afterwards every byte of every file that tokenpal left, and of everything it printed,
is searched for each marker, in every spelling in which text is kept.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import stat
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import ROOT, Machine, codex_lines, response, write_claude, write_codex
from tests.provider_server import KEYS, ProviderServer

THREAD = "0197aaaa-0000-7000-8000-00000000000b"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


class Markers:
    """Words that occur nowhere else, one for each place."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        number = len(self.words)
        return self.words.setdefault(place, f"Qz{number:03}xWvKjY")

    def found(self, data: bytes) -> list[str]:
        """The places whose words are in ``data``."""
        return [place for place, word in self.words.items() if any(form in data for form in forms(word))]


def forms(word: str) -> Iterator[bytes]:
    for text in (word, word.lower(), word.upper(), word[::-1]):
        yield text.encode()
        yield text.encode("utf-16-le")
    yield from {base64.b64encode(pad + word.encode())[4:-4] for pad in (b"abc", b"abcd", b"abcde")}


# ---------------------------------------------------------------------------------------------- logs full of words


def claude_rows(mark: Markers) -> Iterator[str]:
    """A transcript in which everything that is nobody's business holds a marker."""

    def words(place: str) -> list[dict[str, Any]]:
        said = mark(f"claude {place}")
        return [
            {"type": "text", "text": f'{said} "usage": {{"output_tokens": 5}}'},
            {"type": "thinking", "thinking": said, "signature": said},
            {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": said, "usage": said}},
            {"type": "image", "source": {"data": said}},
        ]

    base = {"sessionId": "s-private", "cwd": "/nowhere/shop", "gitBranch": "main", "timestamp": "2026-11-20T10:00:00Z", "version": "2.1.0"}
    yield json.dumps({**base, "type": "user", "message": {"role": "user", "content": mark("claude prompt")}, "slug": mark("claude slug")})
    yield json.dumps(
        {
            **base,
            "type": "user",
            "message": {"content": words("tool result")},
            "toolUseResult": {"stdout": mark("claude stdout"), "usage": {"input_tokens": mark("claude usage in a result")}},
        }
    )
    yield json.dumps({"type": "summary", "summary": mark("claude summary"), "leafUuid": "x"})
    yield json.dumps(
        {"type": "ai-title", "title": mark("claude title"), "sessionId": "s-private", "usage": mark("claude usage of a title")}
    )
    yield json.dumps({"type": "last-prompt", "lastPrompt": mark("claude last prompt"), "usage": {"x": 1}})
    yield json.dumps({"type": "file-history-snapshot", "snapshot": {"trackedFileBackups": {mark("claude file name"): {}}}})
    for number in range(3):
        row = json.loads(response("s-private", number, f"2026-11-20T10:0{number}:00Z"))
        row["message"]["content"] = words(f"answer {number}")
        row["message"]["stop_sequence"] = mark("claude stop sequence")
        row["message"]["usage"]["inference_geo"] = mark("claude geo")
        row["message"]["usage"]["server_tool_use"] = {"query": mark("claude search")}
        row["diagnostics"] = row["error"] = mark("claude diagnostics")
        row["user"] = {"email": f"{mark('claude e-mail')}@example.com", "apiKey": f"sk-ant-api03-{mark('claude key')}"}
        yield json.dumps(row)
    # What is broken is where a careless message would quote the line.
    whole = response("s-broken", 1, "2026-11-20T11:00:00Z")
    yield whole[: len(whole) // 2] + mark("claude cut line")
    row = json.loads(whole)
    row["message"]["usage"] |= {
        "input_tokens": mark("claude count"),
        "cache_creation": mark("claude cache"),
        "service_tier": [mark("claude tier")],
    }
    row |= {
        "timestamp": mark("claude time"),
        "costUSD": mark("claude cost"),
        "isSidechain": mark("claude side chain"),
        "forkedFrom": mark("claude fork"),
        "data": mark("claude data"),
    }
    row["message"]["stop_reason"] = {"a": mark("claude stop reason")}
    yield json.dumps(row)
    yield json.dumps({**json.loads(response("s-minus", 1, "2026-11-20T11:00:00Z", output_tokens=-5)), "note": mark("claude negative")})
    yield '{"usage": ' + "[" * 20_000 + mark("claude deep") + "]" * 20_000 + "}"
    yield f'{{"usage": "\\ud83d {mark("claude half")}"}}'


def codex_rows(mark: Markers) -> Iterator[str]:
    """A rollout of the same kind."""
    at = "2026-11-20T12:00:00.000Z"
    for line in codex_lines(THREAD, at):
        row = json.loads(line)
        payload = row["payload"]
        if row["type"] == "session_meta":
            payload |= {
                "instructions": mark("codex instructions"),
                "base_instructions": {"text": mark("codex base")},
                "originator": mark("codex originator"),
            }
            payload["git"] |= {
                "repository_url": f"https://x:ghp_{mark('codex git token')}@github.com/a/b",
                "commit_hash": mark("codex commit"),
            }
        elif row["type"] == "turn_context":
            payload |= {
                "user_instructions": mark("codex user instructions"),
                "developer_instructions": mark("codex developer"),
                "summary": mark("codex summary"),
            }
        else:
            payload["info"]["note"] = mark("codex info")
            payload["rate_limits"] |= {
                "credits": {"has_credits": True, "balance": mark("codex balance")},
                "email": f"{mark('codex e-mail')}@example.com",
            }
        yield json.dumps(row)
    for kind, payload in (
        ("event_msg", {"type": "user_message", "message": mark("codex prompt"), "images": [mark("codex image")]}),
        ("event_msg", {"type": "agent_message", "message": f'{mark("codex answer")} "token_count"'}),
        ("response_item", {"type": "reasoning", "encrypted_content": mark("codex reasoning"), "usage": mark("codex usage")}),
        ("response_item", {"type": "function_call", "arguments": json.dumps({"token_count": mark("codex arguments")})}),
        ("compacted", {"message": mark("codex compacted"), "replacement_history": [mark("codex history")]}),
        ("event_msg", {"type": "token_count", "info": mark("codex wrong info"), "rate_limits": mark("codex wrong limits")}),
        ("event_msg", {"type": "token_count", "info": {"last_token_usage": {"input_tokens": mark("codex count")}}}),
        ("thread_settings_applied", {"thread_settings": {"service_tier": mark("codex tier"), "x": mark("codex settings")}}),
    ):
        yield json.dumps({"timestamp": at, "type": kind, "payload": payload})
    yield f'{{"timestamp": "{mark("codex time")}", "type": "event_msg", "payload": {{"type": "token_count", "info": {mark("codex broken line")}'


def private_files(home: Path, mark: Markers) -> None:
    """What agents keep beside their transcripts: never opened."""
    for path, place in {
        ".claude/history.jsonl": "claude history", ".claude.json": "claude account", ".claude/.credentials.json": "claude login",
        ".claude/projects/-nowhere-shop/memory/notes.md": "claude memory", ".codex/history.jsonl": "codex history file",
        ".codex/auth.json": "codex login", ".codex/session_index.jsonl": "codex titles", ".codex/log/codex-tui.log": "codex log",
    }.items():  # fmt: skip
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(json.dumps({"display": mark(place), "usage": {"output_tokens": 5}, "token_count": mark(place)}) + "\n")


@pytest.fixture
def mark() -> Markers:
    return Markers()


@pytest.fixture
def machine(tmp_path: Path, mark: Markers) -> Machine:
    machine = Machine(tmp_path / "home", tmp_path / "profile")
    machine.home.mkdir(exist_ok=True)
    write_claude(machine.home, "private", list(claude_rows(mark)))
    write_codex(machine.home, THREAD, list(codex_rows(mark)))
    private_files(machine.home, mark)
    (tmp_path / "tmp").mkdir()
    return machine


def all_files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path


def assert_clean(mark: Markers, folders: Iterable[Path], *printed: str) -> None:
    for path in all_files(*folders):
        data = path.read_bytes()
        found = mark.found(data) + mark.found(str(path).encode())
        assert not found, f"{path} holds: {found}"
        if path.suffix == ".gz":
            assert not mark.found(zlib.decompress(data, 47))
    for text in printed:
        assert not mark.found(text.encode("utf-8", "surrogateescape")), f"printed: {mark.found(text.encode())}\n{text[:2000]}"


def run_all(machine: Machine, commands: Iterable[list[str]], **env: str) -> Iterator[str]:
    """Run commands of which none may fail; what they print, and their log at its most talkative."""
    for words in commands:
        done = machine.run(*words, stdin="## Tried\n\nsomething\n", env={"TMPDIR": str(machine.home.parent / "tmp"), **env})
        assert done.code in {0, 1}, f"{words}: {done.err}"
        yield done.out + done.err


COMMANDS = (
    ["scan", "--json"],
    ["scan"],
    ["report", "--by", "model", "--json"],
    ["report", "--by", "project", "--csv"],
    ["sessions", "--json"],
    ["label", "claude-code:s-private", "delivered", "--note", "words of my own"],
    ["limits", "--json"],
    ["reconcile", "--since", "2020-01-01", "--csv"],
    ["accounts", "list", "--json"],
    ["share", "preview", "--week", "2026-W47"],
    ["checkin", "--edit", "--week", "2026-W47"],
    ["checkin", "--markdown", "--week", "2026-W47"],
    ["export"],
    ["export", "../profile/export.jsonl"],
    ["backup"],
    ["undo"],
    ["redo"],
    ["doctor", "--json"],
    ["doctor"],
    [],
)


def test_nothing_of_a_log_but_numbers_and_names(machine: Machine, mark: Markers, tmp_path: Path) -> None:
    printed = list(run_all(machine, COMMANDS))
    assert len(mark.words) > 60
    report = json.loads(machine.run("report", "--by", "agent", "--json").out)
    assert {row["key"]: row["requests"] for row in report["rows"]} == {"claude-code": 5, "codex": 1}, "the numbers on these lines count"
    assert "words of my own" in "".join(printed)
    assert_clean(mark, [machine.profile, tmp_path / "tmp"], *printed)


def test_deleted_rows_leave_nothing_in_the_free_pages(machine: Machine, mark: Markers, tmp_path: Path) -> None:
    """What is not stored cannot be left over; a write-ahead log that was never folded in is searched as well."""
    assert machine.run("scan").code == 0
    keeper = sqlite3.connect(machine.profile / "tokenpal.db")  # as long as it is open nothing is folded in
    with closing(keeper):
        keeper.execute("SELECT COUNT(*) FROM usage").fetchone()
        for words in (["accounts", "remove", "Claude Code", "--forget"], ["accounts", "remove", "Codex", "--forget"]):
            assert machine.run(*words).code == 0
        assert (machine.profile / "tokenpal.db-wal").stat().st_size > 0
        assert_clean(mark, [machine.profile, tmp_path / "tmp"])


def test_the_window_shows_and_logs_no_words_either(machine: Machine, mark: Markers, tmp_path: Path) -> None:
    (machine.profile).mkdir()
    (machine.profile / "settings.toml").write_text('[advanced]\nlog_level = "debug"\n')
    run = subprocess.run(
        [sys.executable, "-m", "tests.whole_app"], cwd=machine.home, env=machine.env(SCANS="2", TMPDIR=str(tmp_path / "tmp")),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert any("shop" in text for text in json.loads(run.stdout)["shown"]["sessions"])
    assert_clean(mark, [machine.profile, tmp_path / "tmp"], run.stdout, run.stderr)


# ---------------------------------------------------------------------------------------------- keys

KEY = "sk-proj-Kq7ZvWx0Lm9PaRt4YbNs2DfGh"  # made up


@LINUX
def test_a_crash_leaves_a_trace_without_a_key(machine: Machine, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.whole_app"], cwd=machine.home, env=machine.env(SCANS="2", CRASH=KEY), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == -11
    assert (machine.profile / "logs" / "crash.txt").stat().st_size > 0
    assert "refused" in (machine.profile / "logs" / "tokenpal.log").read_text()
    for path in all_files(machine.profile):
        assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in run.stdout + run.stderr


ADD = ("accounts", "add", "openai", "--name", "work")


@LINUX
def test_a_key_is_in_the_credential_store_and_nowhere_else(machine: Machine, provider_server: ProviderServer, tmp_path: Path) -> None:
    """Neither in files, nor in what is printed, nor where other processes can see it: arguments, environment, temporary files."""
    key, address = KEYS["openai"], provider_server.url("openai")
    printed = []
    for words, stdin in (
        ((*ADD, "--base-url", address), "sk-wrong-Zz91QmWnXb7\n"),
        ((*ADD, "--base-url", address), f"{key}\n"),
        (("accounts", "test", "work"), ""),
        (("accounts", "list", "--json"), ""),
        (("poll", "--json"), ""),
        (("export",), ""),
        (("backup",), ""),
        (("doctor", "--json"), ""),
    ):
        done = machine.run(*words, stdin=stdin, env={"TMPDIR": str(tmp_path / "tmp")})
        printed.append(done.out + done.err)
    provider_server.rule("openai", slow=0.6, times=1)
    seen: list[str] = []
    with subprocess.Popen(machine.command("poll"), cwd=machine.home, env=machine.env(), stdout=subprocess.PIPE, text=True) as child:
        before = len(provider_server.requests())
        while child.poll() is None and len(provider_server.requests()) == before:
            threading.Event().wait(0.01)
        for process in [child.pid, *children(child.pid)]:
            seen += [Path(f"/proc/{process}/{name}").read_bytes().decode(errors="replace") for name in ("cmdline", "environ")]
        printed.append(child.communicate(timeout=60)[0])
    assert any("poll" in text for text in seen)
    for secret in (key, "sk-wrong-Zz91QmWnXb7"):
        for text in (*printed, *seen):
            assert secret not in text
        for path in all_files(machine.profile, tmp_path / "tmp"):
            assert secret.encode() not in path.read_bytes(), path
    assert key in (machine.profile.parent / "test-keys.json").read_text()
    asked = [request for request in provider_server.requests() if request["headers"].get("authorization") == f"Bearer {key}"]
    assert asked, "the key went to its provider"
    assert not [request for request in provider_server.requests() if key in request["path"] + request["query"] + request["body"]]


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in map(int, found) for each in (child, *children(child))]


@pytest.mark.parametrize("provider", ["openai", "litellm"])
def test_what_a_provider_says_of_people_is_not_kept(
    machine: Machine, provider_server: ProviderServer, mark: Markers, tmp_path: Path, provider: str
) -> None:
    """People, e-mails and keys in good answers, in refusals and in pages of HTML."""
    key = KEYS[provider]
    done = machine.run(
        "accounts", "add", provider, "--name", "work", "--base-url", provider_server.url(provider), "--no-test", stdin=f"{key}\n"
    )
    assert done.code == 0, done.err
    person = {
        "email": f"{mark('e-mail')}@example.com", "user_email": f"{mark('user e-mail')}@example.com", "name": mark("person"),
        "prompt": mark("prompt"), "messages": [{"content": mark("message")}], "response": mark("response"),
    }  # fmt: skip
    said = f"Incorrect key sk-proj-{mark('key in a sentence')}abcdefgh12 of {mark('person in a sentence')}@example.com"
    printed = []
    rules: tuple[dict[str, Any], ...] = (
        {"raw": json.dumps({"data": [], "results": [], "has_more": False, "object": "page", "info": {}, "metadata": {}, **person})},
        {"raw": json.dumps({"data": [person, {"results": [person]}], "results": [person], "spend_logs": [person]})},
        {"status": 400, "body": {"error": {"message": said}, **person}},
        {"redirect": f"https://{mark('host')}.example.com/?token={mark('token')}"},
        {"status": 401, "body": {"error": {"message": said}}},
        {"status": 403, "body": {"detail": said}},
        {"raw": f"<html>{mark('page')}</html>"},
        {"raw": mark("no json")},
    )
    for rule in rules if provider == "openai" else rules[1:4]:  # the words for refusals are the same for all
        provider_server.reset()
        provider_server.rule(".", **rule)
        done = machine.run("poll", "--json", env={"TMPDIR": str(tmp_path / "tmp")})
        printed.append(done.out + done.err)
    printed += run_all(machine, [["accounts", "list", "--json"], ["doctor"], ["export"], ["backup"]])
    told = mark.words.pop("host")  # where a redirect leads is what the person has to judge
    assert told.lower() in "".join(printed).lower()
    assert_clean(mark, [machine.profile, tmp_path / "tmp"], *printed)
    assert key not in "".join(printed)


# ---------------------------------------------------------------------------------------------- who may read what is kept

UMASKED = "import os, runpy, sys; os.umask(0); sys.argv = sys.argv[1:]; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
def test_only_the_person_can_read_what_is_kept(machine: Machine) -> None:
    """Whatever the umask says, and while the app runs as well: files 0600, folders 0700, sockets 0600."""
    commands = (
        ["scan"], ["label", "claude-code:s-private", "waste"], ["export", "../profile/export.jsonl"], ["backup"],
        ["checkin", "--edit", "--week", "2026-W47"], ["share", "preview"],
    )  # fmt: skip
    for words in commands:
        run = subprocess.run(
            [sys.executable, "-c", UMASKED, "tokenpal", *words], cwd=machine.home, env=machine.env(), input="## Tried\n\nx\n",
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
    code = (
        "import os; os.umask(0)\nimport json, stat, sys, threading\nfrom pathlib import Path\n"
        "from tokenpal.engine.engine import Engine\nfrom tokenpal.settings import Settings\nfrom tokenpal.system import crash, logs\n"
        "from tokenpal.system.paths import paths\nfrom tests.engine.logs import wait_for\n"
        "places = paths(); settings = Settings.load(places.settings); logs.start(places.logs); crash.start(places.logs)\n"
        "engine = Engine(places, settings, env={}); engine.start(lambda _: None)\n"
        "wait_for(places.channel.exists); settings.set('general.zone', 'Asia/Kathmandu')\n"
        "print(json.dumps({str(path): oct(stat.S_IMODE(path.lstat().st_mode)) for path in places.data.rglob('*')}))\n"
        "engine.stop(20); crash.stop()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=machine.env(), capture_output=True, text=True, timeout=120, check=False
    )
    modes = json.loads(run.stdout)
    assert {Path(path).name for path in modes} >= {
        "tokenpal.db",
        "tokenpal.db-wal",
        "engine.sock",
        "tokenpal.lock",
        "settings.toml",
        "crash.txt",
    }
    for path, mode in modes.items():
        folder = Path(path).is_dir()
        assert mode == ("0o700" if folder else "0o600"), f"{path}: {mode}"
    assert stat.S_IMODE(machine.profile.stat().st_mode) == 0o700
