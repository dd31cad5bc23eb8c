"""The doors through which figures come in: lines of scripts, imports, servers, settings of others, and the receiver."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.attack.conftest import Victim
from tests.cli.runner import response, write_claude
from tokenpal.engine import files, statusline
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import AccountError, UsageError
from tokenpal.model.usage import Problem, UsageRecord
from tokenpal.sources import balances, deepseek, exposition, livedb, otlp, plans, prometheus, times
from tokenpal.sources.base import Context, Reply
from tokenpal.sources.imported import captured_claude, captured_codex, outcomes
from tokenpal.sources.imported.base import File, Row
from tokenpal.sources.numbers import Notes
from tokenpal.store import migrations, quick
from tokenpal.system import inbound
from tokenpal.system.inbound import Asked, Inbound, Said
from tokenpal.system.net import Answer
from tokenpal.system.secrets import Secret


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


# ---------------------------------------------------------------------------------------------- the settings of another program

OLD, NEW = "/old/tokenpal statusline", "/new/tokenpal statusline"


def test_what_the_person_changed_between_two_installs_is_not_thrown_away(tmp_path: Path) -> None:
    path, data = tmp_path / "settings.json", tmp_path / "data"
    path.write_text('{"a": 1}')
    statusline.install(path, data, OLD)
    path.write_text(path.read_text().replace('"a": 1', '"a": 1, "permissions": {"deny": ["Read(.env)"]}'))
    statusline.install(path, data, NEW)  # tokenpal lies elsewhere after an update
    statusline.remove(path, data)
    assert json.loads(path.read_text()) == {"a": 1, "permissions": {"deny": ["Read(.env)"]}}


ODD = {
    "twice": b'{"statusLine": {"command": "a"}, "statusLine": {"command": "b"}}',
    "half a character": b'{"statusLine": {"command": "\\ud800 x"}}',
    "a byte-order mark": b'\xef\xbb\xbf{"a": 1}',
    "a comment": b'// mine\n{"a": 1}',
    "a trailing comma": b'{"a": 1,}',
    "more behind it": b'{"a": 1} {}',
    "nested": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a long number": b'{"a": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"a": "\xff"}',
}


@pytest.mark.parametrize("how", ODD)
def test_settings_that_are_not_understood_are_left_alone(tmp_path: Path, how: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(ODD[how])
    with pytest.raises(UsageError):
        statusline.install(path, tmp_path / "data", OLD)
    assert path.read_bytes() == ODD[how]
    assert sorted(tmp_path.glob("settings*")) == [path], "no half-written copy stays"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_settings_that_are_a_pipe_or_a_device_hold_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    for name in ("pipe.json", "zero.json"):
        with pytest.raises(UsageError):
            statusline.install(tmp_path / name, tmp_path / "data", OLD)


def test_two_that_install_at_once_can_still_be_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is done between our reading and our writing: the copy that is kept is that of the file as it was."""
    path, data = tmp_path / "settings.json", tmp_path / "data"
    path.write_text('{"a": 1}')
    look = statusline._text

    def slow(wanted: Path) -> Any:
        found = look(wanted)
        monkeypatch.setattr(statusline, "_text", look)
        statusline.install(path, data, OLD)
        return found

    monkeypatch.setattr(statusline, "_text", slow)
    statusline.install(path, data, OLD)
    statusline.remove(path, data)
    assert path.read_text() == '{"a": 1}'


def test_a_line_chained_by_an_equals_sign_stays_chained(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"statusLine": {"type": "command", "command": f"{OLD} --then='echo \"$(id)\"; date'"}}))
    standing, _ = statusline.install(path, tmp_path / "data", NEW)
    assert standing.former == 'echo "$(id)"; date'


# ---------------------------------------------------------------------------------------------- servers that lie

METER = exposition.Meter("vllm:", ("vllm:prompt_tokens_total",), ("vllm:generation_tokens_total",))


def told() -> balances.Told:
    return balances.Told({}, Notes("plan", "the answer"), 1_763_700_000, "")


@pytest.mark.parametrize(("used", "limit"), [("1e18", "1e-999999"), ("-1e18", "1e-9999999"), ("1e18", "1e-999999999999"), ("1e-999999999", "1e18")])
def test_a_plan_window_in_impossible_proportions(used: str, limit: str) -> None:
    one = told()
    found = list(plans.window(one, 300, used=used, limit=limit))
    assert (found and found[0].used_percent == 0) or one.notes.problems()


def test_counters_beyond_all_numbers_are_told_and_not_remembered() -> None:
    body = b'vllm:prompt_tokens_total{model_name="a"} 1e300\nvllm:prompt_tokens_total{model_name="b"} 5\n'
    found = exposition.scraped(body, METER)
    assert (len(found.series), len(found.problems)) == (1, 1)
    msgspec.msgpack.encode(prometheus.growth(prometheus.Memory(), found, 1_763_700_000).after)


def test_a_counter_in_an_endless_line_or_said_without_end_is_left_out() -> None:
    """The parser of the metrics format takes the square of a line with escaped quotes: a megabyte of them would take minutes."""
    endless = b'vllm:prompt_tokens_total{model_name="' + b'\\"' * 2_000_000 + b'"} 1\n'
    again = b'vllm:prompt_tokens_total{model_name="a"} 5\n' * 300_000
    found = exposition.scraped(endless + again, METER)
    assert len(found.series) == 1
    assert [each.reason for each in found.problems] == ["a counter cannot be read; it was left out", "too many counters; the rest was left out"]


@pytest.mark.parametrize("value", [[1, 10**350], [10**350, 1], [10**19, 10**350], [-1, 5], 10**350, -(10**350), "1e999", "9" * 400])
def test_times_that_no_clock_shows(value: Any) -> None:
    assert times.millis(value) is None


class Echo:
    """A server that says 200 and means no, with the key in its words."""

    def __init__(self, body: dict[str, Any], status: int = 200) -> None:
        self.body, self.status = body, status

    async def get(self, url: str, params: Any = (), headers: Any = None) -> Answer:
        return Answer(self.status, {}, json.dumps(self.body).encode())

    async def sleep(self, seconds: float) -> None:
        """Nobody waits here."""


KEY = "planted.KEY.value!"  # looks like no key that a pattern would know


@pytest.mark.parametrize("code", [0, 400, 401, 403, 404, 422, 429, 500])
def test_an_answer_that_repeats_the_key_is_told_without_it(code: int) -> None:
    info = msgspec.structs.replace(deepseek.INFO, base_url="https://host.example")
    call = balances.Call("balance", "/x", "the balance", lambda _: ())
    body = {"code": code, "message": f"the key {KEY} is not good", "error": {"message": f"key {KEY}"}}
    fetch, _, _ = balances.account(info, deepseek.WORDS, call, refusal=lambda data: code)
    for status in (200, code) if code else (418,):
        context = Context(1, None, "", {}, now=lambda: 1_763_700_000, http=Echo(body, status), secret=Secret(KEY))  # type: ignore[arg-type]  # as much of one as is asked

        async def drain(context: Context = context) -> None:
            async for _ in fetch(context):
                pass

        with pytest.raises(AccountError) as caught:
            asyncio.run(drain())
        said = repr(caught.value) + str(caught.value) + caught.value.sentence + caught.value.next_step + repr(vars(caught.value))
        assert "planted" not in said, said


# ---------------------------------------------------------------------------------------------- imports

SPENT = {"input_tokens": 5, "output_tokens": 6}


@pytest.mark.parametrize("kind", [captured_claude, captured_codex])
def test_half_a_character_in_captured_output_does_not_stop_its_import(kind: Any) -> None:
    rows = [
        Row(number, json.loads(json.dumps({"type": "turn.completed", "usage": SPENT, "message": {"usage": SPENT}, "text": text})))
        for number, text in enumerate(("\ud800", "\udfff", "\ud800"), 1)
    ]
    if kind is captured_claude:
        rows = [Row(row.line, {**row.found, "type": "assistant"}) for row in rows]
    found = [item for item in kind.read_rows(rows, File("f", 1_763_700_000)) if isinstance(item, UsageRecord)]
    assert len({record.key for record in found}) == (2 if kind is captured_claude else 3), "the same line again is the same message"
    again = [item for item in kind.read_rows(rows, File("f", 1_763_700_000)) if isinstance(item, UsageRecord)]
    assert {record.key for record in again} == {record.key for record in found}


# ---------------------------------------------------------------------------------------------- the receiver

NOW = 1_763_700_000


def request(points: list[dict[str, Any]], temporality: int) -> bytes:
    metric = {"name": "claude_code.token.usage", "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": points}}
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()


def point(session: str, value: int, at: int, start: int = NOW - 100) -> dict[str, Any]:
    said = {"type": "input", "model": "m", "session.id": session}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in said.items()]
    return {"attributes": attributes, "asInt": str(value), "timeUnixNano": str(at * otlp.NANO), "startTimeUnixNano": str(start * otlp.NANO)}


def fed(state: otlp.State | None, points: list[dict[str, Any]], at: int = NOW, temporality: int = 2) -> tuple[otlp.State, list[Any]]:
    found, _ = otlp.figures(request(points, temporality), protobuf=False)
    return otlp.parse(state, Reply(Cursor("metrics"), "metrics", b"", at, context=found))


def test_who_sends_without_end_fills_neither_memory_nor_data_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "MOST_SERIES", 300)
    monkeypatch.setattr(otlp, "MOST_OPEN", 100)
    state, records, left = None, 0, 0
    for batch in range(5):
        state, items = fed(state, [point(f"{batch}-{number}", 1, NOW + batch) for number in range(200)], temporality=1)
        records += sum(isinstance(item, UsageRecord) for item in items)
        left += sum(item.count for item in items if isinstance(item, Problem))
        assert len(state.series) <= 300
        assert len(state.open) <= 100
    assert (records, left) == (100, 900), "what is not counted is told"


@pytest.mark.parametrize("ahead", [0, 10**8], ids=["now", "with a clock that is ahead"])
def test_who_sends_without_end_makes_nobody_elses_total_count_twice(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    monkeypatch.setattr(otlp, "MOST_SERIES", 100)
    state, _ = fed(None, [point("honest", 1000, NOW)])
    for batch in range(3):
        state, _ = fed(state, [point(f"{batch}-{number}", 1, NOW + 1 + ahead) for number in range(100)])
    state, items = fed(state, [point("honest", 1010, NOW + 60)], NOW + 60)
    assert [item.tokens.fresh_input for item in items if isinstance(item, UsageRecord)] == [1010]
    later = NOW + otlp.FORGET_SECONDS + 120
    state, _ = fed(state, [point("other", 5, later, later)], later)
    assert len(state.series) == 1, "what a clock that is ahead left is forgotten too"


def test_counts_that_lie_do_not_add_up_to_more_than_is_possible() -> None:
    state, left = None, 0
    for second in range(5):
        state, items = fed(state, [point("liar", 9 * 10**12, NOW + second)], temporality=1)
        left += sum(item.count for item in items if isinstance(item, Problem))
    assert state is not None
    assert max(sum(bucket.counts.values()) for bucket in state.open.values()) <= 10**13
    assert left == 4


HEADERS = {
    "a page": {"origin": "https://evil.example", "content-type": "application/json"},
    "a page without a name": {"origin": "null", "content-type": "application/json"},
    "a form": {"sec-fetch-site": "cross-site", "content-type": "text/plain"},
    "a link on a page": {"sec-fetch-site": "same-site", "content-type": "application/json"},
    "another name for this machine": {"host": "evil.example:4318", "content-type": "application/json"},
    "a name that begins alike": {"host": "localhost.evil.example", "content-type": "application/json"},
    "a name with this address in it": {"host": "127.0.0.1.evil.example", "content-type": "application/json"},
    "this machine as its user": {"host": "localhost@evil.example", "content-type": "application/json"},
    "no name": {"host": "", "content-type": "application/json"},
}


@pytest.mark.parametrize("how", HEADERS)
def test_no_web_page_reaches_the_receiver(how: str) -> None:
    asked: list[Asked] = []

    async def handler(one: Asked) -> Said:
        asked.append(one)
        return Said(200)

    async def talk() -> bytes:
        server = Inbound(handler)
        await server.start(0)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            headers = {"host": f"127.0.0.1:{server.port}", **HEADERS[how]}
            writer.write(b"POST /v1/metrics HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"content-length: 2\r\n\r\n{}")
            line = await reader.readline()
            writer.close()
            return line
        finally:
            await server.stop()

    assert asyncio.run(talk()).split()[1] in {b"400", b"403", b"421"}
    assert not asked


# ---------------------------------------------------------------------------------------------- files of others


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("what", ["/dev/zero", "pipe", "nowhere"])
def test_a_database_whose_log_is_none_fills_no_disk(tmp_path: Path, what: str) -> None:
    path = tmp_path / "agent.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE calls(id TEXT PRIMARY KEY, tokens INTEGER)")
        connection.execute("INSERT INTO calls VALUES('a', 1)")
    if what == "pipe":
        os.mkfifo(tmp_path / "agent.db-wal")
    else:
        (tmp_path / "agent.db-wal").symlink_to(what)
    table = livedb.Table("calls", livedb.plain("id", "tokens"), id="id", needs=("id",))
    pieces = list(livedb.read(path, [table], Context(1, tmp_path, "", {}, lambda: 4_000_000_000)))
    assert all(problem.reason.startswith("cannot be read") for piece in pieces for problem in piece.problems)
    assert not [line for piece in pieces for line in piece.lines] or what == "nowhere"


def test_what_an_outcome_says_moves_no_cursor() -> None:
    escape = "\x1b]0;x\x07\u202e"
    found = outcomes.outcome({"is": outcomes.FORMAT, "session": f"s{escape}", "tags": [escape], "note": f"a{escape}\nb", "link": escape, "task": escape})
    assert not {"\x1b", "\x07", "\u202e"} & set("".join((found.session, *found.tags, found.note, found.link, found.task)))


@pytest.mark.parametrize("wrong", [{"resets_at": 10**30}, {"minutes": -(10**30)}, {"used": 1e300}, {"at": 10**30}, {"name": "\x1b[2J"}])
def test_a_damaged_line_of_the_status_line_stops_no_scan(victim: Victim, wrong: dict[str, Any]) -> None:
    assert victim.run("scan").code == 0
    line = {"root": str(victim.home / ".claude"), "at": int(time.time()), "name": "5 hours", "minutes": 300, "used": 5.0, "resets_at": None} | wrong
    (victim.profile / "statusline.jsonl").write_text(json.dumps(line) + "\n")
    assert victim.run("scan").code == 0
    limits = victim.run("limits")
    assert (limits.code, "\x1b" in limits.out) == (0, False)


def test_a_body_in_crumbs_is_refused_and_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "MOST_PARTS", 1000)
    asked: list[Asked] = []

    async def handler(one: Asked) -> Said:
        asked.append(one)
        return Said(200)

    async def talk() -> tuple[bytes, bytes]:
        server = Inbound(handler)
        await server.start(0)
        try:
            answers = []
            for crumbs in (900, 1100):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(b"POST /v1/metrics HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * crumbs + b"0\r\n\r\n")
                answers.append(await reader.readline())
                writer.close()
            return answers[0], answers[1]
        finally:
            await server.stop()

    well, ill = asyncio.run(talk())
    assert (well.split()[1], ill.split()[1]) == (b"200", b"413")
    assert [len(one.body) for one in asked] == [900]


def test_a_document_on_one_long_line_is_not_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "codeburn.json"
    call = {"sessionId": "s", "timestamp": "2026-11-20T10:00:00Z", "inputTokens": 1, "outputTokens": 2, "project": "x" * 1000}
    path.write_text(json.dumps({"schema": "codeburn.export.v2", "records": [call] * 5000}))
    assert path.stat().st_size > files.SAMPLE_BYTES
    assert files.opened(files.Given.file(str(path))).what == "an export of CodeBurn"
    path.write_bytes(b"[" * (files.SAMPLE_BYTES + 5))
    with pytest.raises(UsageError, match="does not know the format"):
        files.opened(files.Given.file(str(path)))


def test_the_status_line_leaves_a_data_file_of_a_newer_version_alone(victim: Victim) -> None:
    assert migrations.STEPS[-1][0] == quick.MAJOR
    victim.scan()
    database = victim.profile / "tokenpal.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {99 * 65536}")
        connection.commit()
    limits = {"five_hour": {"used_percentage": 33.0, "resets_at": int(time.time()) + 5000}}
    handed = {"transcript_path": str(victim.claude / "healthy.jsonl"), "rate_limits": limits}
    done = victim.run("statusline", stdin=json.dumps(handed))
    assert (done.code, "33 %" in done.out.replace("\u202f", " ")) == (0, True), done.out
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM limit_reading WHERE used_percent = 33.0").fetchone() == (0,)
        connection.execute(f"PRAGMA user_version = {migrations.number(*migrations.STEPS[-1][:2])}")
        connection.commit()
    victim.run("scan")
    assert "33" in victim.run("limits").out, "it waited outside"
