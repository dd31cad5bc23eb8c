"""An import on its way for the window: it reads in a thread of its own, and the window asks how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from tokenpal.engine import importing
from tokenpal.engine.enrol import in_thread
from tokenpal.engine.files import Given
from tokenpal.engine.importing import As, Look, Taken


class Asked(Protocol):
    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]: ...


class Handover:
    """One file. ``look`` and ``take`` return at once; their Future holds the answer or a TokenpalError."""

    def __init__(self, engine: Asked, name: str) -> None:
        self.name = name
        self.progress = (0, 0)  # bytes read, bytes in all
        self.how = As()  # what the person chose, where there is something to choose
        self._engine = engine
        self._stop = threading.Event()

    def look(self) -> Future[Look]:
        """What it would do."""
        return self._start(importing.look)

    def take(self) -> Future[Taken]:
        """Do it."""
        return self._start(importing.take)

    def cancel(self) -> None:
        """What was imported stays."""
        self._stop.set()

    def _start(self, what: Callable[..., Any]) -> Future[Any]:
        self._stop.clear()
        self.progress = (0, 0)
        how = self.how

        def ask(function: Callable[..., Any], *args: Any) -> Any:
            return self._engine.ask(function, *args).result()

        def seen(done: int, total: int) -> None:
            self.progress = (done, total)

        return in_thread(lambda: what(ask, Given.file(self.name), progress=seen, cancelled=self._stop.is_set, how=how))
