"""Reads one provider account into the store: the key, the reports, each complete window in one transaction.

The command line and the running app share it: ``do`` is how ``f(store, *args)`` is run without blocking the loop. A poll
that is cancelled or killed keeps every window it finished; the next one reads the rest, and nothing counts twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from datetime import date
from typing import Any, Final

import msgspec

from tokenpal.engine import options, unofficial
from tokenpal.engine.rules import Rulebook
from tokenpal.model.errors import AccountError, StoreError, UsageError
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.report import AccountRow
from tokenpal.model.usage import Item, Problem
from tokenpal.sources import registry
from tokenpal.sources.base import Context, Kind, Reply
from tokenpal.store import accounts as account_rows, ledger
from tokenpal.store.database import Store
from tokenpal.system.net import Http
from tokenpal.system.secrets import Failure, Secret, Secrets
from tokenpal.translation import tr

log = logging.getLogger(__name__)
Do = Callable[..., Awaitable[Any]]
"""``await do(f, *args)`` is ``f(store, *args)``; raises what f raises."""
BIG_BODY: Final = 64 * 1024  # understood in a thread: the loop has others to serve
IDENTITY: Final = "identity"


class PollReport(msgspec.Struct, frozen=True):
    """What was read of one account. ``sentence`` is empty when all is well."""

    account: int
    name: str
    state: AccountState
    sentence: str = ""
    next_step: str = ""
    retry_at: int | None = None
    records: int = 0  # new or changed
    windows: int = 0  # spans of reports that were replaced
    changed_days: frozenset[date] = frozenset()
    problems: int = 0
    trouble: bool = False  # the store could not take it: it is no fault of the account
    held: bool = False  # an unofficial account that may not be asked now: nothing was asked, all is as it was


async def poll(
    do: Do,
    account: AccountRow,
    http: Http,
    secrets: Secrets,
    rules: Rulebook,
    *,
    since: int | None = None,
    prompt: bool = True,
    memory: dict[str, Any] | None = None,
    now: Callable[[], int] = lambda: int(time.time()),
    say: Callable[[AccountHealth], None] = lambda _: None,
) -> PollReport:
    """Poll one account. Never raises for what the person can do something about: it is in the report and in its health.

    ``since`` (epoch seconds): read at least back to there, closed days too. ``prompt=False``: a locked credential store
    is not asked to unlock. ``memory`` is kept by a running app between polls of this account.
    """
    memory = {} if memory is None else memory
    if unofficial.held(account, now(), memory, asked=prompt):
        return PollReport(account.id, account.name, AccountState(account.state), account.sentence, account.next_step, account.next_try, held=True)
    say(AccountHealth(account.id, AccountState.READING, last_success=account.last_success))
    one = _One(do, account, rules, now)
    report = PollReport(account.id, account.name, AccountState.OK)
    try:
        secret = await key_for(secrets, account.secret, prompt=prompt) if account.secret or needs_key(account.source) else None
        await one.run(http, secret, since, memory)
    except AccountError as problem:
        report = _failed(report, problem)
        if problem.state is AccountState.KEY_REFUSED:
            secrets.forget(account.secret)  # the person may have replaced it meanwhile
    except StoreError as problem:
        report = msgspec.structs.replace(
            report, state=AccountState.UNREADABLE, sentence=problem.sentence, next_step=problem.next_step, trouble=True
        )
    except Exception as problem:  # a mistake of ours in one source must not stop the others
        log.exception("poll of %s", account.source)
        sentence = tr("The answer of {account} could not be understood ({kind}).", account=account.name, kind=type(problem).__name__)
        report = msgspec.structs.replace(
            report, state=AccountState.UNREADABLE, sentence=sentence, next_step=tr("Please report it: the log of tokenpal says where it happened.")
        )
    report = msgspec.structs.replace(
        report, records=one.records, windows=one.windows, changed_days=frozenset(one.days), problems=one.problems
    )
    success = now() if report.state is AccountState.OK else None
    health = AccountHealth(account.id, report.state, report.sentence, report.next_step, success, report.retry_at)
    if not report.trouble:
        with suppress(StoreError):  # the data is safe; the next poll says it again
            await do(account_rows.set_health, health)
    say(health)
    return report


def _failed(report: PollReport, problem: AccountError) -> PollReport:
    return msgspec.structs.replace(
        report, state=problem.state, sentence=problem.sentence, next_step=problem.next_step, retry_at=problem.retry_at
    )


def needs_key(source: str) -> bool:
    """Whether an account of this source is nothing without a key."""
    known = registry.source(source)
    return known is None or known.INFO.needs_key


async def key_for(secrets: Secrets, name: str, *, prompt: bool = True) -> Secret:
    """The key from the credential store, without blocking the loop. Raises AccountError with the store's own words."""
    answer = await asyncio.wrap_future(secrets.start_get(name, prompt=prompt))
    if isinstance(answer, Failure):
        raise AccountError(answer.sentence, answer.next_step, state=AccountState(answer.state))
    return answer


class _One:
    """One poll on its way: what a window needs before it can be stored, and the counts so far."""

    def __init__(self, do: Do, account: AccountRow, rules: Rulebook, now: Callable[[], int]) -> None:
        self.do, self.account, self.rules, self.now = do, account, rules, now
        self.records = self.windows = self.problems = 0
        self.days: set[date] = set()

    async def run(self, http: Http, secret: Secret | None, since: int | None, memory: dict[str, Any]) -> None:
        source: Any = registry.source(self.account.source)
        if source is None or source.INFO.kind is not Kind.API:
            raise AccountError(
                tr("This version of tokenpal does not know this provider."),
                tr("Update tokenpal, or remove the account."),
                state=AccountState.NOT_AVAILABLE,
            )
        cursors = await self.do(account_rows.cursors, self.account.id)
        context = Context(
            account=self.account.id, root=None, base_url=self.account.root, cursors=cursors, now=self.now, http=http,
            secret=secret, since=since, memory=memory, options=await self.do(options.for_source, self.account.id, source.INFO),
        )  # fmt: skip
        await self._alone(source, context)
        await self._read(source, context)

    async def _alone(self, source: Any, context: Context) -> None:
        """Two keys of one organisation see the same use: the second account is refused (provider-apis 5.10)."""
        if not hasattr(source, "identity"):
            return
        asked, identity = context.memory.get(IDENTITY, (None, ""))
        if asked != context.options:  # new, or the person changed what is read
            identity = await source.identity(context)
            context.memory[IDENTITY] = (context.options, identity)
        twin = await self.do(claim_identity, self.account.id, identity)
        if twin:
            raise AccountError(
                tr("This key reads what the account {twin} reads too; it would count twice.", twin=twin),
                tr("Remove one of the two accounts, or let each read other keys or projects (its options).")
                if source.INFO.options
                else tr("Remove one of the two accounts."),
                state=AccountState.NOT_ALLOWED,
            )

    async def _read(self, source: Any, context: Context) -> None:
        """Each window is stored when its last page is there: all of it and its cursor, or nothing."""
        states: dict[str, Any] = {}
        gathered: dict[str, list[Item]] = {}
        async with aclosing(source.fetch(context)) as replies:
            async for reply in replies:
                states[reply.endpoint], items = await self._understand(source, states.get(reply.endpoint), reply)
                waiting = gathered.setdefault(reply.endpoint, [])
                if reply.page == 1:
                    waiting.clear()  # an earlier chain of this report was given up
                waiting += items
                if reply.final:
                    await self._store(source, reply, gathered.pop(reply.endpoint))

    async def _understand(self, source: Any, state: Any, reply: Reply) -> tuple[Any, list[Item]]:
        if len(reply.body) < BIG_BODY:
            return source.parse(state, reply)  # type: ignore[no-any-return]  # the contract of a source
        return await asyncio.to_thread(source.parse, state, reply)

    async def _store(self, source: Any, reply: Reply, items: list[Item]) -> None:
        batch = ledger.Batch(self.account.id, items, (reply.cursor,))
        applied = await self.do(ledger.apply, batch, self.rules.of(source))
        self.records += applied.records
        self.windows += reply.window is not None
        self.days |= applied.changed_days
        self.problems += sum(item.count for item in items if isinstance(item, Problem))


def claim_identity(store: Store, account: int, identity: str) -> str:
    """Note whose figures this account reads. Returns the name of an older account of the same source that reads them too."""
    if not identity:
        return ""
    with store.transaction():
        mine = account_rows.account(store, account)
        kept = account_rows.options(store, account)
        if kept.get(IDENTITY) != identity:
            account_rows.set_options(store, account, {**kept, IDENTITY: identity})
        for other in account_rows.accounts(store):
            if other.id < account and other.source == mine.source and overlap(identity, account_rows.options(store, other.id).get(IDENTITY)):
                return other.name
    return ""


def overlap(one: str, other: str | None) -> bool:
    """Whether two accounts may see the same use: both of one whole, unless they name different parts of it in the same terms
    (sources.base.Source.identity): two keys do not overlap, a key and a user may.
    """
    (whole, *parts), (other_whole, *other_parts) = one.split("\n"), (other or "").split("\n")
    if not other or whole != other_whole:
        return False
    mine, others = _by_term(parts), _by_term(other_parts)
    return all(mine[term] & others[term] for term in mine.keys() & others.keys())


def _by_term(parts: list[str]) -> dict[str, set[str]]:
    """``key=a,b`` is {"key": {"a", "b"}}; a part without a term is one of its own."""
    found = {}
    for part in parts:
        term, equals, values = part.partition("=")
        found[term if equals else ""] = {value.strip() for value in values.split(",")} if equals else {part}
    return found


# ---------------------------------------------------------------------------------------------- without a running app


def poll_here(
    store: Store,
    accounts: Iterable[AccountRow],
    secrets: Secrets,
    rules: Rulebook,
    *,
    since: int | None = None,
    now: Callable[[], int] = lambda: int(time.time()),
    say: Callable[[AccountHealth], None] = lambda _: None,
) -> list[PollReport]:
    """Poll accounts one after the other in a loop of this thread: for the command line, which holds the folder's lock."""

    async def do(function: Callable[..., Any], *args: Any) -> Any:
        return function(store, *args)

    async def run() -> list[PollReport]:
        async with Http() as http:
            return [await poll(do, account, http, secrets, rules, since=since, now=now, say=say) for account in accounts]

    return asyncio.run(run())


async def check(
    source_id: str, base_url: str, secret: Secret | None, http: Http, given: Mapping[str, str] | None = None,
    *, now: Callable[[], int] = lambda: int(time.time()),
) -> str:  # fmt: skip
    """Try a key before or after its account is made: a sentence on success. Raises AccountError, or UsageError.

    ``secret`` is None where no key is needed; ``given`` are the answers to the source's options.
    """
    source: Any = registry.source(source_id)
    if source is None or source.INFO.kind is not Kind.API:
        raise UsageError(tr("There is no provider {source}.", source=repr(source_id)), tr("List them with: tokenpal accounts add --help"))
    answers = options.whole(source.INFO, given or {})
    context = Context(account=0, root=None, base_url=base_url, cursors={}, now=now, http=http, secret=secret, options=answers)
    sentence: str = await source.check(context)
    return sentence


def check_here(
    source_id: str, base_url: str, secret: Secret | None, given: Mapping[str, str] | None = None,
    *, now: Callable[[], int] = lambda: int(time.time()),
) -> str:  # fmt: skip
    """The same from a thread without a loop."""

    async def run() -> str:
        async with Http() as http:
            return await check(source_id, base_url, secret, http, given, now=now)

    return asyncio.run(run())
