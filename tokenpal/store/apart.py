"""One long edit on a thread and a connection of its own, while the database thread goes on answering.

It is one transaction: others see all of it or nothing, also when the process dies in the middle, and a person who stops it
leaves nothing behind. What else writes waits for its end (``worker``).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tokenpal.store.database import Store


class Apart:
    """Runs ``call(store)`` at once; ``ended`` is called on its thread when ``answer`` or ``error`` is there."""

    def __init__(self, opened: Callable[[], Store], call: Callable[[Store], Any], ended: Callable[[], None]) -> None:
        self._open, self._call, self._ended = opened, call, ended
        self._store: Store | None = None
        self._left = False
        self.answer: Any = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="db-long", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Interrupt it: its transaction is rolled back. Any thread; call it until ``running`` is false."""
        self._left = True
        if self._store is not None:
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                self._store.connection.interrupt()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within this time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._open() as self._store:
                if not self._left:
                    self.answer = self._call(self._store)
        except BaseException as error:
            self.error = error
        self._ended()
