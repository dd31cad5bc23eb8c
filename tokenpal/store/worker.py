"""The one thread that owns the app's connection; everybody else hands it functions and gets futures (architecture 1.3).

What somebody waits for goes before scans and polls, which come in chunks of a few thousand records.
"""

from __future__ import annotations

import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from tokenpal.model.errors import StoreError
from tokenpal.store.database import Store
from tokenpal.translation import tr

T = TypeVar("T")
STOP: Final = -1
URGENT: Final = 0
LATER: Final = 1
REST_SECONDS: Final = 20.0
Job = tuple[int, int, "Future[Any] | None", Callable[[Store], Any]]


class Worker:
    """Runs ``f(store, *args)`` one at a time on a daemon thread. A file that cannot be opened answers with its StoreError."""

    def __init__(self, path: Path, *, backups: Path | None = None, now: Callable[[], int] | None = None) -> None:
        self._open = partial(Store.open, path, backups=backups, now=now)
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._stopped = False
        self._store: Store | None = None
        self._thread = threading.Thread(target=self._run, name="db", daemon=True)
        self._thread.start()

    def submit(self, function: Callable[..., T], *args: Any, urgent: bool = True) -> Future[T]:
        """Run ``function(store, *args)`` soon; ``urgent=False``: when nobody waits (scans, polls, rebuilding)."""
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                future.set_exception(StoreError(tr("tokenpal is closing."), tr("Start it again.")))
            else:
                job = (URGENT if urgent else LATER, next(self._numbers), future, lambda store: function(store, *args))
                self._jobs.put(job)
        return future

    def stop(self, timeout: float = 2.0) -> bool:
        """Finish the function that runs, cancel the rest, close the file; returns whether all that happened in time.

        After half the time the running statement is interrupted: its transaction is rolled back, as if it never began.
        """
        with self._lock:
            if not self._stopped:
                self._stopped = True
                self._jobs.put((STOP, next(self._numbers), None, lambda _: None))
        deadline = time.monotonic() + timeout
        self._thread.join(timeout / 2)
        while self._thread.is_alive() and time.monotonic() < deadline:
            if self._store is not None:
                with suppress(sqlite3.ProgrammingError):  # closed meanwhile: the thread is about to end
                    self._store.connection.interrupt()
            self._thread.join(0.02)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._store = self._open()
        except Exception as error:
            failure = error
        while True:
            priority, _, future, function = self._next()
            if priority == STOP:
                break
            if future is not None and future.set_running_or_notify_cancel():
                self._answer(future, function, failure)
            del future, function  # else the last answer would live until the next question
        while not self._jobs.empty():
            _, _, future, _ = self._jobs.get()
            if future is not None:
                future.cancel()
        if self._store is not None:
            self._store.close()

    def _next(self) -> Job:
        """The next job; when none comes for a while the connection gives its memory back, once."""
        try:
            return self._jobs.get(timeout=REST_SECONDS)
        except queue.Empty:
            if self._store is not None:
                with suppress(StoreError):  # the next to ask will be told
                    self._store.rest()
            return self._jobs.get()

    def _answer(self, future: Future[Any], function: Callable[[Store], Any], failure: Exception | None) -> None:
        if failure is not None or self._store is None:
            future.set_exception(failure or AssertionError())
            return
        try:
            answer = function(self._store)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(answer)
