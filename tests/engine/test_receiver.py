"""The receiver in the running app: real exporters in other processes, on and off while it runs, logs first, nothing planted kept."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.engine.logs import Heard, running, wait_for, write
from tokenpal.engine import queries
from tokenpal.engine.engine import Engine
from tokenpal.model.events import EngineProblem
from tokenpal.settings import Settings
from tokenpal.store import accounts
from tokenpal.store.database import Store
from tokenpal.system.paths import inside

ROOT = Path(__file__).parents[2]
SONNET = {"model": "claude-sonnet-4-5", "session.id": "s-1", "user.id": "planted-user", "user.email": "planted@example.com", "organization.id": "planted-org"}


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path / "settings.toml")
    made.set("receiver.on", True)
    made.set("receiver.port", free_port())
    return made


def listens(engine: Engine) -> int:
    inside_ = engine._inside
    return inside_.receiver.port if inside_ is not None else 0


class Agent:
    """A process with the real SDK."""

    def __init__(self, port: int, temporality: str, steps: list[list[list[Any]]], service: str = "claude-code") -> None:
        command = [sys.executable, "-m", "tests.engine.otlp_sender", str(port), temporality, service, json.dumps(steps)]
        env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")} | {"PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sent(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=60)


def counts(store: Store) -> tuple[int, ...]:
    return tuple(
        store.execute("SELECT IFNULL(SUM(fresh_input), 0), IFNULL(SUM(cache_read), 0), IFNULL(SUM(cache_write_5m + cache_write_1h + cache_write_other), 0),"
                      " IFNULL(SUM(output), 0) FROM by_segment").fetchone()
    )  # fmt: skip


def ask(engine: Engine, function: Any, *args: Any) -> Any:
    return engine.ask(function, *args).result(60)


def tokens(**kinds: int) -> list[list[Any]]:
    return [["claude_code.token.usage", "counter", amount, SONNET | {"type": kind}] for kind, amount in kinds.items()]


@pytest.mark.parametrize("temporality", ["delta", "cumulative"])
def test_a_real_exporter_over_restarts_of_both_sides(temporality: str, settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "home"
    steps = [tokens(input=10, cacheRead=500, output=40), tokens(cacheCreation=70, output=2), []]
    with running(home, settings=settings) as (engine, _):
        wait_for(lambda: listens(engine))
        with Agent(listens(engine), temporality, steps) as agent:
            for wanted in ((10, 500, 0, 40), (10, 500, 70, 42), (10, 500, 70, 42)):
                assert agent.sent() == "sent"
                assert ask(engine, counts) == wanted
                agent.go_on()
        with Agent(listens(engine), temporality, steps[:1]) as agent:  # the agent begins again
            assert agent.sent() == "sent"
            agent.go_on()
        assert ask(engine, counts) == (20, 1000, 70, 82)
        (row,) = ask(engine, queries.accounts)
        assert (row.source, row.kind, row.name, row.provider, row.counts, row.state) == ("otlp", "inbox", "Claude Code metrics", "anthropic", "remainder", "ok")
    with running(home, settings=settings) as (engine, _):  # tokenpal begins again
        wait_for(lambda: listens(engine))
        with Agent(listens(engine), temporality, steps[:1]) as agent:
            assert agent.sent() == "sent"
            agent.go_on()
        assert ask(engine, counts) == (30, 1500, 70, 122)
    for path in (home / "tokenpal").rglob("*"):
        if path.is_file():
            assert b"planted" not in path.read_bytes(), f"{path.name} keeps what is not on the list"


def test_an_agent_that_outlives_tokenpal_is_not_counted_twice(settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with contextlib.ExitStack() as stack:
        with running(home, settings=settings) as (engine, _):
            wait_for(lambda: listens(engine))
            agent = stack.enter_context(Agent(listens(engine), "cumulative", [tokens(output=40), tokens(output=2), tokens(output=1)]))
            assert agent.sent() == "sent"
            assert ask(engine, counts)[3] == 40
        with running(home, settings=settings) as (engine, _):
            wait_for(lambda: listens(engine))
            agent.go_on()
            assert agent.sent() == "sent"
            assert ask(engine, counts)[3] == 42
            agent.go_on()
            assert agent.sent() == "sent"
            assert ask(engine, counts)[3] == 43
            agent.go_on()


def test_histograms_of_a_real_exporter(settings: Settings, tmp_path: Path) -> None:
    kinds = {"input": 1000, "cached_input": 700, "output": 50, "reasoning_output": 20, "total": 1050}
    codex = [["codex.turn.token_usage", "histogram", amount, {"token_type": kind, "model": "gpt-5.2-codex"}] for kind, amount in kinds.items()]
    other = [["gen_ai.client.token.usage", "histogram", 7, {"gen_ai.token.type": kind, "gen_ai.request.model": "m", "gen_ai.provider.name": "mistral"}] for kind in ("input", "output")]
    with running(tmp_path / "home", settings=settings) as (engine, _):
        wait_for(lambda: listens(engine))
        with Agent(listens(engine), "delta", [codex, [*codex, *other]], "codex_cli") as agent:
            for _ in range(2):
                assert agent.sent() == "sent"
                agent.go_on()
        assert ask(engine, counts) == (600, 1400, 0, 100), "the general metric of an agent with one of its own says the same again"
        with Agent(listens(engine), "cumulative", [other, other], "my-bot") as agent:
            for _ in range(2):
                assert agent.sent() == "sent"
                agent.go_on()
        assert ask(engine, counts) == (614, 1400, 0, 114)
        assert sorted(row.name for row in ask(engine, queries.accounts)) == ["Codex metrics", "Other programs' metrics"]


def test_the_log_counts_and_the_metrics_only_beyond_it(settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write(home, files=1, lines=3)  # 4 fresh, 3000 read, 100 written, 310 output each, on 2026-07-01
    day = 1_782_900_000  # within it
    with running(home, settings=settings, now=lambda: day) as (engine, _):
        wait_for(lambda: listens(engine))
        wait_for(lambda: ask(engine, counts)[3] == 930)
        body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "claude_code.token.usage", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [
            {"attributes": [{"key": "type", "value": {"stringValue": kind}}, {"key": "model", "value": {"stringValue": "claude-sonnet-4-5"}}], "timeUnixNano": f"{day}000000000", "asInt": str(n)}
            for kind, n in (("input", 12), ("cacheRead", 9000), ("cacheCreation", 300), ("output", 1000))]}}]}]}]}  # fmt: skip
        assert send(listens(engine), json.dumps(body).encode())[0] == 200
        assert ask(engine, counts) == (12, 9000, 300, 1000)
        assert send(listens(engine), json.dumps(body).encode())[0] == 200
        assert ask(engine, counts) == (12, 9000, 300, 1000)


def send(port: int, body: bytes, path: str = "/v1/metrics", method: str = "POST", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_what_it_says_to_others(settings: Settings, tmp_path: Path) -> None:
    with running(tmp_path / "home", settings=settings) as (engine, heard):
        wait_for(lambda: listens(engine))
        port = listens(engine)
        assert send(port, b"{}") == (200, b"{}")
        assert send(port, gzip.compress(b"{}"), Content_Encoding="gzip")[0] == 200
        assert send(port, b"", Content_Type="application/x-protobuf") == (200, b"")
        for path, word in (("/v1/logs", b"logs"), ("/v1/traces", b"traces"), ("/", b"metrics"), ("/v1/metrics/", b"metrics")):
            status, said = send(port, b"{}", path)
            assert status == 404
            assert word in said
        assert send(port, b"", method="GET")[0] == 405
        assert send(port, b"{}", Content_Type="text/plain")[0] == 415
        assert send(port, b"nonsense")[0] == 400
        assert send(port, b"\xff\xff\xff", Content_Type="application/x-protobuf")[0] == 400
        assert send(port, b"{}", Host="evil.example")[0] == 421
        bad = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "claude_code.token.usage", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [{"asInt": "5"}]}}]}]}]}
        assert json.loads(send(port, json.dumps(bad).encode())[1])["partialSuccess"]["rejectedDataPoints"] == "1"
        assert ask(engine, queries.accounts) == []
        assert heard.of(EngineProblem) == []


def test_on_and_off_while_it_runs_and_off_opens_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    first, second = free_port(), free_port()
    settings.set("receiver.port", first)
    bound: list[Any] = []

    def note(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.bind" and watching and isinstance(args[1], tuple):
            bound.append(args[1])

    watching = [True]
    sys.addaudithook(note)
    try:
        with running(tmp_path / "home", settings=settings) as (engine, _):
            wait_for(lambda: engine._inside is not None and engine.reads)
            settled(engine)
            assert bound == []
            assert listens(engine) == 0
            settings.set("receiver.on", True)
            engine.settings_changed()
            wait_for(lambda: listens(engine) == first)
            assert {address[0] for address in bound} <= {"127.0.0.1", "::1"}
            settings.set("receiver.port", second)
            engine.settings_changed()
            wait_for(lambda: listens(engine) == second)
            assert send(second, b"{}")[0] == 200
            wait_for(lambda: refused(first))
            settings.set("receiver.on", False)
            engine.settings_changed()
            wait_for(lambda: listens(engine) == 0)
            wait_for(lambda: refused(second))
    finally:
        watching.clear()


def settled(engine: Engine) -> None:
    """Whatever the loop was told before is done."""
    done = threading.Event()
    inside_ = engine._inside
    assert inside_ is not None
    inside_.soon(lambda _: done.set())
    assert done.wait(60)


def refused(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextlib.contextmanager
def occupied() -> Iterator[int]:
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told_and_tried_again_when_changed(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    settings.set("receiver.on", True)
    with occupied() as port:
        settings.set("receiver.port", port)
        with running(tmp_path / "home", settings=settings) as (engine, heard):
            problem = wait_for(lambda: heard.of(EngineProblem))[0]
            assert problem.sentence == f"Port {port} is taken by another program."
            assert "Settings" in problem.next_step
            settings.set("receiver.port", free_port())
            engine.settings_changed()
            wait_for(lambda: listens(engine) == settings.get("receiver.port"))


def test_an_account_that_was_removed_takes_no_more(settings: Settings, tmp_path: Path) -> None:
    with running(tmp_path / "home", settings=settings) as (engine, _):
        wait_for(lambda: listens(engine))
        body = json.loads((ROOT / "tests" / "data" / "otlp" / "claude-code.json").read_text())
        assert send(listens(engine), json.dumps(body).encode())[0] == 200
        (row,) = ask(engine, queries.accounts)
        ask(engine, lambda store: accounts.remove_account(store, row.id, keep_history=False))
        assert ask(engine, counts) == (0, 0, 0, 0)
        assert send(listens(engine), json.dumps(body).encode())[0] == 200
        assert ask(engine, counts) == (0, 0, 0, 0)


def test_two_windows_of_one_profile_need_one_port(settings: Settings, tmp_path: Path) -> None:
    home = tmp_path / "home"
    paths = inside(home / "tokenpal")
    with running(home, settings=settings, paths=paths) as (engine, _):
        wait_for(lambda: listens(engine))
        with running(home, settings=settings, paths=paths) as (second, heard):
            wait_for(lambda: second._inside is not None)
            second.settings_changed()
            settled(second)
            assert listens(second) == 0
            assert isinstance(heard, Heard)
            assert heard.of(EngineProblem) == []


def test_many_programs_at_once(settings: Settings, tmp_path: Path) -> None:
    """Requests side by side build on one another's state, none on a stale one."""
    day = 1_790_000_000

    def body(program: int, step: int) -> bytes:
        said = [{"key": "type", "value": {"stringValue": "output"}}, {"key": "model", "value": {"stringValue": "m"}}, {"key": "session.id", "value": {"stringValue": f"s{program % 3}"}}]
        point = {"attributes": said, "asInt": "1", "timeUnixNano": str((day - 1000 + step) * 1_000_000_000 + program), "startTimeUnixNano": str((day - 1001 + step) * 1_000_000_000 + program)}
        metric = {"name": "claude_code.token.usage", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [point]}}
        return json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()

    with running(tmp_path / "home", settings=settings, now=lambda: day) as (engine, _):
        wait_for(lambda: listens(engine))
        port = listens(engine)
        answers: list[int] = []

        def run(program: int) -> None:
            answers.extend(send(port, body(program, step))[0] for step in range(12))

        threads = [threading.Thread(target=run, args=(program,)) for program in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert answers == [200] * 96
        assert ask(engine, counts)[3] == 96
