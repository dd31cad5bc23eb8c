"""Options of an account: what is kept, what is refused, and what changes when they do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tokenpal.engine import commands, options, providers
from tokenpal.engine.poll import IDENTITY, overlap
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import AccountError, UsageError
from tokenpal.sources.base import Kind, Option, SourceInfo
from tokenpal.store import accounts, ledger
from tokenpal.store.database import Store

INFO = SourceInfo(
    "acme", "Acme", Kind.API, "acme", base_url="https://acme.example",
    options=(
        Option("team_id", "Team id", "In the address bar.", required=True),
        Option("region", "Region", "Where it is.", required=True, choices=(("world", "the world"), ("china", "China"))),
        Option("only", "Only these", "Your own keys."),
    ),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "tokenpal.db")
    yield opened
    opened.close()


def test_answers_are_checked() -> None:
    assert options.checked(INFO, {"team_id": " t1 ", "only": ""}) == {"team_id": "t1"}
    assert options.whole(INFO, {"team_id": "t1"}) == {"region": "world", "team_id": "t1"}
    for wrong in ({}, {"team_id": "  "}, {"team_id": "t", "what": "x"}, {"team_id": "t", "region": "moon"}, {"team_id": "t" * 501}, {"team_id": "a\nb"}):
        with pytest.raises(UsageError):
            options.checked(INFO, wrong)


@pytest.mark.parametrize("key", ["sk-admin-0123456789", "ghp_0123456789abcdef", "xai-0123456789", "fw_0123456789", "Bearer abcdefghijk", "crsr_0123456789"])
def test_a_key_is_no_option(key: str) -> None:
    with pytest.raises(UsageError, match="looks like a key"):
        options.checked(INFO, {"team_id": key})


def test_consent_comes_before_everything() -> None:
    unofficial = msgspec.structs.replace(INFO, unofficial="It may end.")
    options.consent(INFO, agreed=False)
    options.consent(unofficial, agreed=True)
    with pytest.raises(UsageError, match="It may end"):
        options.consent(unofficial, agreed=False)


def test_an_account_keeps_its_answers_apart_from_what_the_engine_notes(store: Store) -> None:
    account = commands.add_account(store, "xai", "grok", options={"team_id": "team_1"})
    accounts.set_options(store, account, {**accounts.options(store, account), IDENTITY: "team_1"})
    assert options.given(store, account) == {"team_id": "team_1"}
    ledger.apply(store, ledger.Batch(account, (), (Cursor("costs"),)), ledger.Rules())
    assert not commands.set_account_options(store, account, {"team_id": "team_1"})
    assert accounts.cursors(store, account), "nothing changed: nothing is read again"
    assert commands.set_account_options(store, account, {"api_key_id": "k"})
    assert options.given(store, account) == {"team_id": "team_1", "api_key_id": "k"}
    assert not accounts.cursors(store, account)
    assert IDENTITY not in accounts.options(store, account), "whose figures they are is found out anew"
    for wrong in ({"team_id": ""}, {"nothing": "x"}):
        with pytest.raises(UsageError):
            commands.set_account_options(store, account, wrong)
    assert options.given(store, account) == {"team_id": "team_1", "api_key_id": "k"}


def test_what_is_missing_is_said_when_it_is_asked(store: Store) -> None:
    account = accounts.add_account(store, "xai", "grok", "xai")
    info = providers.every()["xai"]
    with pytest.raises(AccountError, match="team id"):
        options.for_source(store, account, info)
    accounts.set_options(store, account, {options.GIVEN: {"team_id": "t", "broken": 5}})
    assert options.for_source(store, account, info) == {"team_id": "t"}
    accounts.set_options(store, account, {options.GIVEN: "broken"})
    assert options.given(store, account) == {}


def test_accounts_can_be_renamed(store: Store) -> None:
    account = commands.add_account(store, "openai", "work")
    commands.add_account(store, "openai", "home")
    commands.rename_account(store, account, " office ")
    assert accounts.account(store, account).name == "office"
    for taken in ("home", " "):
        with pytest.raises(UsageError):
            commands.rename_account(store, account, taken)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("o", "o", True), ("o\nkey=a", "o", True), ("o\nkey=a", "o\nkey=b", False), ("o\nkey=a,b", "o\nkey=b", True), ("o\nkey=a", "p\nkey=a", False),
        ("o\nkey=a\nuser=u", "o\nkey=a\nuser=v", False), ("o\nkey=a", "o\nuser=u", True), ("o\nlabel", "o\nlabel", True), ("o\nlabel", "o\nother", False),
        ("o\nlabel", "o\nkey=a", True), ("o", "", False), ("o", None, False),
    ],
)  # fmt: skip
def test_overlap(one: str, two: str | None, same: bool) -> None:
    assert overlap(one, two) is same
