"""Reads the agents' logs into the store: newest first, in batches, each with its cursors in one transaction.

The command line and the running app share it: ``ask(f, *args)`` runs ``f(store, *args)`` here or on the app's database
thread. A file, root or agent that cannot be read becomes a sentence; the others go on. A scan that is cancelled or killed
keeps every batch it finished, and the next one reads the rest (performance 5).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.engine.branches import NAMED
from tokenpal.engine.homes import Home, is_slow
from tokenpal.engine.reading import Read, Reading
from tokenpal.engine.rules import Rulebook
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import AccountError, StoreError
from tokenpal.model.events import AccountHealth, AccountState, Changed, Event, ScanProgress
from tokenpal.model.usage import Item, Problem, UsageRecord
from tokenpal.sources.base import Context, Kind, Progress, Source, SourceInfo
from tokenpal.sources.roots import Resolver
from tokenpal.store import accounts as account_rows, ledger
from tokenpal.store.database import Store
from tokenpal.system.folders import network_mounts

log = logging.getLogger(__name__)
Ask = Callable[..., Any]
"""``ask(f, *args)`` is ``f(store, *args)``; raises what f raises."""
Publish = Callable[[Event], None]
FIRST_RECORDS: Final = 250
MOST_RECORDS: Final = 3000
MOST_FILES: Final = 300
HEALTH_SECONDS: Final = 3600  # how often "all well" is written down while nothing changes
MOST_PLACES: Final = 20
TRIES: Final = 2  # a second walk reads the files whose saved state no longer fits


class Target(msgspec.Struct, frozen=True):
    """One log root that exists, and its account."""

    source: Any  # a Source module
    root: Path
    account: int
    name: str
    slow: bool = False  # a look at it goes over a network or to another system


class Part(msgspec.Struct, frozen=True):
    """What became of one root. ``skipped`` is a sentence when it could not be read to the end."""

    agent: str
    name: str
    root: str
    account: int | None = None
    files: int = 0
    records: int = 0
    bytes: int = 0
    problems: int = 0
    skipped: str = ""
    next_step: str = ""
    reasons: tuple[str, ...] = ()  # of problems, the most frequent first, with their counts


class ScanReport(msgspec.Struct, frozen=True):
    """What was read, what was skipped and why (product 7)."""

    parts: tuple[Part, ...] = ()
    cancelled: bool = False
    trouble: str = ""  # the store could not take it: disk full, read-only
    next_step: str = ""

    @property
    def records(self) -> int:
        return sum(part.records for part in self.parts)

    @property
    def files(self) -> int:
        return sum(part.files for part in self.parts)

    @property
    def problems(self) -> int:
        return sum(part.problems for part in self.parts)


class Wanted(msgspec.Struct, frozen=True):
    """Where to look: everything that comes from the machine and the settings."""

    home: Path
    env: Mapping[str, str]
    extra: Mapping[str, Sequence[str]] = {}  # source id -> more roots (setting advanced.roots)
    off: frozenset[str] = frozenset()  # source ids not to read (setting advanced.agents_off)
    only: frozenset[str] = frozenset()  # source ids to read, all when empty (scan --agent)
    homes: Sequence[Home] = ()  # more homes, whose environment nobody knows (WSL)


def here(store: Store) -> Ask:
    """``ask`` for a store of this thread."""
    return lambda function, *args: function(store, *args)


def find(ask: Ask, sources: Iterable[Source], wanted: Wanted) -> list[Target]:
    """The roots that exist, each with an account that is made when it is new; roots the person removed stay out."""
    found: list[Target] = []
    seen: set[tuple[str, str]] = set()
    mounts, resolve = network_mounts(), Resolver()
    for source in sources:
        info = source.INFO
        if info.kind is not Kind.LOG or info.id in wanted.off or (wanted.only and info.id not in wanted.only):
            continue
        try:
            roots = [(root, info.name) for root in source.roots(wanted.home, wanted.env)]
            roots += [(Path(root).expanduser(), info.name) for root in wanted.extra.get(info.id, ())]
            roots += [(root, f"{info.name}, {home.name}") for home in wanted.homes for root in source.roots(home.path, {})]
        except Exception:  # one agent's strange environment must not hide the others
            log.exception("roots of %s", info.id)
            continue
        for root, name in roots:
            real, there = resolve(root)
            if (info.id, real) in seen or not there:
                continue
            seen.add((info.id, real))
            account = ask(_account, info, str(root), name)
            if account is not None:
                found.append(Target(source, root, account, name, is_slow(real, mounts)))
    return found


def scan(
    ask: Ask,
    targets: Iterable[Target],
    rules: Rulebook,
    *,
    publish: Publish = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    full: bool = True,
    polite: bool = False,
    memory: dict[int, dict[str, Any]] | None = None,
    now: Callable[[], int] = lambda: int(time.time()),
) -> ScanReport:
    """Read every target. Never raises for what the person can do something about: it is in the report."""
    ones = [One(ask, target, rules, publish, cancelled, polite=polite, now=now, full=full, memory=memory) for target in targets]
    return run(ones)


def run(ones: Iterable[One]) -> ScanReport:
    """Finish scans, begun or not, one after the other."""
    parts: list[Part] = []
    trouble = next_step = ""
    stopped = False
    for one in ones:
        stopped = one.cancelled()
        if stopped:
            break
        try:
            parts.append(one.run())
        except StoreError as problem:  # it is the same for every root: full disk, read-only folder
            parts.append(one.part(skipped=problem.sentence, next_step=problem.next_step))
            trouble, next_step = problem.sentence, problem.next_step
            break
        stopped = one.cancelled()
    return ScanReport(tuple(parts), stopped, trouble, next_step)


def _account(store: Store, info: SourceInfo, root: str, name: str) -> int | None:
    """The account of a root; None when the person removed it."""
    id_ = account_rows.ensure_log_account(store, info.id, root, name, info.provider)
    return None if account_rows.account(store, id_).removed else id_


class _Later(Exception):
    """What comes now may wait for another program: not in the engine's loop."""


class One:
    """The scan of one root: collects items and hands them to the store, a batch at a time."""

    def __init__(
        self, ask: Ask, target: Target, rules: Rulebook, publish: Publish, cancelled: Callable[[], bool], *,
        polite: bool, now: Callable[[], int], full: bool, memory: dict[int, dict[str, Any]] | None,
    ) -> None:  # fmt: skip
        self.ask, self.target, self.rules, self.publish, self.cancelled = ask, target, rules, publish, cancelled
        self.polite, self.now = polite, now
        self.memory: dict[str, Any] = memory.setdefault(target.account, {}) if memory is not None else {}
        self.items: list[Item] = []
        self.cursors: dict[str, Cursor] = {}
        self.files: set[str] = set()
        self.records = self.read_bytes = 0
        self.reasons: dict[str, int] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._infers = target.source.INFO.kind is Kind.LOG and target.source.INFO.id not in NAMED
        self.last: Progress | None = None
        self._full = full or "cursors" not in self.memory
        self._only_looks = False
        self._reads = self._walk(self._full)
        self._ahead: list[Read] = []
        self._failed: Exception | None = None

    def begin(self) -> bool:
        """The first look, which never waits. False = nothing changed, so there is no need for a thread, nor for ``run``."""
        self._only_looks = True
        try:
            first = next(self._reads, None)
        except _Later:
            self._reads = self._walk(self._full)
            return True
        except Exception as problem:
            self._failed = problem
            return True
        finally:
            self._only_looks = False
        if first is not None:
            self._ahead = [first]
        return first is not None

    def _may_wait(self) -> None:
        if self._only_looks:
            raise _Later

    def run(self) -> Part:
        """Read it. Raises StoreError."""
        skipped = next_step = ""
        state = AccountState.OK
        try:
            try:
                self._read_all()
            finally:
                self._commit()
        except StoreError:
            raise
        except AccountError as problem:
            skipped, next_step, state = problem.sentence, problem.next_step, _state_of(problem)
        except OSError as problem:
            skipped, next_step, state = (
                _unreadable(self.target, problem),
                "Look at the folder's permissions, then scan again.",
                AccountState.UNREADABLE,
            )
        except Exception as problem:  # a mistake of ours in one source must not stop the others
            log.exception("scan of %s", self.target.source.INFO.id)
            skipped = f"{self.target.name} could not be read ({type(problem).__name__})."
            next_step, state = "Please report it: the log of tokenpal says where it happened.", AccountState.UNREADABLE
        if not self.cancelled():
            self._note_health(state, skipped, next_step)
            if self.files or skipped:
                done = self.last or Progress(len(self.files), len(self.files), self.read_bytes, self.read_bytes)
                self._tell(Progress(done.files_total, done.files_total, done.bytes_total, done.bytes_total), finished=True)
        return self.part(skipped, next_step)

    def part(self, skipped: str = "", next_step: str = "") -> Part:
        reasons = sorted(self.reasons.items(), key=lambda reason: (-reason[1], reason[0]))
        return Part(
            agent=self.target.source.INFO.id, name=self.target.name, root=str(self.target.root), account=self.target.account,
            files=len(self.files), records=self.records, bytes=self.read_bytes, problems=sum(self.reasons.values()),
            skipped=skipped, next_step=next_step, reasons=tuple(f"{reason} ({count})" for reason, count in reasons[:5]),
        )  # fmt: skip

    def _walk(self, full: bool) -> Iterator[Read]:
        cursors = self.memory.get("cursors")
        if cursors is None:
            cursors = self.memory["cursors"] = self.ask(account_rows.cursors, self.target.account)
        for again in range(TRIES):
            context = Context(
                account=self.target.account, root=self.target.root, base_url="", cursors=cursors, now=self.now,
                full_walk=full or again > 0, memory=self.memory.setdefault("source", {}) if not again else {}, may_wait=self._may_wait,
            )  # fmt: skip
            reading = Reading(self.target.source, context, polite=self.polite, cancelled=self.cancelled)
            yield from reading
            if not reading.again or self.cancelled():
                return
            self._commit()
            for name in reading.again:  # their state is from another version: from the start
                cursors.pop(name, None)

    def _read_all(self) -> None:
        if self._failed is not None:
            raise self._failed
        for read in chain(self._ahead, self._reads):
            if read.progress is not None:
                self._tell(read.progress)
            if self._said_before(read):
                continue
            self.items += self._count(read.items)
            self.cursors[read.cursor.name] = read.cursor
            most = MOST_RECORDS if self.records else FIRST_RECORDS  # today's numbers first
            if len(self.items) >= most or len(self.cursors) >= MOST_FILES:
                self._commit()

    def _said_before(self, read: Read) -> bool:
        """A folder that stays unreadable is not written down every minute."""
        if not read.items or not all(isinstance(item, Problem) for item in read.items):
            return False
        said: dict[str, tuple[Item, ...]] = self.memory.setdefault("said", {})
        if said.get(read.cursor.name) == tuple(read.items) and self.memory["cursors"].get(read.cursor.name) == read.cursor:
            return True
        said[read.cursor.name] = tuple(read.items)
        return False

    def _count(self, items: Iterable[Item]) -> Iterator[Item]:
        """Counts problems by their reason; of a file's many of one kind only the first keep their places.

        Records whose agent says no branch get the one that was checked out (``branches``).
        """
        for item in items:
            if self._infers and isinstance(item, UsageRecord) and item.folder and not item.branch:
                branch = self.rules.branch(item.folder, item.at)
                item = msgspec.structs.replace(item, branch=branch) if branch else item
            if isinstance(item, Problem):
                self.reasons[item.reason] = self.reasons.get(item.reason, 0) + item.count
                kind = (item.source, item.reason)
                seen = self._places[kind] = self._places.get(kind, 0) + item.count
                if seen > MOST_PLACES:
                    item = Problem(item.source, "further on", item.reason, seen - MOST_PLACES)
            yield item

    def _commit(self) -> None:
        if not self.items and not self.cursors:
            return
        batch = ledger.Batch(self.target.account, self.items, tuple(self.cursors.values()))
        self.items, self.cursors = [], {}
        try:
            applied = self.ask(ledger.apply, batch, self.rules.of(self.target.source))
        except BaseException:
            self.memory.clear()  # what the source remembers of this walk was not saved
            raise
        names = {cursor.name for cursor in batch.cursors}
        self.files |= names - {""}  # problems of a folder have no file
        self.memory["cursors"].update((cursor.name, cursor) for cursor in batch.cursors)
        self.records += applied.records
        if applied.records:
            self.publish(Changed(frozenset({"usage", "limits"})))

    def _tell(self, at: Progress, *, finished: bool = False) -> None:
        if self.last is None or at.files != self.last.files or finished:
            self.publish(ScanProgress(self.target.source.INFO.id, at.files, at.files_total, finished))
        self.last, self.read_bytes = at, at.bytes

    def _note_health(self, state: AccountState, sentence: str, next_step: str) -> None:
        """Written when it differs or something was read; an idle app does not write to the disk every minute."""
        now = self.now()
        before, at = self.memory.get("health", (None, 0))
        if not self.files and before == (state, sentence) and 0 <= now - at < HEALTH_SECONDS:
            return
        success = now if state is AccountState.OK else None
        with suppress(StoreError):  # the data is safe; the next scan says it again
            health = AccountHealth(self.target.account, state, sentence, next_step, success)
            self.ask(account_rows.set_health, health)
            self.publish(health)
            self.memory["health"] = ((state, sentence), now)


def _state_of(problem: AccountError) -> AccountState:
    state = getattr(problem, "state", AccountState.UNREADABLE)
    return state if isinstance(state, AccountState) else AccountState.UNREADABLE


def _unreadable(target: Target, problem: OSError) -> str:
    return f"The logs of {target.name} could not be read: {(problem.strerror or 'input/output error').lower()}."
