"""Providers that refuse, fail, babble or lead astray, asked by the real command: a sentence, and the figures so far stay."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.attack.conftest import Victim
from tests.cli.runner import Done
from tests.provider_server import KEYS, ProviderServer

# Retries wait for seconds; the waits are tested in tests/sources/test_http.py.
IMPATIENT = "import asyncio\n_sleep = asyncio.sleep\nasyncio.sleep = lambda seconds, result=None: _sleep(0, result)\n"


@pytest.fixture
def impatient(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(IMPATIENT)
    return {"PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{Path(__file__).resolve().parents[2]}"}


@contextmanager
def trap() -> Iterator[tuple[str, list[bytes]]]:
    """Another host that would take a key: its address, and what was sent to it."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    taken.append(connection.recv(65536))

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.2:{listener.getsockname()[1]}/v1", taken
        listener.shutdown(socket.SHUT_RDWR)


FAILURES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"status": 401}, "refused the key"),
    ({"status": 403}, "may not read"),
    ({"status": 404}, "has no"),
    ({"status": 429}, "asks to wait"),
    ({"status": 429, "headers": {"retry-after": "7200"}}, "asks to wait until"),
    ({"status": 500}, "problem on its side"),
    ({"html": True}, "web page"),
    ({"endless": True}, "pages without end"),
    ({"repeat": True}, "pages without end"),
    ({"raw": ""}, "cannot be read"),
)


def said_well(done: Done) -> dict[str, Any]:
    """Exit code 1, and a sentence with a next step for the account that failed and for no other."""
    assert done.code == 1, done.err
    accounts = {each["account"]: each for each in json.loads(done.out)}
    assert "well" not in accounts or accounts["well"]["state"] == "ok", "one that fails must leave the others alone"
    found: dict[str, Any] = accounts["ill"]
    assert found["state"] != "ok"
    assert found["sentence"].endswith("."), found
    assert found["next_step"], found
    assert found["sentence"] in done.err
    return found


def stored(victim: Victim) -> list[Any]:
    with closing(sqlite3.connect(victim.profile / "tokenpal.db")) as connection:
        return connection.execute("SELECT family, variant, at, counted, fresh_input, output, requests FROM usage ORDER BY 1, 2").fetchall()


def test_every_failure_is_a_sentence_and_loses_nothing(victim: Victim, provider_server: ProviderServer, impatient: dict[str, str]) -> None:
    for name, provider in (("ill", "openai"), ("well", "openrouter")):
        added = victim.run(
            "accounts",
            "add",
            provider,
            "--name",
            name,
            "--base-url",
            provider_server.url(provider),
            "--no-test",
            stdin=f"{KEYS[provider]}\n",
        )
        assert added.code == 0, added.err
    assert victim.run("poll", env=impatient).code == 0
    victim.scan()
    before, rows = victim.json("report", "--by", "account"), stored(victim)
    assert before["total"]["total"] > 0
    for rule, words in FAILURES:
        provider_server.reset()
        provider_server.rule("^/openai/.*costs" if "endless" in rule or "repeat" in rule else "^/openai/", **rule)
        alone = () if rule == FAILURES[0][0] else ("--account", "ill")
        found = said_well(victim.run("poll", "--json", *alone, env=impatient))
        assert words in found["sentence"], (rule, found)
        assert stored(victim) == rows, f"{rule} changed the figures"
    with trap() as (address, taken):
        provider_server.reset()
        provider_server.rule("^/openai/", redirect=address)
        found = said_well(victim.run("poll", "--json", env=impatient))
        assert "127.0.0.2" in found["sentence"]
        assert not taken, "the key would have gone along"
    provider_server.reset()
    assert victim.run("poll", env=impatient).code == 0
    assert victim.json("report", "--by", "account") == before


def test_impossible_numbers_are_told_and_never_counted(victim: Victim, provider_server: ProviderServer, impatient: dict[str, str]) -> None:
    added = victim.run(
        "accounts", "add", "openai", "--name", "odd", "--base-url", provider_server.url("openai"), "--no-test", stdin=f"{KEYS['openai']}\n"
    )
    assert added.code == 0, added.err
    provider_server.rule("^/openai/", mutate="negative")
    (found,) = victim.run("poll", "--json", env=impatient).json
    assert found["problems"] > 0
    total = victim.json("report", "--by", "account")["total"]
    assert (total["total"], total["money"]) == (0, {})
