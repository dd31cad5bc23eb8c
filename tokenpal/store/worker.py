"""The one thread that owns the app's connection; everybody else hands it functions and gets futures (architecture 1.3).

What somebody waits for goes before scans and polls, which come in chunks of a few thousand records. An edit that takes
seconds is carried out ``apart``: meanwhile questions are answered, and what writes waits for its end, in its order.
"""

from __future__ import annotations

import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from tokenpal.model.errors import StoreError
from tokenpal.store.apart import Apart
from tokenpal.store.database import Store
from tokenpal.translation import tr

T = TypeVar("T")
STOP: Final = -1
URGENT: Final = 0
LATER: Final = 1
REST_SECONDS: Final = 20.0
Long = Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody asked for. ``writes``: not while an edit runs apart; ``long(store, *args)``: whether it is one that does."""

    future: Future[Any]
    function: Callable[..., Any]
    args: tuple[Any, ...]
    writes: bool = False
    long: Long | None = None


Job = tuple[int, int, Task | None]  # priority, number; None = the end, or the end of the edit apart


class Worker:
    """Runs ``f(store, *args)`` one at a time on a daemon thread. A file that cannot be opened answers with its StoreError."""

    def __init__(self, path: Path, *, backups: Path | None = None, now: Callable[[], int] | None = None) -> None:
        self._open = partial(Store.open, path, backups=backups, now=now)
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._stopped = False
        self._store: Store | None = None
        self._apart: Apart | None = None
        self._apart_for: Future[Any] | None = None
        self._held: list[Job] = []  # what writes, while an edit runs apart
        self._thread = threading.Thread(target=self._run, name="db", daemon=True)
        self._thread.start()

    def submit(
        self, function: Callable[..., T], *args: Any, urgent: bool = True, writes: bool = False, long: Long | None = None
    ) -> Future[T]:
        """Run ``function(store, *args)`` soon; ``urgent=False``: when nobody waits (scans, polls, rebuilding). See ``Task``."""
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                future.set_exception(StoreError(tr("tokenpal is closing."), tr("Start it again.")))
            else:
                task = Task(future, function, args, writes or not urgent, long)
                self._jobs.put((URGENT if urgent else LATER, next(self._numbers), task))
        return future

    def stop(self, timeout: float = 2.0) -> bool:
        """Finish the function that runs, cancel the rest, close the file; returns whether all that happened in time.

        After half the time the running statement is interrupted: its transaction is rolled back, as if it never began.
        """
        with self._lock:
            if not self._stopped:
                self._stopped = True
                self._jobs.put((STOP, next(self._numbers), None))
        deadline = time.monotonic() + timeout
        self._thread.join(timeout / 2)
        apart = self._apart
        while (self._thread.is_alive() or (apart is not None and not apart.wait(0))) and time.monotonic() < deadline:
            if self._store is not None:
                with suppress(sqlite3.ProgrammingError):  # closed meanwhile: the thread is about to end
                    self._store.connection.interrupt()
            if apart is not None:
                apart.leave()
            self._thread.join(0.02)
        return not self._thread.is_alive() and (apart is None or apart.wait(0))

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._store = self._open()
        except Exception as error:
            failure = error
        while True:
            job = self._next()
            priority, _, task = job
            if priority == STOP:
                break
            if task is None:
                self._come_together()
            elif self._apart is not None and task.writes:
                self._held.append(job)
            elif task.future.running() or task.future.set_running_or_notify_cancel():
                self._answer(task, failure)
            del job, task  # else the last answer would live until the next question
        if self._apart is not None:
            self._apart.leave()
        while not self._jobs.empty():
            self._held.append(self._jobs.get())
        for _, _, task in self._held:
            if task is not None and not task.future.cancel():
                task.future.set_exception(StoreError(tr("tokenpal is closing."), tr("Start it again.")))
        if self._apart_for is not None:
            self._apart_for.set_exception(StoreError(tr("tokenpal is closing."), tr("Start it again.")))
        if self._store is not None:
            self._store.close()

    def _come_together(self) -> None:
        """The edit apart has ended: tell who asked for it, then go on with what waited."""
        apart, future = self._apart, self._apart_for
        self._apart = self._apart_for = None
        held, self._held = self._held, []
        for job in held:
            self._jobs.put(job)
        if self._store is not None:
            self._store.memory.clear()  # as after an edit of another process
            self._store.be_patient()
        if apart is None or future is None:
            return
        with suppress(InvalidStateError):
            if apart.error is not None:
                future.set_exception(apart.error)
            else:
                future.set_result(apart.answer)

    def _next(self) -> Job:
        """The next job; when none comes for a while the connection gives its memory back, once."""
        try:
            return self._jobs.get(timeout=REST_SECONDS)
        except queue.Empty:
            if self._store is not None:
                with suppress(StoreError):  # the next to ask will be told
                    self._store.rest()
            return self._jobs.get()

    def _answer(self, task: Task, failure: Exception | None) -> None:
        if failure is not None or self._store is None:
            task.future.set_exception(failure or AssertionError())
            return
        try:
            if task.long is not None and task.long(self._store, *task.args):
                self._store.be_patient(0)  # who finds the file locked now waits for the end of this one
                self._apart_for = task.future
                self._apart = Apart(self._open, partial(_call, task.function, task.args), self._apart_ended)
                return
            answer = task.function(self._store, *task.args)
        except BaseException as error:
            if self._apart is not None and _is_locked(error):
                self._held.append((URGENT, next(self._numbers), task))  # it wrote, though nobody said so
            else:
                task.future.set_exception(error)
        else:
            task.future.set_result(answer)

    def _apart_ended(self) -> None:
        self._jobs.put((URGENT, -1, None))


def _is_locked(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return True
        error = error.__cause__
    return False


def _call(function: Callable[..., Any], args: tuple[Any, ...], store: Store) -> Any:
    return function(store, *args)
