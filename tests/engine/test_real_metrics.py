"""A real server with real counters, scraped by the engine into a real store, over restarts and counters that begin anew."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.metrics_server import ROOT, MetricsServer, running
from tokenpal.engine.poll import PollReport, poll_here
from tokenpal.engine.rules import Rulebook
from tokenpal.model.errors import StoreError
from tokenpal.model.events import AccountState
from tokenpal.model.report import Dimension, Query
from tokenpal.store import accounts as account_rows, ledger
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.system.paths import paths
from tokenpal.system.secrets import Secrets

BOOK = Rulebook(lambda *_: None)
MODEL, OTHER = "Qwen/Qwen4-32B", "openai/gpt-oss-120b"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "tokenpal.db")
    yield opened
    opened.close()


@pytest.fixture
def secrets() -> Iterator[Secrets]:
    with Secrets() as vault:
        yield vault


def scrape(store: Store, vault: Secrets, account: int) -> PollReport:
    (said,) = poll_here(store, [account_rows.account(store, account)], vault, BOOK, now=lambda: int(time.time()))
    return said


def counted(store: Store) -> tuple[int, int, int, int]:
    """Fresh input, cache reads, output, requests."""
    found = report(store, Query(zone="UTC")).total
    return found.tokens.fresh_input, found.tokens.cache_read, found.tokens.output, found.requests or 0


def added(store: Store, server: MetricsServer) -> int:
    return account_rows.add_account(store, "vllm", "my server", "vllm", root=f"http://127.0.0.1:{server.port}")


def test_a_real_server_over_restarts_and_resets(store: Store, secrets: Secrets) -> None:
    with running() as server:
        server.use(MODEL, 5000, 2000, 300)  # before the first reading: nobody may invent when
        account = added(store, server)
        assert scrape(store, secrets, account).state is AccountState.OK
        assert counted(store) == (0, 0, 0, 0)

        server.use(MODEL, 1000, 400, 50)
        server.use(MODEL, 200, 0, 10, engine=1)
        server.use(OTHER, 70, 0, 7)  # a model that was not there before
        assert scrape(store, secrets, account).state is AccountState.OK
        assert counted(store) == (870, 400, 67, 3)
        for _ in range(3):  # nothing happened, and asking costs nothing
            assert scrape(store, secrets, account).records == 0
        assert counted(store) == (870, 400, 67, 3)

        server.use(MODEL, 90, 0, 9)
        server.tell("reset")  # what was counted since the last reading is gone with it
        server.use(MODEL, 30, 10, 3)
        assert scrape(store, secrets, account).state is AccountState.OK
        assert counted(store) == (890, 410, 70, 4)

        server.use(MODEL, 11, 0, 1)
        port = server.port
    said = scrape(store, secrets, account)  # nobody answers
    assert said.state is AccountState.OFFLINE
    assert counted(store) == (890, 410, 70, 4)

    with running(port) as server:  # the same address, a new process; its counters are higher than the old ones were
        server.use(MODEL, 60_000, 20_000, 4000)
        assert scrape(store, secrets, account).state is AccountState.OK
        assert counted(store) == (40_890, 20_410, 4070, 5)
        server.use(MODEL, 5, 0, 1)
        assert scrape(store, secrets, account).records == 1
        assert counted(store) == (40_895, 20_410, 4071, 6)

    rows = report(store, Query(zone="UTC", by=Dimension.MODEL)).rows
    assert {row.key: row.measures.tokens.total for row in rows} == {MODEL: 65_376 - 77, OTHER: 77}


def test_a_poll_that_dies_before_it_is_stored_counts_nothing_twice(store: Store, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        account = added(store, server)
        scrape(store, secrets, account)
        real = ledger.apply
        for turn in range(6):
            server.use(MODEL, 100, 25, 10)

            def broken(*args: Any, **more: Any) -> Any:
                with args[0].transaction():
                    real(*args, **more)
                    raise StoreError("The disk is full.", "")

            monkeypatch.setattr(ledger, "apply", broken if turn % 2 == 0 else real)
            said = scrape(store, secrets, account)
            assert said.trouble is (turn % 2 == 0)
        assert counted(store) == (450, 150, 60, 6)


def test_polls_that_are_killed_at_any_instant_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    """``kill -9`` while starting, asking, parsing, storing: what the server did in the meantime is counted once in the end."""
    folders = paths({"TOKENPAL_HOME": str(tmp_path)})
    folders.make()
    with running() as server:
        store = Store.open(folders.database)
        with Secrets() as vault:
            scrape(store, vault, added(store, server))  # the baseline
        store.close()
        killed = 0
        for turn in range(12):
            server.use(MODEL, 100, 25, 10)
            process = subprocess.Popen(
                [sys.executable, "-m", "tokenpal", "poll", "--json"], env={**os.environ, "TOKENPAL_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
                cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05 + turn * 0.13)  # from before it has started to after it is done
            killed += process.poll() is None
            process.kill()
            process.wait(timeout=30)
        assert killed
        store = Store.open(folders.database)
        with Secrets() as vault:
            said = scrape(store, vault, 1)
        assert (said.state, said.problems) == (AccountState.OK, 0)
        assert counted(store) == (900, 300, 120, 12)
        store.close()
