"""Keys, in the system's credential store and nowhere else: the only place that imports keyring.

A call may take for ever (a password window that nobody answers), so all of them run one after the other in a daemon
thread with a time limit. Nothing raises: an answer is a value with a sentence and a next step (architecture 1.5, 2.3).
The back end is named, never keyring's chainer, which wakes KWallet on GNOME (jaraco/keyring#496). A plain text file is
never chosen for the person; "this session only" keeps a key in memory.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "tokenpal"
LIMIT_SECONDS: Final = 30.0
FOR_SESSION: Final = "/session"  # ends the name of an entry that lives in memory only
MAX_LENGTH: Final = 1200  # Windows takes 2,560 bytes of UTF-16 (jaraco/keyring#355)


class Secret:
    """A key. Prints as dots everywhere; ``reveal()`` is for the one place that sends it to its provider."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "•••"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        """Keys are not written to files or sent to other processes by accident."""
        raise TypeError("a secret cannot be pickled")


@dataclass(frozen=True)
class Failure:
    """Why there is no key, in words for the person."""

    sentence: str
    next_step: str
    state: ClassVar[str] = "key missing"  # an AccountState


class Locked(Failure):
    state = "key locked"


class Missing(Failure):
    state = "key missing"


class NoBackend(Failure):
    state = "key missing"


class TimedOut(Failure):
    state = "key locked"


class Refused(Failure):
    state = "key missing"


class Saved:
    """The key was written, or deleted."""

    __slots__ = ()


LOCKED: Final = Locked("The credential store is locked.", "Unlock it and press Refresh.")
MISSING: Final = Missing("The credential store has no key for this account.", "Enter the key again under Accounts.")
NO_BACKEND: Final = NoBackend(
    "This system has no credential store that tokenpal can use.",
    "Start one (GNOME Keyring, KWallet), or keep the key for this session only.",
)
SESSION_OVER: Final = Missing("The key was kept for one session only, which has ended.", "Enter the key again under Accounts.")
TIMED_OUT: Final = TimedOut("The credential store did not answer.", "Look for a password window behind other windows, then press Refresh.")
REFUSED: Final = Refused("The credential store refused.", "Look at the system's password program, then try again.")
TOO_LONG: Final = Refused(f"A key may have at most {MAX_LENGTH} characters.", "Paste only the key itself.")
EMPTY: Final = Refused("That is an empty key.", "Paste the key.")

Answer = Secret | Failure
Written = Saved | Failure


def entry_name(profile: str, source: str, account: int) -> str:
    """The name of an account's entry: two profiles of one person never share one."""
    return f"{profile}/{source}/{account}"


def session_name(entry: str) -> str:
    """The name for a key that is never written: at the next start it is known to be missing without asking the store."""
    return f"{entry.removesuffix(FOR_SESSION)}{FOR_SESSION}"


def system_backend() -> KeyringBackend | None:
    """The back end of this system. None = there is none. Imports keyring (70 ms): call it in the secrets thread only."""
    import os

    from keyring import core

    if getattr(core, "_keyring_backend", None) is not None or os.environ.get("PYTHON_KEYRING_BACKEND"):
        return core.get_keyring()  # chosen by the person or by a test, with keyring's own switches
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return macOS.Keyring()
    if sys.platform == "win32":
        from keyring.backends import Windows

        return Windows.WinVaultKeyring()
    from keyring.backends import SecretService

    return SecretService.Keyring()  # type: ignore[no-untyped-call]  # keyring leaves its constructors untyped


class Secrets:
    """The credential store, with a memory for this run: every key is asked for once."""

    def __init__(self, backend: Callable[[], KeyringBackend | None] = system_backend, limit: float = LIMIT_SECONDS) -> None:
        self._make = backend
        self._limit = limit
        self._memory: dict[str, Secret] = {}
        self._session_only: set[str] = set()
        self._queue: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy_since: float | None = None
        self._lock = threading.Lock()
        self._backend: KeyringBackend | None = None

    def get(self, name: str, *, prompt: bool = True) -> Answer:
        """The key called ``name``. ``prompt=False`` never opens a password window: a locked store says so at once."""
        if (known := self._memory.get(name)) is not None:
            return known
        answer: Answer = self._wait(self._submit(lambda: self._read(name, prompt)))
        return answer

    def start_get(self, name: str, *, prompt: bool = True) -> Future[Answer]:
        """The same without waiting, for asyncio: the future always gets an answer, after the time limit at the latest."""
        if (known := self._memory.get(name)) is not None:
            done: Future[Answer] = Future()
            done.set_result(known)
            return done
        return self._submit(lambda: self._read(name, prompt), limited=True)

    def put(self, name: str, value: str, *, session_only: bool = False) -> Written:
        """Keep a key; ``session_only`` keeps it in memory until the program ends."""
        if not value or not value.strip():
            return EMPTY
        if len(value) > MAX_LENGTH:
            return TOO_LONG
        if session_only:
            self._memory[name] = Secret(value)
            self._session_only.add(name)
            return Saved()
        answer: Written = self._wait(self._submit(lambda: self._write(name, value)))
        if isinstance(answer, Saved):
            self._memory[name] = Secret(value)
            self._session_only.discard(name)
        return answer

    def delete(self, name: str) -> Written:
        """Forget a key, here and in the store; one that was not there counts as deleted."""
        self._memory.pop(name, None)
        if name in self._session_only or name.endswith(FOR_SESSION):
            self._session_only.discard(name)
            return Saved()
        answer: Written = self._wait(self._submit(lambda: self._remove(name)))
        return answer

    def forget(self, name: str) -> None:
        """Drop what is remembered, so that the next ``get`` asks the store: after the provider refused the key."""
        if name not in self._session_only:
            self._memory.pop(name, None)

    def look(self) -> tuple[str, Failure | None]:
        """Name of the back end, and what is wrong with it; never opens a window. For `doctor` and the self-test."""
        answer = self._wait(self._submit(self._look))
        return ("", answer) if isinstance(answer, Failure) else answer

    # ------------------------------------------------------------------ in the thread

    def _open(self) -> KeyringBackend | None:
        if self._backend is None:
            self._backend = self._make()
        return self._backend

    def _read(self, name: str, prompt: bool) -> Answer:
        if name.endswith(FOR_SESSION):
            return SESSION_OVER
        backend = self._open()
        if backend is None:
            return NO_BACKEND
        if not prompt and (closed := _is_locked(backend)):
            return closed
        value = backend.get_password(SERVICE, name)
        if value is None:
            return MISSING
        self._memory[name] = Secret(value)  # also when the asker has given up: the next one has it at once
        return self._memory[name]

    def _write(self, name: str, value: str) -> Written:
        backend = self._open()
        if backend is None:
            return NO_BACKEND
        backend.set_password(SERVICE, name, value)
        return Saved()

    def _remove(self, name: str) -> Written:
        backend = self._open()
        if backend is None:
            return NO_BACKEND
        try:
            backend.delete_password(SERVICE, name)
        except Exception as problem:
            if type(problem).__name__ != "PasswordDeleteError":
                raise
        return Saved()

    def _look(self) -> tuple[str, Failure | None]:
        backend = self._open()
        if backend is None:
            return "", NO_BACKEND
        name = f"{type(backend).__module__}.{type(backend).__qualname__}"
        if name.startswith("keyring.backends.fail"):
            return name, NO_BACKEND
        return name, _is_locked(backend)

    def _submit(self, task: Callable[[], Any], *, limited: bool = False) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock:
            stuck = self._busy_since is not None and time.monotonic() - self._busy_since > self._limit
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="secrets", daemon=True)
                self._thread.start()
        if stuck:
            future.set_result(TIMED_OUT)  # one password window is enough
            return future
        if limited:
            timer = threading.Timer(self._limit, _settle, (future, TIMED_OUT))
            timer.daemon = True
            future.add_done_callback(lambda _: timer.cancel())
            timer.start()
        self._queue.put((task, future))
        return future

    def _wait(self, future: Future[Any]) -> Any:
        try:
            return future.result(self._limit)
        except TimeoutError:
            _settle(future, TIMED_OUT)
            return future.result(0)

    def _run(self) -> None:
        while True:
            task, future = self._queue.get()
            if future.done():
                continue  # nobody waits any more: do not open a window for it
            self._busy_since = time.monotonic()
            try:
                answer = task()
            except Exception as problem:  # back ends raise anything: DBusErrorResponse is no KeyringError
                answer = explain(problem)
            self._busy_since = None
            _settle(future, answer)
            del task, future, answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.clear()


def _settle(future: Future[Any], answer: Any) -> None:
    """Set the answer unless the other side was first."""
    with suppress(InvalidStateError):
        future.set_result(answer)


def explain(problem: Exception) -> Failure:
    """What an exception of a back end means. Its text is never used: nobody promises that it holds no key."""
    names = {kind.__name__ for kind in type(problem).__mro__}
    if names & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
        return LOCKED
    if names & {"NoKeyringError", "InitError", "SecretServiceNotAvailableException", "ModuleNotFoundError", "NameError"}:
        return NO_BACKEND
    if names & {"OSError", "ValueError", "EOFError"}:
        return NO_BACKEND  # no bus, a dead bus, an address that is none
    if "DBusErrorResponse" in names:
        kind = str(getattr(problem, "name", ""))
        if kind.rpartition(".")[2] in {"ServiceUnknown", "NameHasNoOwner", "Disconnected", "SpawnFailed", "ChildExited"}:
            return NO_BACKEND
        if kind.rpartition(".")[2] in {"IsLocked", "NoReply", "Timeout"}:
            return LOCKED
    return REFUSED


def _is_locked(backend: KeyringBackend) -> Failure | None:
    """Whether reading would open a password window. Only the Secret Service can be asked; others answer None."""
    if type(backend).__module__ != "keyring.backends.SecretService":
        return None
    module: Any = sys.modules[type(backend).__module__]
    service = module.secretstorage
    with closing(service.dbus_init()) as bus:
        if not service.check_service_availability(bus):
            return NO_BACKEND
        try:
            return LOCKED if service.Collection(bus).is_locked() else None
        except service.ItemNotFoundException:
            return None  # no collection yet: the first write makes one, with a window
