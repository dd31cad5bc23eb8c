"""Filters of an account: only one's own keys, projects, workspaces; and which accounts of one organisation may stand side by side."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.provider_data import MODELS, NOTHING, sum_of
from tests.provider_server import KEYS, ProviderServer
from tests.sources.accounts import DAY, NOON, Book, asked, context, read
from tokenpal.engine.poll import overlap
from tokenpal.sources import anthropic_api, litellm, openai_api, openrouter
from tokenpal.system.net import Http

TODAY = NOON - NOON % DAY
LITELLM_KEY = "88dc28d0f030c55ed4ab77ed8faf0981"
ONE_KEY: list[tuple[Any, dict[str, str], str]] = [
    (openai_api, {"api_key_id": "key_laptop"}, "key_laptop"),
    (anthropic_api, {"api_key_id": "apikey_laptop"}, "apikey_laptop"),
    (anthropic_api, {"workspace_id": "wrkspc_1"}, "apikey_laptop"),
    (openrouter, {"api_key_hash": "laptop"}, "laptop"),
    (litellm, {"api_key": LITELLM_KEY}, LITELLM_KEY),
]
IDS = [f"{source.INFO.id} {next(iter(options))}" for source, options, _ in ONE_KEY]


def use_of(server: ProviderServer, provider: str, key: str, start: int = 0) -> tuple[int, int, Decimal]:
    total = NOTHING
    for model in MODELS[provider]:
        total += sum_of(server.world(), provider, start, NOON + 1, model, key)
    return total.total, total.requests, Decimal(total.micros).scaleb(-6)


def told(book: Book) -> tuple[int, int | None, Decimal]:
    return book.tokens().total, book.requests(), book.money()


@pytest.mark.parametrize(("source", "options", "key"), ONE_KEY, ids=IDS)
def test_only_one_key_is_read(provider_server: ProviderServer, source: Any, options: dict[str, str], key: str) -> None:
    provider_server.world(now=NOON, days=12)
    book = read(provider_server, source, options=options)
    assert book.error is None
    assert told(book) == use_of(provider_server, source.INFO.id, key)
    assert not [limit for limit in book.readings if limit.name == "month"], "the organisation's limit is not this part's"


@pytest.mark.parametrize(("source", "options", "key"), ONE_KEY, ids=IDS)
def test_a_filter_takes_the_place_of_everybody(provider_server: ProviderServer, source: Any, options: dict[str, str], key: str) -> None:
    """As after ``accounts set``: the account is read anew, and nothing of others stays."""
    provider_server.world(now=NOON, days=12)
    book = read(provider_server, source)
    everybody = told(book)
    book.cursors.clear()
    read(provider_server, source, book=book, options=options)
    assert told(book) == use_of(provider_server, source.INFO.id, key) < everybody


def test_an_openai_person_has_no_costs(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=12)
    book = read(provider_server, openai_api)
    book.cursors.clear()
    read(provider_server, openai_api, book=book, options={"user_id": "user-me"})
    assert told(book) == (*use_of(provider_server, "openai", "key_laptop")[:2], 0)


def test_several_keys_and_both_dialects(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=12)
    mine = {"api_key_id": "key_laptop, key_server", "project_id": "proj_1"}
    whole = told(read(provider_server, openai_api))
    for dialect in ("brackets", "plain"):
        provider_server.set(openai_arrays=dialect)
        assert told(read(provider_server, openai_api, options=mine)) == whole
    plain = [r for r in asked(provider_server, "/usage/") if ("api_key_ids", "key_server") in parse_qsl(r["query"])]
    assert plain
    assert told(read(provider_server, openai_api, options={"project_id": "proj_2"}))[0] == 0


def test_the_older_cost_report_knows_no_filter(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=12)
    provider_server.set(analytics=False)
    book = read(provider_server, anthropic_api)
    assert book.money() > 0
    book.cursors.clear()
    read(provider_server, anthropic_api, book=book, options={"api_key_id": "apikey_laptop"})
    assert (book.tokens().total, book.money()) == (use_of(provider_server, "anthropic", "apikey_laptop")[0], 0)


def test_openrouter_without_analytics_filters_the_activity(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=12)
    provider_server.set(analytics=False)
    book = read(provider_server, openrouter, options={"api_key_hash": "server"})
    yesterday = use_of(provider_server, "openrouter", "server")[0] - use_of(provider_server, "openrouter", "server", TODAY)[0]
    assert book.tokens().total == yesterday


def test_openrouter_a_key_that_it_does_not_know_is_not_everybody(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=12)
    book = read(provider_server, openrouter, options={"api_key_hash": "typo"})
    assert book.error is not None
    assert "hash" in book.error.next_step
    assert book.records == []


# ---------------------------------------------------------------------------------------------- side by side


def identity(server: ProviderServer, source: Any, options: dict[str, str], key: str) -> str:
    async def ask() -> str:
        async with Http() as http:
            return str(await source.identity(context(server, source.INFO.id, http, NOON, Book(), key, options=options)))

    return asyncio.run(ask())


SIDE_BY_SIDE: list[tuple[Any, dict[str, str], dict[str, str], bool]] = [
    (openai_api, {}, {}, True),
    (openai_api, {}, {"api_key_id": "a"}, True),
    (openai_api, {"api_key_id": "a"}, {"api_key_id": "b"}, False),
    (openai_api, {"api_key_id": "a,b"}, {"api_key_id": "b,c"}, True),
    (openai_api, {"api_key_id": "a"}, {"project_id": "p"}, True),  # a key of that project is in both
    (openai_api, {"api_key_id": "a", "project_id": "p"}, {"project_id": "q"}, False),
    (openai_api, {"user_id": "u"}, {"user_id": "v"}, False),
    (anthropic_api, {"workspace_id": "w"}, {"workspace_id": "x"}, False),
    (anthropic_api, {"workspace_id": "w"}, {"api_key_id": "a"}, True),
    (openrouter, {"api_key_hash": "a"}, {"api_key_hash": "b"}, False),
    (openrouter, {"api_key_hash": "a"}, {}, True),
    (litellm, {"api_key": "a"}, {"api_key": "b"}, False),
    (litellm, {"api_key": "a"}, {}, True),
]


@pytest.mark.parametrize(("source", "one", "two", "same"), SIDE_BY_SIDE, ids=str)
def test_accounts_of_one_organisation(provider_server: ProviderServer, source: Any, one: dict[str, str], two: dict[str, str], same: bool) -> None:
    key = KEYS[source.INFO.id]
    first, second = identity(provider_server, source, one, key), identity(provider_server, source, two, key)
    assert first
    assert overlap(first, second) is overlap(second, first) is same


def test_an_ordinary_key_is_part_of_a_filtered_account_for_all_one_knows(provider_server: ProviderServer) -> None:
    whole = identity(provider_server, openrouter, {"api_key_hash": "a"}, KEYS["openrouter"])
    assert overlap(whole, identity(provider_server, openrouter, {}, KEYS["openrouter ordinary"]))
