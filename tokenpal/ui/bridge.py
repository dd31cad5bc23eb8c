"""The one crossing between the engine's threads and the GUI thread (architecture 1.3, rules 2 to 4).

Events come as frozen values through one queued signal; answers come back to bound methods of objects that still live.
Nothing here waits: the GUI thread never asks a future for its result.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any, Final, Protocol
from weakref import WeakMethod

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from tokenpal.model.errors import TokenpalError
from tokenpal.translation import tr

log = logging.getLogger(__name__)
GIVE_WAY: Final = 0.001 if sys.platform == "win32" else 0.00005
"""Seconds until a thread that computes hands the interpreter to the GUI thread, which asks for it some hundred times while it lays
out a page: with Python's 0.005 a page of 15 ms took 287 by the clock. Windows waits in whole milliseconds; 0 would never sleep."""


class Asked(Protocol):
    """What pages need of the engine; the tests' engine has no more than this."""

    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run ``function(store, *args)`` on the database thread."""

    def add_account(
        self, source: str, name: str, address: str, key: str, session_only: bool = False,
        options: Mapping[str, str] | None = None, agreed: bool = False,
    ) -> Future[int]: ...  # fmt: skip
    def set_account_options(self, account: int, options: Mapping[str, str]) -> Future[str]: ...
    def test_account(self, account: int) -> Future[str]: ...
    def replace_key(self, account: int, key: str, session_only: bool = False) -> Future[str]: ...
    def remove_account(self, account: int, keep_history: bool) -> Future[None]: ...
    def share(self, command: str, **args: Any) -> Future[Any]: ...


class Bridge(QObject):
    """Asks the engine and hands its events and answers to the GUI thread."""

    happened = Signal(object)  # a tokenpal.model.events value
    failed = Signal(str, str, str)  # title, sentence, next step: for the window's banner
    _answer = Signal(int, object, object)

    def __init__(self, engine: Asked, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(GIVE_WAY)
        self.engine: Asked = engine
        self._waiting: dict[int, tuple[WeakMethod[Any] | None, WeakMethod[Any] | None]] = {}
        self._next = 0
        self._answer.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether no answer is awaited."""
        return not self._waiting

    @property
    def newest(self) -> int:
        """The number of the question asked last, for ``answered``."""
        return self._next

    def answered(self, number: int) -> bool:
        """Whether every question up to this one is answered."""
        return next(iter(self._waiting), number + 1) > number

    def publish(self, event: object) -> None:
        """Called by the engine from its own threads."""
        if isValid(self):
            self.happened.emit(event)

    def ask(
        self,
        function: Callable[..., Any],
        *args: Any,
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[TokenpalError], None] | None = None,
    ) -> None:
        """Run ``function(store, *args)``; ``then(value)`` or ``otherwise(error)`` follow on the GUI thread.

        Both have to be bound methods; an answer for an object that is gone is dropped.
        """
        self.wait(self.engine.ask(function, *args), then, otherwise)

    def wait(
        self,
        future: Future[Any],
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[TokenpalError], None] | None = None,
    ) -> None:
        """The same for a future the engine has already given."""
        token = self._next = self._next + 1
        self._waiting[token] = (WeakMethod(then) if then else None, WeakMethod(otherwise) if otherwise else None)
        future.add_done_callback(partial(self._done, token))

    def _done(self, token: int, future: Future[Any]) -> None:
        if not isValid(self):
            return
        try:
            self._answer.emit(token, future.result(), None)
        except CancelledError:
            self._waiting.pop(token, None)
        except BaseException as error:
            self._answer.emit(token, None, error)

    @Slot(int, object, object)
    def _deliver(self, token: int, value: object, error: BaseException | None) -> None:
        then, otherwise = self._waiting.pop(token, (None, None))
        receiver = (then or otherwise) if error is None else (otherwise or then)
        method = receiver() if receiver else None
        if method is not None and isinstance(method.__self__, QObject) and not isValid(method.__self__):
            return
        if error is None:
            if then and method:
                method(value)
        elif isinstance(error, TokenpalError):
            if otherwise and method:
                method(error)
            else:
                self.failed.emit(error.title, error.sentence, error.next_step)
        else:
            log.error("a request of the window failed", exc_info=error)
            self.failed.emit(tr("Something went wrong"), tr("tokenpal could not do that; the details are in its log."), "")
