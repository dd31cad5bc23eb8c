"""Unofficial accounts: at most every 5 minutes, one refusal is enough, and only what the person does for them brings them back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.provider_server import KEYS, ProviderServer
from tests.sources.accounts import NOON
from tokenpal.engine import schedule, unofficial
from tokenpal.engine.accountwatch import AccountWatch
from tokenpal.engine.poll import PollReport, poll
from tokenpal.engine.rules import Rulebook
from tokenpal.model.events import AccountState
from tokenpal.model.report import AccountRow
from tokenpal.store import accounts as account_rows
from tokenpal.store.database import Store
from tokenpal.system.net import Http
from tokenpal.system.secrets import Secrets, entry_name

ID = "claude-plan"


def row(id_: int, source: str, state: str = "ok", last_success: int | None = None) -> AccountRow:
    return AccountRow(id_, source, source, "x", "api", "", "remainder", None, "", state, "", "", last_success, None, 0)


class Desk:
    """One account of the real store, asked as a running app does."""

    def __init__(self, server: ProviderServer, folder: Path, source: str = ID) -> None:
        self.server, self.memory = server, {}
        self.store = Store.open(folder / "tokenpal.db")
        self.vault = Secrets().__enter__()
        self.id = account_rows.add_account(self.store, source, source, "anthropic", root=server.url(source))
        account_rows.set_secret(self.store, self.id, entry_name("test", source, self.id))
        self.vault.put(entry_name("test", source, self.id), KEYS[source])

    def poll(self, now: int, *, asked: bool = False, forget: bool = False) -> PollReport:
        async def do(function: Any, *args: Any) -> Any:
            return function(self.store, *args)

        async def run() -> PollReport:
            async with Http() as http:
                row = account_rows.account(self.store, self.id)
                memory = {} if forget else self.memory
                return await poll(do, row, http, self.vault, Rulebook(lambda *_: None), prompt=asked, memory=memory, now=lambda: now)

        return asyncio.run(run())

    @property
    def asked(self) -> int:
        return len(self.server.requests())


@pytest.fixture
def desk(provider_server: ProviderServer, tmp_path: Path, memory_keyring: Any) -> Any:
    provider_server.world(now=NOON, days=1)
    made = Desk(provider_server, tmp_path)
    yield made
    made.vault.__exit__(None, None, None)
    made.store.close()


def test_at_most_every_five_minutes(desk: Desk) -> None:
    assert desk.poll(NOON).state is AccountState.OK
    for later, forget in ((1, False), (299, False), (299, True)):
        found = desk.poll(NOON + later, asked=True, forget=forget)
        assert (found.held, found.state, found.sentence) == (True, AccountState.OK, "")
    assert desk.asked == 1
    assert not desk.poll(NOON + 300).held
    assert desk.asked == 2


@pytest.mark.parametrize("status", [401, 403])
def test_after_a_refusal_nothing_is_asked_until_the_person_acts(desk: Desk, status: int) -> None:
    desk.server.rule(".*", status=status)
    assert "asks no more" in desk.poll(NOON).next_step
    for days in (1, 2, 100):
        found = desk.poll(NOON + days * 86_400, forget=days > 1)
        assert found.held
        assert found.state in {AccountState.KEY_REFUSED, AccountState.NOT_ALLOWED}
        assert "asks no more" in found.next_step, "and it still says why"
    assert desk.asked == 1
    assert unofficial.stopped(account_rows.account(desk.store, desk.id))
    assert not desk.poll(NOON + 101 * 86_400, asked=True).held
    assert desk.asked == 2
    desk.server.reset()
    desk.server.world(now=NOON, days=1)
    assert desk.poll(NOON + 102 * 86_400, asked=True).state is AccountState.OK
    assert not desk.poll(NOON + 103 * 86_400).held


def test_other_troubles_are_asked_again_but_not_sooner(desk: Desk) -> None:
    desk.server.rule(".*", status=500)
    desk.poll(NOON)
    assert desk.poll(NOON + 60, asked=True).held
    assert desk.asked == 1
    assert not desk.poll(NOON + 300).held
    assert desk.asked == 2


def test_official_accounts_know_no_such_rule() -> None:
    from tokenpal.sources import registry

    refused = row(1, "openrouter", state="key refused", last_success=NOON)
    assert not unofficial.held(refused, NOON + 1, {}, asked=False)
    assert not unofficial.stopped(refused)
    assert {name for name in registry.sources() if unofficial.is_unofficial(name)} == {"claude-plan", "codex-plan", "copilot-plan"}


def test_the_running_app_asks_no_sooner_whatever_the_settings_say() -> None:
    """The period has a floor, a failure waits as long, and a refresh of everything passes it by."""

    class Shared:
        settings = {"advanced.poll_minutes": 1}
        told: list[Any] = []

        def now(self) -> int:
            return NOON

        def publish(self, event: Any) -> None:
            self.told.append(event)

    shared = Shared()
    watch = AccountWatch(shared, roll=lambda: 0.5)  # type: ignore[arg-type]  # as much of it as is used
    plan, plain = row(1, ID), row(2, "openrouter")
    assert (watch._every(plan), watch._every(plain)) == (300, 60)
    watch._rows = {1: plan, 2: plain}
    watch._running = {1: None, 2: None}  # type: ignore[dict-item]  # nothing runs
    watch.slots = {1: schedule.Slot(300, NOON, NOON), 2: schedule.Slot(60, NOON, NOON)}
    watch._nudges = {1: lambda: None, 2: lambda: None}  # type: ignore[dict-item]  # as above
    watch.refresh()
    assert watch._asked == {2}
    watch.refresh(1)
    assert watch._asked == {1, 2}
    watch._asked.clear()
    for one, least in ((plan, 300), (plain, 1)):
        watch._plan(one, PollReport(one.id, one.name, AccountState.PROVIDER_PROBLEM))
        assert least <= watch.slots[one.id].due - NOON < least + 60
    shared.told.clear()
    watch._plan(plan, PollReport(1, "plan", AccountState.KEY_REFUSED, held=True))
    assert shared.told == [], "what is held was said before"
