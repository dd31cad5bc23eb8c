"""Which requests are made, in which order, and what they add up to: paging, revision, fallbacks, whose use (provider-apis 3 and 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.provider_server import KEYS, ProviderServer
from tests.sources.accounts import DAY, NOON, Book, asked, check, read
from tokenpal.model.events import AccountState
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Quality
from tokenpal.sources import anthropic_api, litellm, openai_api, openrouter
from tokenpal.sources.buckets import Progress, progress_of

SOURCES = [openai_api, anthropic_api, openrouter, litellm]
IDS = [source.INFO.id for source in SOURCES]
TODAY = NOON - NOON % DAY
HISTORY = {"openai": 90, "anthropic": 90, "openrouter": 30, "litellm": 90}


def believed(server: ProviderServer, provider: str, start: int, end: int = NOON + 1) -> tuple[Tokens, int, Decimal]:
    """What the data add up to, in the classes this provider can tell."""
    use = server.truth(provider, start, end)
    money = Decimal(use.micros).scaleb(-6)
    if provider == "openrouter":
        return Tokens(fresh_input=use.prompt, output=use.output, reasoning=use.reasoning), use.requests, money
    tokens = Tokens(use.fresh, use.read, use.write_5m, use.write_1h, use.write_other, use.output)
    return tokens, use.requests, money


def told(book: Book, start: int = 0, end: int = 2**40) -> tuple[Tokens, int | None, Decimal]:
    return book.tokens(start, end), book.requests(start, end), book.money(start, end)


def starts(server: ProviderServer, path: str) -> list[str]:
    names = ("start_time", "starting_at", "start_date")
    return [dict(parse_qsl(r["query"]))[name] for r in asked(server, path) for name in names if name in dict(parse_qsl(r["query"]))]


# ---------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_a_new_account_is_read_with_its_history(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON, days=40)
    book = read(provider_server, source)
    assert book.error is None
    assert book.problems == []
    name = source.INFO.id
    assert told(book) == believed(provider_server, name, TODAY - (HISTORY[name] - 1) * DAY)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize("size", [2, 5, 24])
def test_pages_may_be_cut_anywhere(provider_server: ProviderServer, source: Any, size: int) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.set(max_buckets=size, max_rows=size, aggregated=False, truncate=max(8, size))
    book = read(provider_server, source)
    assert book.error is None
    assert told(book) == believed(provider_server, source.INFO.id, 0)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_the_second_poll_changes_nothing_and_asks_for_little(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON)
    book = read(provider_server, source)
    before, first = dict(book.stored), len(provider_server.requests())
    read(provider_server, source, book=book)
    assert book.stored == before
    assert len(provider_server.requests()) - first <= 7


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_recent_days_are_replaced_and_what_vanished_is_gone(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON)
    book = read(provider_server, source)
    old = told(book, 0, TODAY - 3 * DAY)
    name = source.INFO.id
    gone = {"openai": "gpt-6-mini", "anthropic": "claude-haiku-5", "openrouter": "qwen/qwen4-coder", "litellm": "llama-5-70b"}[name]
    provider_server.world(seed=2, hidden=[gone])
    read(provider_server, source, book=book)
    assert told(book, TODAY - 3 * DAY) == believed(provider_server, name, TODAY - 3 * DAY)
    assert told(book, 0, TODAY - 3 * DAY) == old  # closed days are not asked for again
    assert gone not in {r.model for r in book.records if r.at >= TODAY - 3 * DAY}


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize("away", [1, 5, 40])
def test_days_away_are_read_later(provider_server: ProviderServer, source: Any, away: int) -> None:
    provider_server.world(now=NOON - away * DAY, days=20)
    book = read(provider_server, source, now=NOON - away * DAY)
    provider_server.world(now=NOON, days=20 + away)
    read(provider_server, source, book=book)
    assert book.error is None
    assert told(book) == believed(provider_server, source.INFO.id, 0)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_since_reads_further_back_and_closed_days_again(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON, days=140)
    book = read(provider_server, source)
    provider_server.world(seed=3)
    read(provider_server, source, book=book, since=TODAY - 120 * DAY)
    assert book.error is None
    assert told(book, TODAY - 120 * DAY) == believed(provider_server, source.INFO.id, TODAY - 120 * DAY)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_a_first_poll_that_breaks_off_goes_on_later(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON)
    provider_server.rule("completions|analytics/(usage|query)|aggregated", status=500, skip=3)
    book = read(provider_server, source)
    assert book.error is not None
    assert book.error.state is AccountState.PROVIDER_PROBLEM
    assert book.tokens().total > 0  # the newest days are there
    provider_server.reset()
    provider_server.world(now=NOON)
    read(provider_server, source, book=book)
    assert book.error is None
    name = source.INFO.id
    assert told(book) == believed(provider_server, name, TODAY - (HISTORY[name] - 1) * DAY)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_sessions_are_days_of_a_key(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON, days=4)
    book = read(provider_server, source)
    for record in book.records:
        provider, account, key, day = record.session.split(":")
        assert (provider, account) == (source.INFO.id, "7")
        assert key
        assert day == f"2026-11-{18 + (record.at - (TODAY - 3 * DAY)) // DAY}"


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_open_buckets_are_a_lower_bound(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON + 1800, days=4)
    book = read(provider_server, source, now=NOON + 1800)
    width = {Grain.HOUR: 3600, Grain.DAY: DAY}
    for record in book.records:
        is_open = record.at + width[record.grain] > NOON + 1800
        assert (record.quality is Quality.LOWER_BOUND) == is_open


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize("how", ["strings", "exponents"])
def test_numbers_in_any_spelling(provider_server: ProviderServer, source: Any, how: str) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.rule("", mutate=how)
    book = read(provider_server, source)
    assert book.error is None
    assert book.problems == []
    assert told(book) == believed(provider_server, source.INFO.id, 0)


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize("how", ["negative", "wrong", "absurd", "missing"])
def test_impossible_numbers_are_never_silent_and_never_counted(provider_server: ProviderServer, source: Any, how: str) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.rule("usage|costs?$|cost_report|activity|query", mutate=how)
    book = read(provider_server, source)
    assert book.error is None
    assert book.tokens() == Tokens()
    assert book.money() == 0
    assert book.problems or how == "missing"


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_check_says_whose_key_it_is(provider_server: ProviderServer, source: Any) -> None:
    provider_server.world(now=NOON)
    said = check(provider_server, source)
    assert said.startswith("The key works: ")
    assert said.endswith(".")
    assert len(provider_server.requests()) <= 4


# ---------------------------------------------------------------------------------------------- OpenAI


def test_openai_hours_where_recent_and_days_before(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    book = read(provider_server, openai_api)
    edge = TODAY - 34 * DAY
    usage = [r for r in book.records if r.endpoint == "usage/completions"]
    assert {r.grain for r in usage if r.at >= edge} == {Grain.HOUR}
    assert {r.grain for r in usage if r.at < edge} == {Grain.DAY}
    assert {r.grain for r in book.records if r.endpoint == "costs"} == {Grain.DAY}
    assert book.kinds() == {("cash", "USD")}


def test_openai_days_once_stored_by_the_hour_stay_so(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON - 30 * DAY, days=10)
    book = read(provider_server, openai_api, now=NOON - 30 * DAY)
    provider_server.world(now=NOON, days=40)
    read(provider_server, openai_api, book=book, since=TODAY - 39 * DAY)
    assert {r.grain for r in book.records if r.endpoint == "usage/completions"} == {Grain.HOUR}
    assert told(book) == believed(provider_server, "openai", 0)


def test_openai_arrays_in_brackets_then_plain_and_remembered(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=4)
    read(provider_server, openai_api)
    assert all("group_by%5B%5D=" in r["query"] for r in asked(provider_server, "usage/"))
    provider_server.reset()
    provider_server.world(now=NOON, days=4)
    provider_server.set(openai_arrays="plain")
    book = read(provider_server, openai_api)
    assert book.error is None
    assert told(book) == believed(provider_server, "openai", 0)
    assert sum("group_by%5B%5D=" in r["query"] for r in provider_server.requests()) == 1
    read(provider_server, openai_api, book=book)
    assert sum("group_by%5B%5D=" in r["query"] for r in provider_server.requests()) == 1


def test_openai_costs_of_35_days_once_a_day(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    book = read(provider_server, openai_api)
    for later, days in ((900, 3), (DAY, 34), (DAY + 900, 3)):
        provider_server.reset()
        provider_server.world(now=NOON + later)
        read(provider_server, openai_api, now=NOON + later, book=book)
        today = (NOON + later) // DAY * DAY
        first = min(int(start) for start in starts(provider_server, "/costs") if int(start) != 1_793_491_200)  # but for the month's sum
        assert first == today - days * DAY


def test_openai_without_a_spend_limit_or_embeddings(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.set(spend_limit=None)
    provider_server.rule("embeddings", status=404)
    book = read(provider_server, openai_api)
    assert book.error is None
    assert book.readings == []


def test_openai_spend_limit(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    (reading,) = read(provider_server, openai_api).readings
    month = provider_server.truth("openai", 1_793_491_200, NOON + 1).micros  # since 1 November
    assert reading.used is not None
    assert reading.used.amount == Decimal(month).scaleb(-6)
    assert reading.used_percent == pytest.approx(month / 500_000)


def test_one_report_that_fails_leaves_the_others_alone(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.rule("usage/completions", status=403)
    book = read(provider_server, openai_api)
    assert book.error is not None
    assert book.error.state is AccountState.NOT_ALLOWED
    assert book.tokens().total == 0
    assert book.money() == believed(provider_server, "openai", 0)[2]


# ---------------------------------------------------------------------------------------------- Anthropic


@pytest.mark.parametrize("refusal", [{"status": 404}, {"status": 400}])
def test_anthropic_falls_back_to_the_older_reports(provider_server: ProviderServer, refusal: dict[str, Any]) -> None:
    provider_server.world(now=NOON, days=40)
    provider_server.rule("analytics", **refusal)
    book = read(provider_server, anthropic_api)
    assert book.error is None
    tokens, _, money = believed(provider_server, "anthropic", 0)
    assert (book.tokens(), book.requests(), book.money()) == (tokens, None, money)
    assert len(asked(provider_server, "analytics")) == 2  # once for usage, once for cost
    read(provider_server, anthropic_api, book=book)
    assert len(asked(provider_server, "analytics")) == 2


def test_anthropic_generations_replace_each_other(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.set(analytics=False)
    book = read(provider_server, anthropic_api)
    provider_server.set(analytics=True)
    provider_server.world(now=NOON + DAY, days=4)
    read(provider_server, anthropic_api, book=book, now=NOON + DAY)
    assert told(book) == believed(provider_server, "anthropic", 0, NOON + DAY + 1)


def test_anthropic_before_the_analytics_began(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=400)
    book = read(provider_server, anthropic_api, since=TODAY - 380 * DAY)
    assert book.error is None
    assert {r["path"].rsplit("/", 1)[-1] for r in asked(provider_server, "report")} == {"messages", "cost_report"}
    assert book.tokens() == believed(provider_server, "anthropic", TODAY - 380 * DAY)[0]


def test_anthropic_headers(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=3)
    read(provider_server, anthropic_api)
    for request in provider_server.requests():
        assert request["headers"]["anthropic-version"] == "2023-06-01"
        assert request["headers"]["x-api-key"] == KEYS["anthropic"]
        assert "authorization" not in request["headers"]
        assert request["headers"]["anthropic-beta"] == "analytics-usage-cost-2026-08-24"


# ---------------------------------------------------------------------------------------------- OpenRouter


def test_openrouter_ordinary_key_reads_its_own_spend(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    book = read(provider_server, openrouter, key=KEYS["openrouter ordinary"])
    assert book.error is None
    assert book.balances == []  # 403: hidden
    (record,) = book.records
    assert (record.at, record.requests) == (TODAY, None)
    assert book.kinds() == {("credits", "USD")}
    assert [r.name for r in book.readings] == ["this key"]
    assert {r["path"].rsplit("/", 1)[-1] for r in provider_server.requests()} == {"key", "credits"}
    read(provider_server, openrouter, key=KEYS["openrouter ordinary"], book=book, now=NOON + DAY)
    assert len(book.records) == 2  # yesterday stays as it was last seen


def test_openrouter_days_of_the_activity_report_where_analytics_do_not_serve(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=40)
    provider_server.set(analytics=False)
    book = read(provider_server, openrouter)
    assert book.error is None
    assert told(book) == believed(provider_server, "openrouter", TODAY - 30 * DAY, TODAY)  # today is never there
    assert {r.grain for r in book.records} == {Grain.DAY}
    assert len(asked(provider_server, "analytics")) == 1
    provider_server.set(analytics=True)
    provider_server.world(now=NOON + DAY, days=41)
    read(provider_server, openrouter, book=book, now=NOON + DAY)
    assert told(book) == believed(provider_server, "openrouter", TODAY - 30 * DAY, NOON + DAY + 1)


def test_openrouter_yesterday_is_not_erased_while_the_report_lags(provider_server: ProviderServer) -> None:
    midnight = TODAY + 600
    provider_server.world(now=midnight, days=10)
    provider_server.set(analytics=False, activity_lag=True)
    book = read(provider_server, openrouter, now=midnight)
    assert told(book) == believed(provider_server, "openrouter", 0, TODAY - DAY)
    provider_server.set(activity_lag=False)
    read(provider_server, openrouter, now=midnight, book=book)
    assert told(book) == believed(provider_server, "openrouter", 0, TODAY)


def test_openrouter_limits_of_all_keys_and_the_balance(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=3)
    book = read(provider_server, openrouter)
    assert [r.name for r in book.readings] == ["this key", "key key 0", "key key 50", "key key 100"]
    (balance,) = book.balances
    assert balance.left.amount == Decimal("74.75")


# ---------------------------------------------------------------------------------------------- LiteLLM


@pytest.mark.parametrize("aggregated", [True, False])
def test_litellm_sums_by_the_proxy_or_page_by_page(provider_server: ProviderServer, aggregated: bool) -> None:
    provider_server.world(now=NOON, days=40)
    provider_server.set(aggregated=aggregated, max_rows=7)
    book = read(provider_server, litellm)
    assert book.error is None
    assert told(book) == believed(provider_server, "litellm", 0)
    assert book.kinds() == {("list_price", "USD")}
    assert len({r.session.split(":")[2] for r in book.records}) >= 2


@pytest.mark.parametrize("key", ["litellm", "litellm admin"])
@pytest.mark.parametrize("aggregated", [True, False])
def test_litellm_the_own_user_is_always_named(provider_server: ProviderServer, key: str, aggregated: bool) -> None:
    provider_server.world(now=NOON, days=10)
    provider_server.set(aggregated=aggregated)
    book = read(provider_server, litellm, key=KEYS[key])
    assert told(book) == believed(provider_server, "litellm", 0)
    user = "me" if key == "litellm" else "boss"
    assert all(f"user_id={user}" in r["query"] for r in asked(provider_server, "daily/activity"))


def test_litellm_admin_key_says_so(provider_server: ProviderServer) -> None:
    assert check(provider_server, litellm, KEYS["litellm admin"]) == "The key works: an admin's key. Only the use of boss@example.com is read."


def test_litellm_a_key_of_nobody_is_not_used(provider_server: ProviderServer) -> None:
    book = read(provider_server, litellm, key=KEYS["litellm service"])
    assert book.error is not None
    assert book.error.state is AccountState.NOT_ALLOWED
    assert "no user" in str(book.error)
    assert asked(provider_server, "daily") == []


def test_litellm_without_a_database(provider_server: ProviderServer) -> None:
    provider_server.set(database=False)
    book = read(provider_server, litellm)
    assert book.error is not None
    provider_server.set(database=True)
    provider_server.rule("daily", status=500, body={"error": {"message": "No DB connected", "code": "500"}})
    book = read(provider_server, litellm)
    assert book.error is not None
    assert book.error.state is AccountState.NOT_AVAILABLE
    assert "stores no spend" in str(book.error)


def test_litellm_older_proxies(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=4)
    provider_server.rule("v2/user/info", status=404)
    book = read(provider_server, litellm)
    assert told(book) == believed(provider_server, "litellm", 0)


@pytest.mark.parametrize("end", ["/v1", "/", "/v1/", ""])
def test_litellm_addresses_as_people_paste_them(provider_server: ProviderServer, end: str) -> None:
    provider_server.world(now=NOON, days=4)
    book = read(provider_server, litellm, base_url=provider_server.url("litellm") + end)
    assert told(book) == believed(provider_server, "litellm", 0)


def test_litellm_needs_an_address(provider_server: ProviderServer) -> None:
    book = read(provider_server, litellm, base_url="")
    assert book.error is not None
    assert "no address" in str(book.error)


# ---------------------------------------------------------------------------------------------- cursors


def test_a_cursor_that_cannot_be_read_starts_over(provider_server: ProviderServer) -> None:
    from tests.sources.accounts import context
    from tokenpal.sources.base import Cursor

    for state in (b"", b"\xff\xff", b"\x93\x01\x02", b"\x81\xa5first\xa1x"):
        book = Book(cursors={"costs": Cursor("costs", state=state)})
        assert progress_of(context(provider_server, "openai", None, NOON, book), "costs") == Progress()
