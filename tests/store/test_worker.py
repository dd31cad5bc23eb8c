"""The database thread: order, errors, and an end within its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from tests.store.kit import NOW, log_account, put, record
from tokenpal.model.errors import StoreError, UsageError
from tokenpal.model.report import Query
from tokenpal.store import accounts
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.worker import Worker

SECONDS = 30


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "tokenpal.db", now=lambda: NOW)
    yield made
    assert made.stop(SECONDS)


def busy(store: Store, started: threading.Event, go_on: threading.Event) -> None:
    started.set()
    assert go_on.wait(SECONDS)


def test_answers_come_from_one_thread(worker: Worker) -> None:
    names = {worker.submit(lambda store: threading.current_thread().name).result(SECONDS) for _ in range(5)}
    assert names == {"db"}
    account = worker.submit(log_account).result(SECONDS)
    worker.submit(put, account, [record()], urgent=False).result(SECONDS)
    assert worker.submit(report, Query("UTC")).result(SECONDS).total.requests == 1


def test_what_somebody_waits_for_goes_first(worker: Worker) -> None:
    started, go_on = threading.Event(), threading.Event()
    worker.submit(busy, started, go_on)
    assert started.wait(SECONDS)
    order: list[str] = []
    futures = [worker.submit(lambda store, name=name: order.append(name), urgent=name.startswith("read")) for name in ("write 1", "write 2", "read 1", "read 2")]  # type: ignore[misc]  # bound early
    go_on.set()
    for future in futures:
        future.result(SECONDS)
    assert order == ["read 1", "read 2", "write 1", "write 2"]


def test_an_error_goes_to_the_one_who_asked_and_the_thread_lives_on(worker: Worker) -> None:
    with pytest.raises(UsageError):
        worker.submit(accounts.account, "nobody").result(SECONDS)
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda store: 1 // 0).result(SECONDS)
    assert worker.submit(lambda store: 1).result(SECONDS) == 1


def test_a_file_that_cannot_be_opened_answers_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "tokenpal.db").write_bytes(b"this is a letter, no database. " * 500)
    worker = Worker(tmp_path / "tokenpal.db")
    with pytest.raises(StoreError, match="damaged"):
        worker.submit(lambda store: 1).result(SECONDS)
    assert worker.stop(SECONDS)


def test_stopping_cancels_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    worker = Worker(tmp_path / "tokenpal.db")
    started, go_on = threading.Event(), threading.Event()
    running = worker.submit(busy, started, go_on)
    assert started.wait(SECONDS)
    waiting = worker.submit(lambda store: 1)
    stopper = threading.Thread(target=worker.stop, args=(SECONDS,))
    stopper.start()
    while not worker._stopped:
        time.sleep(0.001)
    go_on.set()
    stopper.join(SECONDS)
    assert running.result(0) is None
    with pytest.raises(CancelledError):
        waiting.result(0)
    with pytest.raises(StoreError, match="closing"):
        worker.submit(lambda store: 1).result(0)


def test_a_statement_without_end_is_interrupted_and_rolled_back(tmp_path: Path) -> None:
    path = tmp_path / "tokenpal.db"
    worker = Worker(path)
    started = threading.Event()

    def endless(store: Store) -> None:
        with store.transaction():
            store.execute("UPDATE meta SET value = 'half done'")
            started.set()
            store.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n")

    future = worker.submit(endless, urgent=False)
    assert started.wait(SECONDS)
    assert worker.stop(2.0)
    with pytest.raises(StoreError, match="stopped"):
        future.result(0)
    with Store.open(path) as store:
        assert store.execute("SELECT COUNT(*) FROM meta WHERE value = 'half done'").fetchone()[0] == 0


def test_a_cancelled_question_is_not_asked(worker: Worker) -> None:
    started, go_on = threading.Event(), threading.Event()
    worker.submit(busy, started, go_on)
    assert started.wait(SECONDS)
    asked: list[int] = []
    future = worker.submit(lambda store: asked.append(1))
    assert future.cancel()
    go_on.set()
    worker.submit(lambda store: None).result(SECONDS)
    assert asked == []


def test_memory_is_given_back_when_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenpal.store.worker.REST_SECONDS", 0.01)
    worker = Worker(tmp_path / "tokenpal.db", now=lambda: NOW)
    account = worker.submit(log_account).result(SECONDS)
    store = worker.submit(lambda store: store).result(SECONDS)
    worker.submit(put, account, [record()]).result(SECONDS)
    deadline = time.monotonic() + SECONDS
    while store.memory and time.monotonic() < deadline:
        time.sleep(0.005)
    assert store.memory == {}
    worker.submit(put, account, [record("m2")]).result(SECONDS)
    assert worker.submit(report, Query("UTC")).result(SECONDS).total.requests == 2
    assert worker.stop(SECONDS)
