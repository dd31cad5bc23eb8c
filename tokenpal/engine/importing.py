"""Files that the person hands over: recognised by content, shown first, then put into an account of their own.

``look`` is the dry run: it does the import and takes it back, so that its figures are the real ones. ``take`` imports in
batches; what a cancelled import finished stays, and the same file again changes nothing. To forget an import is to remove its
account with its history. Both may take a while and run in any thread; ``ask(f, *args)`` is ``f(store, *args)``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.engine import bundle, diaries
from tokenpal.engine.changes import changes
from tokenpal.engine.diaries import Diary, Wish
from tokenpal.engine.files import Given, Opened, opened
from tokenpal.engine.keep import import_lines
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.ranges import number_day
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Item, Problem, UsageRecord
from tokenpal.sources import imported
from tokenpal.sources.base import ANY_PROVIDER
from tokenpal.sources.imported.base import File
from tokenpal.sources.imported.outcomes import Outcome
from tokenpal.store import accounts, ledger, outcomes, trial
from tokenpal.store.archive import Merged
from tokenpal.store.database import Store
from tokenpal.store.outcomes import Told, Word
from tokenpal.store.rows import split_key
from tokenpal.store.trial import Share
from tokenpal.translation import tr

Ask = Callable[..., Any]
Progress = Callable[[int, int], None]  # bytes read, bytes in all
AT_ONCE: Final = 3000
MOST_TRIED: Final = 20_000
"""Records up to which a dry run works out what is covered: it holds the data file meanwhile."""
SOURCE: Final = imported.INFO.id


class Look(msgspec.Struct, frozen=True):
    """What an import would do. ``shares`` is None where the file is too long to work out what is covered."""

    what: str  # "a daily report of ccusage"
    account: str = ""  # the name it gets or has
    new_account: bool = False
    records: int = 0
    known: int = 0  # of these, there already
    first: str = ""  # 2026-10-01, UTC
    until: str = ""  # the last day
    days: int = 0
    tokens: Tokens = NO_TOKENS
    models: tuple[Share, ...] = ()  # as in the file
    shares: tuple[Share, ...] | None = ()  # as they would count
    problems: int = 0
    reasons: tuple[str, ...] = ()  # the most frequent first, with their counts
    told: Told | None = None  # outcomes
    unknown: int = 0  # outcomes of sessions or tasks that tokenpal does not know
    merged: Merged | None = None  # an export of tokenpal
    diary: Diary | None = None  # a journal of another tool

    @property
    def covered(self) -> Tokens | None:
        """What logs, reports and other imports count already."""
        return None if self.shares is None else sum((share.covered for share in self.shares), NO_TOKENS)


class Taken(msgspec.Struct, frozen=True):
    """What an import did."""

    what: str
    account: str = ""
    records: int = 0  # new or changed
    problems: int = 0
    cancelled: bool = False
    told: Told | None = None
    unknown: int = 0
    merged: Merged | None = None
    diary: Diary | None = None


class As(msgspec.Struct, frozen=True):
    """How to take a journal of another tool: as which, and what the person chose for it."""

    kind: str = ""  # "" = by its content
    wish: Wish = Wish()


def look(
    ask: Ask, given: Given, name: str = "", *, progress: Progress = lambda *_: None, cancelled: Callable[[], bool] = lambda: False,
    how: As = As(),  # noqa: B008 - frozen
) -> Look:  # fmt: skip
    """The dry run. Raises UsageError for a file that cannot be imported, or when cancelled."""
    file = opened(given, how.kind)
    if file.diary:
        diary = diaries.look(ask, file, how.wish)
        return Look(file.what, records=diary.makes, first=diary.first, until=diary.until, problems=diary.problems, reasons=diary.reasons, diary=diary)
    if file.archive:
        merged = ask(_try_archive, given)
        return Look(file.what, records=merged.records, merged=merged)
    if file.outcomes:
        found, problems = _outcomes(file)
        told, unknown = ask(_try_outcomes, found)
        return Look(file.what, records=len(found), told=told, unknown=unknown, problems=len(problems), reasons=_reasons(problems))
    account, title = ask(_account_of, file.said, name)
    records: dict[bytes, UsageRecord] = {}
    problems = []
    for item in _items(file, account or 0, progress):
        if isinstance(item, Problem):
            problems.append(item)
        elif isinstance(item, UsageRecord):
            known = records.get(item.key)
            if known is None or (item.precedence, item.tokens.output, item.tokens.total) >= (known.precedence, known.tokens.output, known.tokens.total):
                records[item.key] = item
        if cancelled():
            raise UsageError(tr("The import was cancelled."), tr("Nothing was changed."))
    every = list(records.values())
    days = {record.at // 86_400 for record in every}
    few = len(every) <= MOST_TRIED
    there, shares = ask(_try, account, file.said, title, every) if few else (0, None)
    return Look(
        file.what, title, account is None, len(every), there, _day(min(days, default=None)), _day(max(days, default=None)), len(days),
        sum((record.tokens for record in every), NO_TOKENS), _by_model(every), shares if shares is None else tuple(shares),
        sum(problem.count for problem in problems), _reasons(problems),
    )  # fmt: skip


def take(
    ask: Ask, given: Given, name: str = "", *, progress: Progress = lambda *_: None, cancelled: Callable[[], bool] = lambda: False,
    now: Callable[[], int] = lambda: int(time.time()), how: As = As(),  # noqa: B008 - frozen
) -> Taken:  # fmt: skip
    """Import the file. Raises UsageError for one that cannot be imported, StoreError when it cannot be stored."""
    file = opened(given, how.kind)
    if file.diary:
        diary = diaries.take(ask, file, how.wish)
        return Taken(file.what, records=diary.makes, problems=diary.problems, diary=diary)
    if file.archive:
        merged = ask(merge_archive, given)
        return Taken(file.what, records=merged.records, merged=merged)
    if file.outcomes:
        found, problems = _outcomes(file)
        told, unknown = ask(tell_outcomes, found)
        return Taken(file.what, told=told, unknown=unknown, problems=len(problems))
    account, title = ask(ensure_account, file.said, name)
    done = problems_seen = 0
    stopped = False
    batch: list[Item] = []

    def put() -> int:
        nonlocal batch
        items, batch = batch, []
        return int(ask(put_batch, account, items).records) if items else 0

    for item in _items(file, account, progress):
        batch.append(item)
        problems_seen += item.count if isinstance(item, Problem) else 0
        if len(batch) >= AT_ONCE:
            done += put()
            if stopped := cancelled():
                break
    done += put()
    health = AccountHealth(account, AccountState.OK, last_success=now())
    ask(accounts.set_health, health)
    return Taken(file.what, title, done, problems_seen, stopped)


# ---------------------------------------------------------------------------------------------- in the store


@changes("usage", "labels", "tasks", "checkins", "budgets", "accounts", "limits")
def merge_archive(store: Store, given: Given) -> Merged:
    """Merge an export of tokenpal (decisions 5). Raises UsageError; then nothing was imported."""
    with given.open() as file, bundle.lines(file) as lines:
        return import_lines(store, lines)


def _try_archive(store: Store, given: Given) -> Merged:
    return trial.tried(store, lambda: merge_archive(store, given))


@changes("accounts")
def ensure_account(store: Store, said: imported.Said, name: str = "") -> tuple[int, str]:
    """The account of a format, made when it is new, or brought back when it was removed."""
    id_, title = _account_of(store, said, name)
    if id_ is None:
        id_ = accounts.add_account(store, SOURCE, title, said.provider or ANY_PROVIDER, kind="inbox", root=said.id, counts="remainder")
    return id_, title


def _account_of(store: Store, said: imported.Said, name: str = "") -> tuple[int | None, str]:
    """The account that this format's imports go to, and its name; ``name`` keeps imports apart: one for each machine, say."""
    wanted = name.strip() or said.name
    every = accounts.accounts(store)
    mine = next((row for row in every if row.source == SOURCE and row.root == said.id and row.name in {wanted, f"{wanted} (imported)"}), None)
    if mine is not None:
        return mine.id, mine.name
    taken = {row.name for row in accounts.accounts(store, removed=True) if (row.source, row.root) != (SOURCE, said.id)}
    return None, f"{wanted} (imported)" if wanted in taken else wanted


@changes("usage")
def put_batch(store: Store, account: int, items: list[Item]) -> ledger.Applied:
    """One batch into the ledger."""
    rules = make_rulebook(store, Path.home(), lambda: int(time.time())).of(imported)
    return ledger.apply(store, ledger.Batch(account, items), rules)


def _try(store: Store, account: int | None, said: imported.Said, title: str, records: list[UsageRecord]) -> tuple[int, list[Share]]:
    keys = [split_key(record.key) for record in records]

    def act() -> list[Share]:
        id_ = account or accounts.add_account(store, SOURCE, title, said.provider or ANY_PROVIDER, kind="inbox", root=said.id)
        for at in range(0, len(records), AT_ONCE):
            put_batch(store, id_, list(records[at : at + AT_ONCE]))
        return trial.shares(store, keys, id_)

    return trial.known(store, keys), trial.tried(store, act)


@changes("labels", "tasks", "usage")
def tell_outcomes(store: Store, found: Iterable[Outcome]) -> tuple[Told, int]:
    """Write outcomes down as one edit; and how many named nothing that is known."""
    words, unknown = _words(store, found)
    return outcomes.tell(store, words, attribute), unknown


def _try_outcomes(store: Store, found: list[Outcome]) -> tuple[Told, int]:
    return trial.tried(store, lambda: tell_outcomes(store, found))


def _words(store: Store, found: Iterable[Outcome]) -> tuple[list[Word], int]:
    place = make_rulebook(store, Path.home(), lambda: int(time.time())).place
    words: list[Word] = []
    unknown = 0
    for one in found:
        keys = (
            outcomes.sessions_of(store, one.session) if one.session else outcomes.sessions_in(store, place(one.folder), one.branch, one.since, one.until)
        )
        task = outcomes.known_task(store, one.task) if one.task else None
        unknown += not keys or (bool(one.task) and task is None)
        words += [Word(key, one.label, one.reason, one.note, one.link, one.minutes_saved, one.tags, task) for key in keys]
    return words, unknown


# ---------------------------------------------------------------------------------------------- in the file


def _items(file: Opened, account: int, progress: Progress) -> Iterator[Item]:
    return file.items(File(file.given.name, file.given.at, account), progress)


def _outcomes(file: Opened) -> tuple[list[Outcome], list[Problem]]:
    every = list(file.read_outcomes())
    return [one for one in every if isinstance(one, Outcome)], [one for one in every if isinstance(one, Problem)]


def _by_model(records: Iterable[UsageRecord]) -> tuple[Share, ...]:
    sums: dict[tuple[str, str], Tokens] = {}
    for record in records:
        key = (record.model, record.provider)
        sums[key] = sums.get(key, NO_TOKENS) + record.tokens
    return tuple(sorted((Share(*key, tokens) for key, tokens in sums.items()), key=lambda share: -share.tokens.total))


def _reasons(problems: Iterable[Problem]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    places: dict[str, str] = {}
    for problem in problems:
        counts[problem.reason] = counts.get(problem.reason, 0) + problem.count
        places.setdefault(problem.reason, problem.position)
    most = sorted(counts, key=lambda reason: (-counts[reason], reason))
    return tuple(f"{places[reason]}{' and others' if counts[reason] > 1 else ''}: {reason} ({counts[reason]})" for reason in most[:5])


def _day(day: int | None) -> str:
    return "" if day is None else number_day(day).isoformat()
