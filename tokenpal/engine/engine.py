"""The engine as the window sees it: start, ask, refresh, pause, stop. No Qt, no asyncio outside its own thread.

Threads: ``engine`` runs one asyncio loop, the store's worker owns the only database connection, ``scan`` exists while logs
are read, ``secrets`` once a key is asked for. All are daemons, and ``stop`` ends them within two seconds from any state.
Importing this module is cheap; the parts are imported in the engine's thread, after the tray icon is there.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokenpal.model.errors import StoreError, TokenpalError
from tokenpal.model.events import Changed, EngineProblem, Event, Paused
from tokenpal.settings import Settings
from tokenpal.system import clock, folders
from tokenpal.system.lock import FolderLock
from tokenpal.system.paths import Paths
from tokenpal.system.secrets import Secrets

if TYPE_CHECKING:
    from tokenpal.engine.inside import Inside
    from tokenpal.store.worker import Worker

log = logging.getLogger(__name__)
STOP_SECONDS: Final = 2.0


class Engine:
    """One for each profile and process. ``publish`` is called from the engine's own threads."""

    def __init__(
        self, paths: Paths, settings: Settings, *, secrets: Secrets | None = None, home: Path | None = None,
        env: Mapping[str, str] | None = None, now: Callable[[], int] = clock.now, poll: Any = None,
    ) -> None:  # fmt: skip
        self.paths = paths
        self.settings = settings
        self.secrets = secrets if secrets is not None else Secrets()
        self.home = home if home is not None else Path.home()
        self.env = os.environ if env is None else env
        self.now = now
        self.poll = poll
        self.lock = FolderLock(paths.lock)
        self._publish: Callable[[Event], None] = lambda _: None
        self._thread: threading.Thread | None = None
        self._inside: Inside | None = None
        self._worker: Worker | None = None
        self._stopping = threading.Event()
        self._gate = threading.Lock()
        self._waiting: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []
        self._broken: TokenpalError | None = None
        self._calls: list[Callable[[Inside], None]] = []
        self._shares: list[Future[Any]] = []

    # ------------------------------------------------------------------ life

    def start(self, publish: Callable[[Event], None]) -> None:
        """Begin; returns at once. Troubles come as EngineProblem."""
        self._publish = publish
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> bool:
        """End everything within ``timeout`` seconds from any state; True when nothing had to be left behind."""
        end = time.monotonic() + timeout
        self._stopping.set()
        with self._gate:
            inside, waiting, self._waiting = self._inside, self._waiting, []
            shares, self._shares = self._shares, []
        for future in (*(future for future, _, _ in waiting), *shares):
            future.cancel()
        if inside is not None:
            inside.quit()
        clean = True
        if self._thread is not None:
            self._thread.join(max(0.0, (end - time.monotonic()) * 0.8))
            clean = not self._thread.is_alive()
        if self._worker is not None:
            clean = self._worker.stop(max(0.1, end - time.monotonic())) is not False and clean
        self.lock.release()
        return clean

    @property
    def reads(self) -> bool:
        """Whether this engine scans and polls; false while another process holds the data folder's lock."""
        return self.lock.held

    # ------------------------------------------------------------------ what the window asks for

    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """``function(store, *args)`` on the database thread; commands tell everybody what they changed."""
        future: Future[Any] = Future()
        with self._gate:
            if self._stopping.is_set():
                future.cancel()
                return future
            worker = self._worker
            if worker is None and self._broken is not None:
                future.set_exception(self._broken)
                return future
            if worker is None:
                self._waiting.append((future, function, args))
                return future
        self._submit(worker, future, function, args)
        return future

    def refresh(self, account: int | None = None) -> None:
        """Read everything now, or one provider account; a locked credential store may ask for its password."""
        self._call(lambda inside: inside.refresh(account))

    def scan_now(self) -> None:
        """Walk all log roots now."""
        self._call(lambda inside: inside.scan_now())

    def cancel_scan(self) -> None:
        """Stop the scan that runs; what was read stays."""
        self._call(lambda inside: inside.cancel_scan(), threaded=True)

    def pause(self, until: int | None) -> None:
        """No scan and no poll until then (epoch seconds); None = go on. What the person asks for is done all the same."""
        self._call(lambda inside: inside.pause(until))

    def look(self, on: bool) -> None:
        """Whether somebody looks at the window: then edits of other processes are noticed, and logs looked at more often."""
        self._call(lambda inside: inside.look(on))

    def settings_changed(self) -> None:
        """Zone, log folders, agents, network or period: take the settings as they are now."""
        self._call(lambda inside: inside.settings_changed())

    # ------------------------------------------------------------------ accounts: see ``enrol``

    def add_account(
        self, source: str, name: str, address: str, key: str, session_only: bool = False,
        options: Mapping[str, str] | None = None, agreed: bool = False,
    ) -> Future[int]:  # fmt: skip
        """Test the key, then add the account; its id. KeyNotKept: only ``session_only`` would do."""
        return self._enrol("add", source, name, address, key, session_only, options, agreed)

    def set_account_options(self, account: int, options: Mapping[str, str]) -> Future[str]:
        """Test the account with other answers to its source's options, keep them, and read anew."""
        return self._enrol("set_options", account, options)

    def test_account(self, account: int) -> Future[str]:
        """A sentence on what the kept key can see."""
        return self._enrol("test_account", account)

    def replace_key(self, account: int, key: str, session_only: bool = False) -> Future[str]:
        """Test another key and keep it, as ``add_account`` does."""
        return self._enrol("replace_key", account, key, session_only)

    def remove_account(self, account: int, keep_history: bool) -> Future[None]:
        """Delete the key and the account; its history as the person wishes."""
        return self._enrol("remove", account, keep_history)

    # ------------------------------------------------------------------ sharing: see ``sharing.member``

    def share(self, command: str, **args: Any) -> Future[Any]:
        """One act of sharing that may reach the network: look, start, leave ... Its answer, or a TokenpalError with a next step."""
        future: Future[Any] = Future()
        with self._gate:
            if self._broken is not None:
                future.set_exception(self._broken)
                return future
            if self._stopping.is_set():
                future.cancel()
                return future
            self._shares = [one for one in self._shares if not one.done()] + [future]
        self._call(lambda inside: inside.share(future, command, args))
        return future

    def _enrol(self, what: str, *args: Any) -> Future[Any]:
        from tokenpal.engine import enrol

        function = getattr(enrol, what)
        return enrol.in_thread(function, self, *args)

    # ------------------------------------------------------------------ inside

    def publish(self, event: Event) -> None:
        if not self._stopping.is_set():
            self._publish(event)

    def _call(self, what: Callable[[Inside], None], *, threaded: bool = False) -> None:
        with self._gate:
            inside = self._inside
            if inside is None:
                self._calls.append(what)
                return
        if threaded:
            what(inside)
        else:
            inside.soon(what)

    def _submit(self, worker: Worker, future: Future[Any], function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        from tokenpal.engine.changes import changed_by, long_of

        inner = worker.submit(function, *args, writes=bool(changed_by(function)), long=long_of(function))

        def done(inner: Future[Any]) -> None:
            if inner.cancelled():
                future.cancel()
                return
            if not future.set_running_or_notify_cancel():
                return
            problem = inner.exception()
            if problem is not None:
                future.set_exception(problem)
                return
            future.set_result(inner.result())
            self._told(function)

        inner.add_done_callback(done)

    def _told(self, function: Callable[..., Any]) -> None:
        from tokenpal.engine.changes import changed_by

        what = changed_by(function)
        if not what:
            return
        self.publish(Changed(what))
        if what & {"accounts", "prices", "sharing"}:
            self._call(lambda inside: inside.followed(what))

    def _run(self) -> None:
        """The engine's thread."""
        try:
            from tokenpal.engine import inside as parts, loop
            from tokenpal.store.worker import Worker

            self.paths.make()
            if said := folders.warning(self.paths.data):
                self.publish(EngineProblem("The data folder is in a risky place", said))
            worker = Worker(self.paths.database, backups=self.paths.backups)
            with self._gate:
                self._worker = worker
                waiting, self._waiting = self._waiting, []
            for future, function, args in waiting:
                self._submit(worker, future, function, args)
            loop.run(parts.main(self, worker))
        except Exception as problem:
            log.exception("the engine could not start")
            self._failed(problem)
        finally:
            with self._gate:
                self._inside = None

    def _failed(self, problem: Exception) -> None:
        """Whatever waits for an answer gets one."""
        if isinstance(problem, TokenpalError):
            known: TokenpalError = problem
        elif isinstance(problem, OSError):
            known = StoreError(
                f"The data folder cannot be used: {(problem.strerror or 'input/output error').lower()}.", "Look at its permissions."
            )
        else:
            known = StoreError(f"tokenpal could not start ({type(problem).__name__}).", "Please report it: the log says where it happened.")
        self.publish(EngineProblem(known.title, known.sentence, known.next_step))
        with self._gate:
            self._broken = known
            waiting, self._waiting = self._waiting, []
            shares, self._shares = self._shares, []
        for future in (*(future for future, _, _ in waiting), *shares):
            if not future.done() and future.set_running_or_notify_cancel():
                future.set_exception(known)

    def opened(self, inside: Inside) -> None:
        """The loop runs: do what was asked meanwhile."""
        with self._gate:
            self._inside, calls, self._calls = inside, self._calls, []
        for call in calls:
            inside.soon(call)
        if self._stopping.is_set():
            inside.quit()

    def paused(self, until: int | None) -> None:
        self.publish(Paused(until))
