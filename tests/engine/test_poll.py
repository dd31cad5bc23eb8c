"""Provider accounts into a real store: transactions, health in words, failures that leave the rest alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.provider_server import KEYS, ProviderServer
from tokenpal.engine import poll as poll_module
from tokenpal.engine.poll import PollReport, check_here, overlap, poll, poll_here
from tokenpal.engine.rules import Rulebook
from tokenpal.model.errors import AccountError, StoreError, UsageError
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import Query
from tokenpal.store import accounts as account_rows, ledger, readings
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.worker import Worker
from tokenpal.system.net import Http
from tokenpal.system.secrets import Secret, Secrets, entry_name

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC
DAY = 86_400
TODAY = NOON - NOON % DAY
UTC = Query(zone="UTC")
BOOK = Rulebook(lambda *_: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokenpal.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with_zone = Store.open(path)
    yield with_zone
    with_zone.close()


@pytest.fixture
def secrets() -> Iterator[Secrets]:
    with Secrets() as vault:
        yield vault


def add(store: Store, server: ProviderServer, vault: Secrets, provider: str, key: str | None = None, name: str = "", **more: Any) -> int:
    id_ = account_rows.add_account(store, provider, name or f"my {provider}", provider, root=more.pop("root", server.url(provider)))
    entry = entry_name("test", provider, id_)
    account_rows.set_secret(store, id_, entry)
    vault.put(entry, KEYS[key or provider])
    return id_


def ask(store: Store, vault: Secrets, *ids: int, now: int = NOON, **more: Any) -> list[PollReport]:
    return poll_here(store, [account_rows.account(store, id_) for id_ in ids], vault, BOOK, now=lambda: now, **more)


def totals(store: Store) -> tuple[int, int | None, dict[str, str]]:
    found = report(store, UTC).total
    return (
        found.tokens.total,
        found.requests,
        {f"{m.kind} {m.currency}": str(m.amount) for m in found.money if m.kind is not MoneyKind.LIST_PRICE},
    )


def told(server: ProviderServer, provider: str, days: int = 90) -> int:
    return server.truth(provider, TODAY - (days - 1) * DAY, NOON + 1).total


# ---------------------------------------------------------------------------------------------- what is stored


@pytest.mark.parametrize("provider", ["openai", "anthropic", "openrouter", "litellm"])
def test_the_store_says_what_the_provider_says(provider_server: ProviderServer, store: Store, secrets: Secrets, provider: str) -> None:
    provider_server.world(now=NOON, days=20)
    (said,) = ask(store, secrets, add(store, provider_server, secrets, provider))
    assert (said.state, said.sentence, said.problems) == (AccountState.OK, "", 0)
    assert said.records > 50
    assert said.windows > 1
    truth = provider_server.truth(provider, 0, NOON + 1)
    tokens, requests, _ = totals(store)
    assert (tokens, requests) == (truth.total, truth.requests)
    row = account_rows.accounts(store)[0]
    assert (row.state, row.last_success, row.next_try) == ("ok", NOON, None)


def test_money_is_what_was_billed(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=20)
    ask(store, secrets, add(store, provider_server, secrets, "openai"), add(store, provider_server, secrets, "openrouter"))
    cents = {p: provider_server.truth(p, 0, NOON + 1).micros for p in ("openai", "openrouter")}
    assert totals(store)[2] == {
        "cash USD": f"{cents['openai'] / 10**6:.6f}".rstrip("0"),
        "credits USD": f"{cents['openrouter'] / 10**6:.6f}".rstrip("0"),
    }
    assert readings.balances(store)[0][1].left.amount == 75 - type(readings.balances(store)[0][1].left.amount)("0.25")
    assert {limit.name for _, limit in readings.limits(store)} >= {"month", "this key"}


def test_a_second_poll_changes_nothing(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=20)
    id_ = add(store, provider_server, secrets, "anthropic")
    ask(store, secrets, id_)
    before = totals(store)
    (said,) = ask(store, secrets, id_)
    assert totals(store) == before
    assert (said.records, said.changed_days) == (0, frozenset())


def test_a_revision_replaces_and_forgets(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    id_ = add(store, provider_server, secrets, "openai")
    ask(store, secrets, id_)
    provider_server.world(seed=2, hidden=["gpt-6-mini"])
    ask(store, secrets, id_)
    truth = provider_server.truth("openai", 0, NOON + 1)
    assert totals(store)[:2] == (truth.total, truth.requests)


# ---------------------------------------------------------------------------------------------- what goes wrong


def test_one_account_that_fails_leaves_the_others_alone(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.rule("^/openai", status=401)
    one, two, three = (add(store, provider_server, secrets, p) for p in ("openai", "anthropic", "litellm"))
    bad, *good = ask(store, secrets, one, two, three)
    assert bad.state is AccountState.KEY_REFUSED
    assert [report.state for report in good] == [AccountState.OK, AccountState.OK]
    row = account_rows.account(store, one)
    assert (row.state, row.sentence, row.last_success) == ("key refused", "OpenAI refused the key.", None)
    assert row.next_step


def test_figures_so_far_stay_when_a_poll_fails(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    id_ = add(store, provider_server, secrets, "anthropic")
    ask(store, secrets, id_)
    before = totals(store)
    for rule in ({"status": 500}, {"html": True}, {"raw": '{"data": 1}'}, {"raw": "{}"}, {"endless": True}, {"close": True}):
        provider_server.reset()
        provider_server.world(now=NOON + 900, days=3)
        provider_server.rule("usage", **rule)
        (said,) = run_fast(store, secrets, id_, now=NOON + 900)
        assert totals(store)[:2] == before[:2]
        assert said.state is not AccountState.OK or said.problems
    assert account_rows.account(store, id_).last_success in {NOON, NOON + 900}


def run_fast(store: Store, vault: Secrets, id_: int, now: int = NOON, **more: Any) -> list[PollReport]:
    """A poll that waits for nothing between retries."""

    async def rest(_: float) -> None:
        pass

    async def do(function: Callable[..., Any], *args: Any) -> Any:
        return function(store, *args)

    async def run() -> list[PollReport]:
        async with Http(sleep=rest) as http:
            return [await poll(do, account_rows.account(store, id_), http, vault, BOOK, now=lambda: now, **more)]

    return asyncio.run(run())


def test_a_report_that_fails_keeps_the_others(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.rule("/costs", status=403)
    id_ = add(store, provider_server, secrets, "openai")
    (said,) = ask(store, secrets, id_)
    assert said.state is AccountState.NOT_ALLOWED
    assert "cost report" in said.sentence
    assert totals(store)[0] == told(provider_server, "openai")


def test_rate_limited_until(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.rule("", status=429, headers={"retry-after": "5400"})
    id_ = add(store, provider_server, secrets, "openrouter")
    (said,) = ask(store, secrets, id_)
    assert (said.state, said.retry_at) == (AccountState.RATE_LIMITED, NOON + 5400)
    assert account_rows.account(store, id_).next_try == NOON + 5400


def test_no_key_is_said_before_anybody_is_asked(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    id_ = add(store, provider_server, secrets, "openai")
    secrets.delete(account_rows.account(store, id_).secret)
    (said,) = ask(store, secrets, id_)
    assert said.state is AccountState.KEY_MISSING
    assert "key" in said.sentence
    assert provider_server.requests() == []


def test_a_refused_key_is_asked_for_again(provider_server: ProviderServer, store: Store, secrets: Secrets, memory_keyring: Any) -> None:
    provider_server.world(now=NOON, days=3)
    id_ = add(store, provider_server, secrets, "anthropic", "anthropic workspace")
    assert ask(store, secrets, id_)[0].state is AccountState.KEY_REFUSED
    (entry,) = memory_keyring
    memory_keyring[entry] = KEYS["anthropic"]  # changed behind our back, in the system's own program
    assert ask(store, secrets, id_)[0].state is AccountState.OK


def test_two_keys_of_one_organisation_count_once(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    one = add(store, provider_server, secrets, "anthropic", name="first")
    two = add(store, provider_server, secrets, "anthropic", name="second")
    first, second = ask(store, secrets, one, two)
    assert (first.state, second.state) == (AccountState.OK, AccountState.NOT_ALLOWED)
    assert "first" in second.sentence
    assert totals(store)[0] == told(provider_server, "anthropic")
    account_rows.remove_account(store, one, keep_history=False)
    assert ask(store, secrets, two)[0].state is AccountState.OK
    assert totals(store)[0] == told(provider_server, "anthropic")


@pytest.mark.parametrize("order", [("openrouter", "openrouter ordinary"), ("openrouter ordinary", "openrouter")])
def test_a_key_and_the_whole_account_it_belongs_to_count_once(
    provider_server: ProviderServer, store: Store, secrets: Secrets, order: tuple[str, str]
) -> None:
    provider_server.world(now=NOON, days=3)
    ids = [add(store, provider_server, secrets, "openrouter", key, name=key) for key in order]
    assert [r.state for r in ask(store, secrets, *ids)] == [AccountState.OK, AccountState.NOT_ALLOWED]


def test_overlap() -> None:
    assert overlap("a", "a")
    assert overlap("a\nkey", "a")
    assert overlap("a", "a\nkey")
    assert not overlap("a\none", "a\ntwo")
    assert not overlap("ab", "a")
    assert not overlap("a", None)


def test_two_people_of_one_proxy_are_two_accounts(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=3)
    one = add(store, provider_server, secrets, "litellm", name="me")
    two = add(store, provider_server, secrets, "litellm", "litellm admin", name="boss")
    assert [r.state for r in ask(store, secrets, one, two)] == [AccountState.OK, AccountState.OK]


def test_a_provider_that_is_not_known(store: Store, secrets: Secrets, provider_server: ProviderServer) -> None:
    id_ = account_rows.add_account(store, "acme-cloud", "acme", "acme", secret="x")
    secrets.put("x", "made-up")
    (said,) = ask(store, secrets, id_)
    assert said.state is AccountState.NOT_AVAILABLE


@pytest.mark.logs_warnings
def test_a_mistake_of_ours_is_said_and_stops_nobody(
    provider_server: ProviderServer, store: Store, secrets: Secrets, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tokenpal.sources import openai_api

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("made-up")

    monkeypatch.setattr(openai_api, "parse", broken)
    provider_server.world(now=NOON, days=3)
    one, two = add(store, provider_server, secrets, "openai"), add(store, provider_server, secrets, "litellm")
    bad, good = ask(store, secrets, one, two)
    assert (bad.state, good.state) == (AccountState.UNREADABLE, AccountState.OK)
    assert "ZeroDivisionError" in bad.sentence
    assert KEYS["openai"] not in caplog.text


def test_a_store_that_cannot_be_written_is_no_fault_of_the_account(
    provider_server: ProviderServer, store: Store, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider_server.world(now=NOON, days=3)
    id_ = add(store, provider_server, secrets, "openai")

    def full(*_: Any) -> Any:
        raise StoreError("The disk is full.", "Make room.")

    monkeypatch.setattr(poll_module.ledger, "apply", full)
    (said,) = ask(store, secrets, id_)
    assert (said.trouble, said.sentence, said.next_step) == (True, "The disk is full.", "Make room.")
    assert account_rows.account(store, id_).state == "new"


def test_a_window_and_its_cursor_are_one_transaction(
    provider_server: ProviderServer, store: Store, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever window fails, what is stored and what the cursors say agree: the next poll completes it."""
    provider_server.world(now=NOON, days=20)
    id_ = add(store, provider_server, secrets, "anthropic")
    real = ledger.apply
    for nth in (1, 2, 4):
        calls = 0

        def sometimes(*args: Any, nth: int = nth) -> Any:
            nonlocal calls
            calls += 1
            if calls == nth:
                raise StoreError("The disk is full.")
            return real(*args)

        monkeypatch.setattr(poll_module.ledger, "apply", sometimes)
        assert ask(store, secrets, id_)[0].trouble
    monkeypatch.setattr(poll_module.ledger, "apply", real)
    assert ask(store, secrets, id_)[0].state is AccountState.OK
    truth = provider_server.truth("anthropic", 0, NOON + 1)
    assert totals(store)[:2] == (truth.total, truth.requests)


# ---------------------------------------------------------------------------------------------- in the running app


def test_the_loop_is_never_blocked(provider_server: ProviderServer, path: Path, secrets: Secrets) -> None:
    """The database thread, big answers and the credential store all work beside the loop, which goes on turning."""
    Store.open(path).close()
    worker = Worker(path)
    loop_thread: list[int] = []
    others: set[int] = set()

    async def run() -> PollReport:
        loop_thread.append(threading.get_ident())

        async def do(function: Callable[..., Any], *args: Any) -> Any:
            def noted(store: Store) -> Any:
                others.add(threading.get_ident())
                return function(store, *args)

            return await asyncio.wrap_future(worker.submit(noted, urgent=False))

        id_ = await do(lambda store: add(store, provider_server, secrets, "litellm"))
        row = await do(account_rows.account, id_)
        said: list[AccountHealth] = []
        async with Http() as http:
            answer = await poll(do, row, http, secrets, BOOK, now=lambda: NOON, say=said.append)
        assert [health.state for health in said] == [AccountState.READING, AccountState.OK]
        return answer

    provider_server.world(now=NOON, days=20)
    answer = asyncio.run(run())
    assert worker.stop(10)
    assert answer.state is AccountState.OK
    assert others
    assert loop_thread[0] not in others


def test_a_poll_that_is_cancelled_keeps_what_it_finished(provider_server: ProviderServer, store: Store, secrets: Secrets) -> None:
    provider_server.world(now=NOON, days=20)
    id_ = add(store, provider_server, secrets, "openai")

    async def run(after: int) -> None:
        stored = 0

        async def do(function: Callable[..., Any], *args: Any) -> Any:
            nonlocal stored
            if function is ledger.apply:
                stored += 1
                if stored > after:
                    task.cancel()
                    await asyncio.sleep(0)
            return function(store, *args)

        async with Http() as http:
            task = asyncio.ensure_future(poll(do, account_rows.account(store, id_), http, secrets, BOOK, now=lambda: NOON))
            with pytest.raises(asyncio.CancelledError):
                await task

    for after in (0, 1, 3):
        asyncio.run(run(after))
    assert ask(store, secrets, id_)[0].state is AccountState.OK
    truth = provider_server.truth("openai", 0, NOON + 1)
    assert totals(store)[:2] == (truth.total, truth.requests)


# ---------------------------------------------------------------------------------------------- trying a key


def test_trying_a_key(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    assert (
        check_here("anthropic", provider_server.url("anthropic"), Secret(KEYS["anthropic"]), now=lambda: NOON)
        == "The key works: organisation Acme."
    )
    with pytest.raises(AccountError) as refused:
        check_here("openai", provider_server.url("openai"), Secret("sk-admin-somebody-else"), now=lambda: NOON)
    assert refused.value.state is AccountState.KEY_REFUSED
    with pytest.raises(UsageError):
        check_here("acme-cloud", "https://acme.example", Secret("x"))
    with pytest.raises(UsageError):
        check_here("claude-code", "", Secret("x"))
