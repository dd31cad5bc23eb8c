"""Logs that are broken, absurd or made to harm: what is healthy counts, what is not is a sentence."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from typing import Any

import pytest
import zstandard

from tests.attack.conftest import AT, THREAD, Victim, row
from tests.cli.runner import codex_lines, response, write_claude, write_codex

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="has no such files")
OTHER = "0197aaaa-0000-7000-8000-00000000000d"


def reasons(found: dict[str, Any], agent: str) -> str:
    return " ".join(reason for part in found["agents"] if part["agent"] == agent for reason in part["reasons"])


def spoilt(line: dict[str, Any], old: str, new: str) -> str:
    text = json.dumps(line)
    assert old in text
    return text.replace(old, new)


NUMBERS = ["1e400", f"1{'0' * 30}", "9" * 5000, "-9223372036854775809", "NaN", "-Infinity", "[1]", "{}", '"x"', "true", "1.5", "null"]


def test_no_number_harms_its_neighbours(victim: Victim) -> None:
    """Every kind of number in every count of a response, each in a session of its own between two healthy lines."""
    lines = [response("before", 1, AT)]
    for place, name in enumerate(("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")):
        for kind, text in enumerate(NUMBERS):
            lines.append(spoilt(row(f"n{place}-{kind}", **{name: 777}), f'"{name}": 777', f'"{name}": {text}'))
    lines.append(response("after", 1, AT))
    write_claude(victim.home, "numbers", lines)
    found = victim.scan()
    assert "impossible token counts" in reasons(found, "claude-code")
    assert "negative token counts" in reasons(found, "claude-code")
    counted = victim.requests()
    assert {name: counted[name] for name in ("before", "after", "healthy", THREAD)} == {"before": 1, "after": 1, "healthy": 5, THREAD: 1}
    assert all(0 <= each["output"] <= 10**6 and each["fresh_input"] <= 10**6 for each in victim.json("sessions"))
    text = [f"n{place}-{NUMBERS.index(kind)}" for place in range(4) for kind in ('"x"', "[1]", "NaN", "null", "1.5")]
    assert set(text) <= set(counted), "a field that is no number loses the rest of its line"


def test_no_text_harms_its_neighbours(victim: Victim) -> None:
    """Halves of characters, which JavaScript writes when it cuts a text; NUL; bytes that are no UTF-8; nesting without end."""
    half = spoilt(row("half"), "a secret prompt", "cut \\ud83d")
    name = spoilt(row("half-name"), '"main"', '"ma\\udfffin"')
    deep = json.dumps(row("deep"))[:-1] + ', "x": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}"
    lists = json.dumps(row("lists"))[:-1] + ', "x": ' + "[" * 10_000 + "]" * 10_000 + "}"
    twice = spoilt(row("twice"), '"output_tokens": 310', '"output_tokens": 310, "output_tokens": 311')
    nul = json.dumps(row("nul") | {"cwd": "/a\0b", "gitBranch": "x\0y"})
    raw = json.dumps(row("raw")).encode().replace(b'"main"', b'"ma\xff\xed\xa0\x80in"')
    path = write_claude(victim.home, "texts", [half, name, deep, lists, twice, nul])
    with path.open("ab") as file:
        file.write(raw + b"\n\x00\x00\x00\n" + b'{"usage":' + bytes(range(256)) + b"\n" + response("after", 1, AT).encode() + b"\n")
    found = victim.scan()
    victim.assert_healthy(half=1, half_name=1, twice=1, nul=1, raw=1, after=1)
    assert "is not a JSON object" in reasons(found, "claude-code")
    assert {row["output"] for row in victim.json("sessions") if row["id"].endswith("twice")} == {311}


HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202etxt\u2066\r\n\t\x7f\x00"


def test_names_are_one_plain_line(victim: Victim) -> None:
    """Nothing from a log moves a cursor, ends a line or turns the text around, in any form of any answer."""
    line = row(f"id{HOSTILE}") | {"gitBranch": f"b{HOSTILE}", "cwd": f"/nowhere/p{HOSTILE}", "version": f"v{HOSTILE}"}
    line["message"]["model"] = f"m{HOSTILE}"
    write_claude(victim.home, "names", [json.dumps(line)])
    rows = [json.loads(each) for each in codex_lines(OTHER, AT, model=f"m{HOSTILE}", cwd=f"/nowhere/c{HOSTILE}")]
    rows[0]["payload"]["git"]["branch"] = f"b{HOSTILE}"
    rows[2]["payload"]["rate_limits"]["limit_id"] = f"limit{HOSTILE}"
    write_codex(victim.home, OTHER, [json.dumps(each) for each in rows])
    victim.scan()
    for words in (
        ["sessions"], ["sessions", "--json"], ["report", "--by", "branch"], ["report", "--by", "project", "--csv"], ["limits", "--json"],
        ["limits"], ["report", "--by", "model", "--json"], ["export"], ["checkin", "--week", "2026-W47"], ["doctor"], ["accounts", "list"],
    ):  # fmt: skip
        done = victim.run(*words)
        assert done.code in {0, 1}
        shown = json.dumps(json.loads(done.out), ensure_ascii=False) if "--json" in words else done.out + done.err
        found = [c for c in shown if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066")]
        assert not found, f"{words}: {found}"


@LINUX
def test_what_the_person_wrote_does_not_reach_a_terminal_raw(victim: Victim) -> None:
    """Task names and notes may come with an import from anybody."""
    import pty

    victim.scan()
    name = HOSTILE.replace("\0", "")
    assert victim.run("task", "add", f"task{name}").code == 0
    assert victim.run("label", "claude-code:healthy", "waste", "--note", f"note{name}").code == 0
    assert victim.run("checkin", "--week", "2026-W47", "--edit", stdin=f"## Tried\n{name} x\n## Learned\n{name} y").code == 0
    task = next(one["task"] for one in victim.json("task", "list", "--json"))
    assert victim.run("budget", "set", "5", "--per", "month", "--task", task).code == 0
    for words in (
        ["task", "list"],
        ["budget", "list"],
        ["insights"],
        ["limits"],
        ["checkin", "--list"],
        ["checkin", "--week", "2026-W47", "--text"],
        ["checkin", "--week", "2026-W47", "--markdown"],
        ["checkin", "--since", "2026-W47"],
        ["sessions"],
        ["undo"],
        ["redo"],
        ["checkin", "--week", "2026-W47"],
        ["export"],
        ["sessions", "--json"],
    ):
        main, end = pty.openpty()
        with subprocess.Popen(victim.command(*words), env=victim.env(), cwd=victim.home, stdin=end, stdout=end, stderr=end) as child:
            os.close(end)
            said = b""
            while True:
                try:
                    part = os.read(main, 65536)
                except OSError:
                    break
                if not part:
                    break
                said += part
            assert child.wait(60) == 0, said
        os.close(main)
        text = said.decode()
        assert not [c for c in text if c not in "\r\n\t" and (ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066")], ascii(text)


def test_endless_names_are_cut_and_stay_apart(victim: Victim) -> None:
    long = "x" * (1 << 20)
    lines = [
        json.dumps(row(f"{long}{number}", number) | {"gitBranch": f"{long}{number}", "cwd": f"/{long}{number}"}) for number in range(2)
    ]
    write_claude(victim.home, "long", lines)
    victim.scan()
    sessions = victim.json("sessions")
    assert len({each["id"] for each in sessions}) == 4
    assert max(len(json.dumps(each)) for each in sessions) < 8000
    assert sum(path.stat().st_size for path in victim.profile.glob("tokenpal.db*")) < 2_000_000


TIMES = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "", "now", None, -1, 1e25,
         253_402_300_799, [1, 2], {}, True, "2026-02-30T00:00:00Z"]  # fmt: skip


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_no_time_is_too_odd(victim: Victim, zone: str) -> None:
    """One line of the year 1 must not keep an agent's logs from being read for ever, nor reports over all time from adding up."""
    victim.profile.mkdir()
    (victim.profile / "settings.toml").write_text(f'[general]\nzone = "{zone}"\n')
    lines = [response("clock", 100, "2026-11-20T10:00:00Z")]
    lines += [json.dumps(row("clock", number) | {"timestamp": stamp}) for number, stamp in enumerate(TIMES)]
    write_claude(victim.home, "clock", lines)
    old = write_claude(victim.home, "old", [json.dumps({k: v for k, v in row("old").items() if k != "timestamp"})])
    os.utime(old, (-(10**9), -(10**9)))
    rows = codex_lines(OTHER, "9999-12-31T23:59:59Z")
    write_codex(victim.home, OTHER, rows)
    victim.scan()
    victim.assert_healthy(clock=len(TIMES) + 1, old=1, **{OTHER.replace("-", "_"): 1})
    for words in (["report", "--by", "month", "--since", "1990-01-01"], ["report", "--by", "task"], ["checkin"], ["share", "preview"], []):
        assert victim.run(*words).code == 0
    clock = next(each for each in victim.json("sessions") if each["id"].endswith("clock"))
    assert (clock["started"], clock["ended"]) == ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"), (
        "such rows happened when the row before did"
    )


LIMITS = [1e308, 10**30, -5, "x", [], True, 0, 2]


def test_absurd_plan_windows_and_totals_of_codex(victim: Victim) -> None:
    for number, value in enumerate(LIMITS):
        thread = f"{OTHER[:-2]}{number:02}"
        rows = [json.loads(each) for each in codex_lines(thread, f"2026-11-20T12:{number:02}:30.000Z")]
        limits = rows[2]["payload"]["rate_limits"]
        limits["primary"] = {"used_percent": value, "window_minutes": value, "resets_at": value}
        limits["secondary"] |= {"window_minutes": value}
        limits["credits"] = {"has_credits": True, "unlimited": False, "balance": "1e999999999"}
        more = json.loads(json.dumps(rows[2]))
        more["payload"]["info"]["total_token_usage"]["cached_input_tokens"] = 10**25
        more["timestamp"] = "2026-11-20T12:59:00.000Z"
        write_codex(victim.home, thread, [json.dumps(each) for each in (*rows, more)])
    victim.scan()
    counted = victim.requests()
    assert all(counted[f"{OTHER[:-2]}{number:02}"] >= 1 for number in range(len(LIMITS)))
    assert counted[THREAD] == 1
    said = victim.run("limits", "--json")
    assert said.code == 0, said.err
    limits = json.loads(said.out, parse_constant=pytest.fail)
    assert any((each["name"], each["window_minutes"]) == ("5 hours", 300) for each in limits["windows"])
    assert victim.run("limits").code == 0


# ---------------------------------------------------------------------------------------------- files that are none


@LINUX
def test_files_that_are_none_and_links_that_lead_nowhere(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = victim.claude
    monkeypatch.chdir(folder)  # the address of a socket may not be long
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "to-pipe.jsonl").symlink_to("pipe.jsonl")
    (folder / "zeros.jsonl").symlink_to("/dev/zero")
    (folder / "terminal.jsonl").symlink_to("/dev/tty")
    (folder / "nowhere.jsonl").symlink_to("nothing")
    (folder / "itself.jsonl").symlink_to("itself.jsonl")
    (folder / "here").symlink_to(".")
    (folder / "above").symlink_to("../../../..")
    (folder / "system").symlink_to("/proc/self")
    (folder / "everything").symlink_to("/")
    (folder / "folder.jsonl").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jsonl")
        (folder / "\x1b[2J\nname\u202e.jsonl").write_text(response("odd-name", 1, AT) + "\n")
        with open(os.fsencode(folder) + b"/latin-\xe4\xff.jsonl", "w") as file:
            file.write(response("latin", 1, AT) + "\n")
        found = victim.scan()
    assert "not UTF-8" in reasons(found, "claude-code")
    victim.assert_healthy(odd_name=1)


@LINUX
def test_a_file_that_turns_into_a_pipe_holds_nobody_up(victim: Victim) -> None:
    """Between the look at the folder and the opening of the file."""
    code = (
        "import os, sys\nfrom tokenpal.sources.tail import Markers, Reader\nfrom tokenpal.sources.walk import Found\n"
        "os.mkfifo(sys.argv[1])\n"
        "print(list(Reader(Markers((b'x',))).scan([Found(sys.argv[1], 1, 5, 1)], {}, 0)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(victim.home / "pipe")], env=victim.env(), capture_output=True, text=True, timeout=30, check=False
    )
    assert run.stdout.strip() == "[]", run.stderr


def test_damaged_and_swollen_compressed_files(victim: Victim) -> None:
    """Half a file is told, not taken for a whole one; a small file that unpacks without end stops somewhere."""
    good = "\n".join([*codex_lines(OTHER, AT), ""]).encode()
    packed = zstandard.compress(good * 200)
    names = [victim.codex / f"rollout-2026-11-20T10-00-0{number}-{OTHER[:-1]}{number}.jsonl.zst" for number in range(4)]
    names[0].write_bytes(packed[:-20])
    names[1].write_bytes(bytes(1000))
    names[2].write_bytes(zstandard.compress(good) + b"rubbish")
    compressor = zstandard.ZstdCompressor().compressobj()
    hole = bytes(1 << 24)
    names[3].write_bytes(b"".join([compressor.compress(good), *(compressor.compress(hole) for _ in range(320)), compressor.flush()]))
    found = victim.scan()
    said = reasons(found, "codex")
    assert "is damaged, or not a complete zstd file (3)" in said
    assert "unpacks to more than 4 GiB" in said
    assert victim.requests()["healthy"] == 5


def test_very_many_broken_lines_and_forks_cost_little(victim: Victim) -> None:
    with (victim.claude / "healthy.jsonl").open("a") as file:
        file.writelines(f'{{"usage": broken {number}\n' for number in range(20_000))
        file.write(response("healthy", 99, AT) + "\n")
    missing = "0197aaaa-0000-7000-8000-ffffffffffff"
    for number in range(400):
        thread = f"0197bbbb-0000-7000-8000-{number:012}"
        rows = [
            json.loads(each) for each in codex_lines(thread, f"2026-11-20T11:{number // 60:02}:{number % 60:02}.000Z", output=14 + number)
        ]
        rows[0]["payload"]["forked_from_id"] = missing
        write_codex(victim.home, thread, [json.dumps(each) for each in rows])
    found = victim.scan()
    assert found["problems"] == 20_000
    assert sum(victim.requests().values()) == 6 + 1 + 400
    assert sum(path.stat().st_size for path in victim.profile.glob("tokenpal.db*")) < 8_000_000


def test_rubbish_of_every_kind(victim: Victim) -> None:
    """Bytes cut out of, doubled in and put into healthy logs: never an error, and what is healthy is there."""
    rnd = random.Random(20)
    whole = "\n".join([*(response("noise", number, AT) for number in range(4)), *codex_lines(OTHER, AT)]).encode() + b"\n"
    for number in range(120):
        data = bytearray(whole)
        for _ in range(rnd.randrange(1, 30)):
            start = rnd.randrange(len(data))
            piece = bytes(data[start : start + rnd.randrange(1, 60)])
            how = rnd.randrange(4)
            data[start : start + len(piece)] = [b"", piece * 2, rnd.randbytes(len(piece)), piece[::-1]][how]
        (victim.claude / f"noise-{number}.jsonl").write_bytes(data)
        (victim.codex / f"rollout-noise-{number}.jsonl").write_bytes(data)
    victim.scan()
    counted = victim.requests()
    assert (counted["healthy"], counted[THREAD]) == (5, 1)
