"""Made-up worlds of known truth: messages in several stores, forks, children; sessions in several places; in any order."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.sources.reference import Ledger, scan
from tokenpal.sources import copilot_cli, opencode

T = 1_772_359_200_000
OPENCODE = (
    "CREATE TABLE session(id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, version TEXT, tokens_input INTEGER, tokens_output INTEGER);"
    "CREATE TABLE session_v2(id TEXT PRIMARY KEY, parent_id TEXT, fork_session_id TEXT, fork_boundary TEXT, directory TEXT, version TEXT,"
    " tokens_input INTEGER, tokens_output INTEGER);"
    "CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, data TEXT NOT NULL);"
    "CREATE TABLE session_message(id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER, data TEXT)"
)
COPILOT = "CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT, model TEXT, created_at TEXT, input_tokens INTEGER, output_tokens INTEGER)"
Step = Callable[[], Any]


def id_(at: int, chance: random.Random) -> str:
    """An id as OpenCode makes them: 48 bits of time and counter, then anything."""
    return f"msg_{(at * 4096 + chance.randrange(4096)) % (1 << 48):012x}{chance.getrandbits(64):x}"


def play(steps: list[Step], chance: random.Random, look: Step) -> None:
    for step in steps:
        step()
        if chance.random() < 0.3:
            look()
    look()
    look()


@pytest.mark.parametrize("seed", range(40))
def test_opencode(seed: int, tmp_path: Path) -> None:
    """Every message counts once: in whichever stores it is, and however often its session was forked."""
    chance, root = random.Random(seed), tmp_path / "data"
    root.mkdir()
    truth = {"input": 0, "output": 0, "count": 0}
    steps: list[Step] = []
    with closing(sqlite3.connect(root / "opencode.db", isolation_level=None)) as live:
        live.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + OPENCODE)

        def row(table: str, *values: Any) -> Step:
            return lambda: live.execute(f"INSERT INTO {table} VALUES({','.join('?' * len(values))})", values)

        def file(session: str, name: str, content: str) -> Step:
            def write() -> None:
                path = root / "storage" / "message" / session / f"{name}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)

            return write

        def stored(session: str, name: str, seq: int, message: dict[str, Any], store: str) -> Step:
            if store == "file":
                return file(session, name, json.dumps(message | {"id": name, "sessionID": session}))
            if store == "v2":
                return row("session_message", name, session, "assistant", seq, json.dumps(message))
            return row("message", name, session, json.dumps(message))

        clock = T
        for number in range(chance.randrange(1, 5)):
            session, child, new = f"ses_{number}", chance.random() < 0.3 and number > 0, chance.random() < 0.4
            table = "session_v2" if new else "session"
            parent = f"ses_{chance.randrange(number)}" if child else None
            totals = (chance.randrange(1, 9999), chance.randrange(1, 999))
            row(table, session, parent, *([None, None] if new else []), "/home/me/shop", "1.0", *totals)()
            messages: list[tuple[int, str, dict[str, Any]]] = []
            for seq in range(chance.randrange(4)):
                clock += chance.randrange(1, 100_000)
                given, made = chance.randrange(1, 5000), chance.randrange(1, 500)
                message = {
                    "role": "assistant", "modelID": "m", "providerID": "p", "time": {"created": clock, "completed": clock + 900}, "cost": 0.5,
                    "tokens": {"input": given, "output": made, "reasoning": 0, "cache": {"read": 0, "write": 0}},
                }  # fmt: skip
                name = id_(clock, chance)
                messages.append((seq, name, message))
                stores = ["v2"] if new else chance.choice([["row"], ["file"], ["row", "file"], ["row", "v2"], ["file", "v2"]])
                steps += [stored(session, name, seq, message, store) for store in stores]
                truth["input"], truth["output"], truth["count"] = truth["input"] + given, truth["output"] + made, truth["count"] + 1
            if not messages:
                truth["input"], truth["output"], truth["count"] = truth["input"] + totals[0], truth["output"] + totals[1], truth["count"] + 1
            for fork in range(chance.choice([0, 0, 1, 2]) if messages else 0):
                name, upto = f"{session}_fork_{fork}", chance.randrange(1, len(messages) + 1)
                boundary = messages[upto - 1][1]
                row(table, name, None, *([session, boundary] if new else []), "/home/me/shop", "1.0", 5, 5)()
                for seq, _, message in messages[:upto]:
                    steps.append(stored(name, id_(clock + 86_400_000, chance), seq, message, "v2" if new else "row"))
        chance.shuffle(steps)
        ledger = Ledger(opencode)
        # A session without messages yet has its totals alone: they stop counting when its first message is there.
        play(steps, chance, lambda: scan(ledger, root))
        again = Ledger(opencode)
        scan(again, root)
    for each in (ledger, again):
        assert (each.tokens().fresh_input, each.tokens().output, len(each.counted())) == (truth["input"], truth["output"], truth["count"])


@pytest.mark.parametrize("seed", range(40))
def test_copilot(seed: int, tmp_path: Path) -> None:
    """Of each session the best place counts, and nothing else."""
    chance, root = random.Random(seed), tmp_path / "data"
    root.mkdir()
    truth, steps = [0, 0], []

    def line(path: str, content: dict[str, Any]) -> Step:
        def write() -> None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            with (root / path).open("a") as file:
                file.write(json.dumps(content) + "\n")

        return write

    with closing(sqlite3.connect(root / "session-store.db", isolation_level=None)) as live:
        live.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + COPILOT)
        for number in range(chance.randrange(1, 6)):
            session, places = f"s-{number}", [place for place in ("store", "events", "traces") if chance.random() < 0.6]
            for place in places:
                own: list[Step] = []
                total = [0, 0]
                for request in range(chance.randrange(1, 5)):
                    given, made = chance.randrange(1, 5000), chance.randrange(1, 500)
                    total = [total[0] + given, total[1] + made]
                    if place == "store":
                        values = (None, session, "m", "2026-03-01T10:00:00Z", given, made)
                        own.append(lambda values=values: live.execute("INSERT INTO assistant_usage_events VALUES(?, ?, ?, ?, ?, ?)", values))
                    elif place == "traces":
                        use = {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": session, "gen_ai.usage.input_tokens": given,
                               "gen_ai.usage.output_tokens": made, "gen_ai.response.id": f"{session} {request}"}  # fmt: skip
                        own.append(line("otel/a.jsonl", {"type": "span", "traceId": f"t{number}", "spanId": f"{request}", "attributes": use}))
                    else:
                        path = f"session-state/{session}/events.jsonl"
                        own.append(line(path, {"type": "assistant.message", "timestamp": "2026-03-01T10:00:00Z", "data": {"outputTokens": made}}))
                        block = {"m": {"usage": {"inputTokens": total[0], "outputTokens": total[1]}}}
                        own.append(line(path, {"type": "session.shutdown", "timestamp": "2026-03-01T10:00:00Z", "data": {"modelMetrics": block}}))
                steps.append(own)
                if place == places[0]:
                    truth = [truth[0] + total[0], truth[1] + total[1]]
        merged: list[Step] = []
        while steps:  # each place in its own order, the places in any
            chosen = chance.choice(steps)
            merged.append(chosen.pop(0))
            steps = [each for each in steps if each]
        ledger = Ledger(copilot_cli)
        play(merged, chance, lambda: scan(ledger, root))
        again = Ledger(copilot_cli)
        scan(again, root)
    for each in (ledger, again):
        assert [each.tokens().fresh_input, each.tokens().output] == truth
        assert each.problems == []
