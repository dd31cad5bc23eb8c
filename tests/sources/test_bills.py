"""GitHub Copilot, Cursor, Together, Fireworks and xAI: units, eras, pages, whose use, and what it all adds up to (provider-apis 6.5, 8, 13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.provider_data import Use
from tests.provider_server import KEYS, ProviderServer
from tests.providers import fireworks as fireworks_answers, together as together_answers
from tests.sources.accounts import DAY, NOON, Book, asked, check, read, reply
from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, Problem, Quality, UsageRecord, Window
from tokenpal.sources import cursor, fireworks, github_copilot, together, xai
from tokenpal.sources.buckets import Facts

DATA = Path(__file__).parent.parent / "data"
THE_DAY = 1_795_132_800  # 2026-11-20 00:00 UTC
WINDOW = (THE_DAY, THE_DAY + DAY)
NOVEMBER = (1_793_491_200, 1_796_083_200)
TODAY = NOON - NOON % DAY


def parse(source: Any, endpoint: str, content: Any, window: Any = WINDOW, facts: Facts | None = None) -> tuple[list[UsageRecord], list[Any]]:
    data = (DATA / f"{content}.json").read_bytes() if isinstance(content, str) else json.dumps(content).encode()
    _, items = source.parse(None, reply(endpoint, data, window, facts=facts or Facts(7)))
    return [i for i in items if isinstance(i, UsageRecord)], [i for i in items if not isinstance(i, UsageRecord | Window)]


def money(record: UsageRecord) -> dict[str, str]:
    return {f"{m.kind.value} {m.currency}": f"{m.amount:f}" for m in record.money}


# ---------------------------------------------------------------------------------------------- GitHub Copilot


def test_github_gross_is_used_discount_covered_and_net_billed() -> None:
    records, rest = parse(github_copilot, "billing", "github-copilot/ai-credit")
    assert rest == [], "a seat fee is no use, and no trouble"
    one, two = sorted(records, key=lambda r: r.model)
    assert (one.model, money(one)) == ("Claude Sonnet 5", {"credits credits": "412.5", "plan_value USD": "4.125"})
    assert money(two) == {"credits credits": "100", "plan_value USD": "0.4", "cash USD": "0.6"}
    assert (one.tokens, one.requests, one.grain, one.session) == (Tokens(), None, Grain.DAY, "github-copilot:7:octocat:2026-11-20")


@pytest.mark.parametrize("unit", ["requests", "Requests", "ai-credits", "ai_units", "AI Credits"])
def test_github_rows_are_chosen_by_their_unit(unit: str) -> None:
    data = json.loads((DATA / "github-copilot/ai-credit.json").read_text())
    data["usageItems"] = [{**data["usageItems"][0], "unitType": unit, "sku": "whatever", "product": "else"}]
    records, rest = parse(github_copilot, "billing", data)
    assert len(records) == 1
    assert rest == []
    data["usageItems"][0]["unitType"] = "gigabytes"
    records, rest = parse(github_copilot, "billing", data)
    assert records == []
    assert [p.reason for p in rest] == ["a row has a unit that is not known; it was left out"]


@pytest.mark.parametrize("period", [{"year": 2026, "month": 11}, {"year": 2026}, {"year": 2026, "month": 11, "day": 19}, {"year": 2026, "month": 13, "day": 1}, {}])
def test_github_an_answer_about_another_time_changes_nothing(period: dict[str, int]) -> None:
    """A month in each day's place would count thirty times."""
    data = json.loads((DATA / "github-copilot/ai-credit.json").read_text()) | {"timePeriod": period}
    _, items = github_copilot.parse(None, reply("billing", json.dumps(data).encode(), WINDOW, facts=Facts(7)))
    assert items
    assert all(isinstance(item, Problem) for item in items)


def github_micros(book: Book) -> Decimal:
    return sum((m.amount for r in book.records for m in r.money if m.currency == "USD"), Decimal(0)) * 10**6


def test_github_days_come_newest_first_and_history_in_several_polls(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=80)
    book = read(provider_server, github_copilot)
    assert len(asked(provider_server, "/billing/")) == 40
    assert github_micros(book) == provider_server.truth("github-copilot", TODAY - 39 * DAY, NOON + 1).micros
    read(provider_server, github_copilot, book=book)
    read(provider_server, github_copilot, book=book)
    assert github_micros(book) == provider_server.truth("github-copilot", 0, NOON + 1).micros
    before = len(asked(provider_server, "/billing/"))
    read(provider_server, github_copilot, book=book)
    assert len(asked(provider_server, "/billing/")) - before == 4, "closed days are asked for once"


def test_github_the_era_before_june_is_in_the_other_report(provider_server: ProviderServer) -> None:
    now = 1_780_488_000  # 2026-06-03 12:00 UTC
    provider_server.world(now=now, days=6)
    book = read(provider_server, github_copilot, now=now)
    units = {(r.at < 1_780_272_000): {m.currency for m in r.money} for r in book.records}
    assert units == {True: {"premium", "USD"}, False: {"credits", "USD"}}
    assert github_micros(book) == provider_server.truth("github-copilot", 0, now + 1).micros


def test_github_a_token_without_the_permission(provider_server: ProviderServer) -> None:
    book = read(provider_server, github_copilot, key=KEYS["github-copilot no permission"])
    assert book.error is not None
    assert book.error.state is AccountState.NOT_ALLOWED
    assert "Plan" in book.error.next_step


@pytest.mark.parametrize(
    ("headers", "at"),
    [({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOON + 1800)}, NOON + 1800), ({"retry-after": "90"}, NOON + 90)],
)
def test_github_says_403_for_too_many_questions(provider_server: ProviderServer, headers: dict[str, str], at: int) -> None:
    provider_server.rule("/billing/", status=403, headers=headers)
    book = read(provider_server, github_copilot)
    assert book.error is not None
    assert (book.error.state, book.error.retry_at) == (AccountState.RATE_LIMITED, at)
    assert len(asked(provider_server, "/billing/")) == 1


# ---------------------------------------------------------------------------------------------- Cursor


def test_cursor_cents_classes_and_what_the_plan_covers() -> None:
    records, rest = parse(cursor, "events", "cursor/usage-events", facts=Facts(7, "me@example.com"))
    assert rest == []
    one, two = sorted(records, key=lambda r: r.model)
    assert (one.tokens, one.requests, one.grain) == (Tokens(fresh_input=136, cache_read=11994, cache_write_other=6112, output=470), 2, Grain.MINUTE)
    assert money(one) == {"cash USD": "0.2136", "plan_value USD": "0.0075"}
    assert (one.session, one.quality) == ("cursor:7:mine:2026-11-20", Quality.EXACT)
    assert (two.tokens, two.requests, two.money) == (Tokens(), 1, ())


def test_cursor_older_events_have_a_price_and_a_fee() -> None:
    event = json.loads((DATA / "cursor/usage-events.json").read_text())["usageEvents"][0]
    del event["chargedCents"]
    (record,), _ = parse(cursor, "events", {"usageEvents": [event]})
    assert money(record) == {"cash USD": "0.2136"}


def cursor_truth(use: Use) -> Tokens:
    return Tokens(fresh_input=use.fresh, cache_read=use.read, output=use.output)


@pytest.mark.parametrize("size", [None, 1, 7])
def test_cursor_adds_up_and_equal_events_count_each(provider_server: ProviderServer, size: int | None) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.set(cursor_page=size, cursor_many=3)
    book = read(provider_server, cursor)
    assert book.error is None
    use = provider_server.truth("cursor", 0, NOON)
    assert book.tokens() == cursor_truth(use + use + use)
    if size == 1:
        assert book.waits.count(cursor.PAUSE) == len(provider_server.requests()) - cursor.AT_ONCE, "twenty a minute for the whole team"


def test_cursor_colleagues_are_not_asked_for_and_not_kept(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=3)
    provider_server.set(cursor_others=True)
    book = read(provider_server, cursor)
    assert book.tokens() == cursor_truth(provider_server.truth("cursor", 0, NOON))
    assert {p.reason for p in book.problems} == {"an event is somebody else's; it was left out"}
    assert all(json.loads(r["body"])["email"] == "me@example.com" for r in provider_server.requests())
    assert "colleague" not in repr(book.stored)


def test_cursor_without_an_address_asks_nobody(provider_server: ProviderServer) -> None:
    book = read(provider_server, cursor, options={})
    assert book.error is not None
    assert provider_server.requests() == []


def test_cursor_an_address_without_use_is_told(provider_server: ProviderServer) -> None:
    assert "look at the address" in check(provider_server, cursor, options={"email": "typo@example.com"})
    assert "of me@example.com" in check(provider_server, cursor)


# ---------------------------------------------------------------------------------------------- Together


def test_together_line_items_by_kind_key_and_credit() -> None:
    records, rest = parse(together, "billing", "together/billing-usage", NOVEMBER)
    assert rest == []
    found = {r.session.split(":")[2]: r for r in records}
    assert found["key_1"].tokens == Tokens(fresh_input=1_250_000, cache_read=4000)
    assert money(found["key_1"]) == {"credits USD": "0.2252"}
    assert (found["key_1"].model, found["key_1"].requests, found["key_1"].quality) == ("meta-llama/Llama-4-Maverick", None, Quality.INFERRED)
    assert (found["key_2"].tokens, money(found["key_2"])) == (Tokens(output=2000), {"cash USD": "0.00118"})
    assert (found["no-key"].tokens, money(found["no-key"])) == (Tokens(), {"cash USD": "3"})


def test_together_only_mine() -> None:
    for chosen, sessions in (("key=key_1", {"key_1"}), ("key=key_1,key_2", {"key_1", "key_2"}), ("key=key_2\nproject=proj_1", set())):
        records, _ = parse(together, "billing", "together/billing-usage", NOVEMBER, Facts(7, chosen))
        assert {r.session.split(":")[2] for r in records} == sessions


def test_together_another_month_than_asked_for_changes_nothing() -> None:
    october = (NOVEMBER[0] - 31 * DAY, NOVEMBER[0])
    _, items = together.parse(None, reply("billing", (DATA / "together/billing-usage.json").read_bytes(), october, facts=Facts(7)))
    assert items
    assert all(isinstance(item, Problem) for item in items)


def together_truth(server: ProviderServer, start: int, end: int) -> tuple[Tokens, Decimal]:
    use = server.truth("together", start, end)
    storage = (end - 1) // DAY - start // DAY + (start % DAY == 0)
    return Tokens(fresh_input=use.fresh, cache_read=use.read, output=use.output), together_answers.cost(use) + Decimal("0.0001") * storage


@pytest.mark.parametrize("page", [None, 50])
def test_together_months_add_up_to_the_last_full_hour(provider_server: ProviderServer, page: int | None) -> None:
    provider_server.world(now=NOON, days=85)
    provider_server.set(together_page=page)
    book = read(provider_server, together)
    assert book.error is None
    assert (book.tokens(), book.money(NOVEMBER[0])) == (together_truth(provider_server, 0, NOON)[0], together_truth(provider_server, NOVEMBER[0], NOON)[1])
    before = len(provider_server.requests())
    read(provider_server, together, book=book)
    months = {r["query"].split("&")[0] for r in provider_server.requests()[before:]}
    assert months == {"month=2026-11"}, "a month that is over is read once"


def test_together_a_new_month_reads_the_last_one_until_it_is_settled(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=60)
    book = read(provider_server, together)
    for later, months in ((NOVEMBER[1] + 2 * DAY, 2), (NOVEMBER[1] + 6 * DAY, 2), (NOVEMBER[1] + 7 * DAY, 1)):
        provider_server.world(now=later, days=120)
        before = len(provider_server.requests())
        read(provider_server, together, book=book, now=later)
        assert len(provider_server.requests()) - before == months
    assert book.tokens(NOVEMBER[0]) == together_truth(provider_server, NOVEMBER[0], NOVEMBER[1] + 7 * DAY)[0]


def test_together_is_off_for_most_and_says_so(provider_server: ProviderServer) -> None:
    provider_server.set(together_on=False)
    book = read(provider_server, together)
    assert book.error is not None
    assert book.error.state is AccountState.NOT_AVAILABLE
    assert "support" in book.error.next_step


# ---------------------------------------------------------------------------------------------- Fireworks


def test_fireworks_money_is_units_and_billionths() -> None:
    records, rest = parse(fireworks, "costs", "fireworks/billing-summary")
    assert rest == []
    assert {r.model: money(r) for r in records} == {"": {"cash USD": "3.25"}, "kimi-k3": {"cash USD": "0.5"}}


def test_fireworks_the_sum_of_the_range_is_the_same_money_again() -> None:
    data = json.loads((DATA / "fireworks/billing-summary.json").read_text())
    del data["usageBuckets"]
    records, rest = parse(fireworks, "costs", data)
    assert records == []
    assert [p.reason for p in rest] == ["the answer is not a report; nothing was changed"]


def test_fireworks_tokens_are_texts_and_the_cache_is_not_told() -> None:
    records, rest = parse(fireworks, "usage", "fireworks/billing-usage")
    assert rest == []
    one, two = records
    assert (one.tokens, one.requests, one.quality) == (Tokens(fresh_input=1_200_000, output=120_000), None, Quality.INFERRED)
    assert (two.model, two.session) == ("accounts/fireworks/models/qwen4", "fireworks:7:key_2:2026-11-20")
    assert [r.model for r in parse(fireworks, "usage", "fireworks/billing-usage", facts=Facts(7, "key_2"))[0]] == [two.model]


@pytest.mark.parametrize("terse", [False, True])
def test_fireworks_adds_up(provider_server: ProviderServer, terse: bool) -> None:
    provider_server.world(now=NOON, days=20)
    provider_server.set(fireworks_terse=terse)
    book = read(provider_server, fireworks)
    assert book.error is None
    assert book.problems == []
    use = provider_server.truth("fireworks", 0, NOON + 1)
    assert book.tokens() == Tokens(fresh_input=use.fresh + use.read, output=use.output)
    assert book.money() * 10**6 == fireworks_answers.cost(use)


def test_fireworks_only_mine_leaves_the_costs_of_others_out(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=5)
    book = read(provider_server, fireworks)
    assert book.money() > 0
    book.cursors.clear()
    read(provider_server, fireworks, book=book, options={"api_key_id": "key_1"})
    assert {r.session.split(":")[2] for r in book.records} == {"key_1"}
    assert book.money() == 0


def test_fireworks_several_accounts_have_to_be_told_apart(provider_server: ProviderServer) -> None:
    provider_server.set(fireworks_accounts=["me-1a2b", "team"])
    book = read(provider_server, fireworks)
    assert book.error is not None
    assert "me-1a2b, team" in book.error.sentence
    assert read(provider_server, fireworks, options={"account_id": "team"}).error is None


def test_fireworks_a_member_reads_tokens_without_the_bill(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=5)
    provider_server.set(fireworks_member=True)
    book = read(provider_server, fireworks)
    assert book.tokens().total > 0
    assert book.error is not None
    assert (book.error.state, "administrator" in book.error.next_step) == (AccountState.NOT_ALLOWED, True)


# ---------------------------------------------------------------------------------------------- xAI


@pytest.mark.parametrize(("wire", "left"), [("-1000", "10"), ("250", "-2.5"), ("0", "0"), (-1000, "10"), ("-0.5", "0.005")])
def test_xai_a_negative_balance_is_credit_and_a_positive_one_is_owed(wire: Any, left: str) -> None:
    _, (balance,) = parse(xai, "balance", {"total": {"val": wire}}, None)
    assert isinstance(balance, Balance)
    assert (balance.left.amount, balance.left.kind, balance.left.currency) == (Decimal(left), MoneyKind.CREDITS, "USD")


@pytest.mark.parametrize("content", [{}, {"total": {}}, {"total": {"val": None}}, {"total": {"val": ""}}, {"total": 5}, {"total": {"val": "ten"}}])
def test_xai_a_balance_that_cannot_be_read_is_no_zero(content: Any) -> None:
    _, rest = parse(xai, "balance", content, None)
    assert [p.reason for p in rest] == ["the balance cannot be read"]


@pytest.mark.parametrize(
    ("described", "model"),
    [("grok-5 output tokens", "grok-5"), ("grok-5-mini cached prompt text tokens", "grok-5-mini"), ("grok-image-2 images", ""), ("Live search", ""), ("", "")],
)
def test_xai_the_model_is_in_the_description(described: str, model: str) -> None:
    series = {"group": [described], "dataPoints": [{"timestamp": "2026-11-20T00:00:00Z", "values": [0.42]}]}
    (record,), _ = parse(xai, "costs", {"timeSeries": [series]}, facts=Facts(7, "\ndescription", WINDOW))
    assert (record.model, money(record), record.quality) == (model, {"cash USD": "0.42"}, Quality.INFERRED)


@pytest.mark.parametrize("settings", [{}, {"xai_keys": False}, {"xai_points": 9}], ids=str)
def test_xai_adds_up(provider_server: ProviderServer, settings: dict[str, Any]) -> None:
    provider_server.world(now=NOON, days=20)
    provider_server.set(**settings)
    book = read(provider_server, xai)
    assert book.error is None
    assert book.money() * 10**6 == provider_server.truth("xai", 0, NOON + 1).micros
    groups = {r.session.split(":")[2] for r in book.records}
    assert groups == ({"no-key"} if settings == {"xai_keys": False} else {"key_1", "key_2"})


def test_xai_only_mine(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON, days=5)
    mine = {"team_id": "team_1", "api_key_id": "key_2"}
    assert {r.session.split(":")[2] for r in read(provider_server, xai, options=mine).records} == {"key_2"}
    provider_server.set(xai_keys=False)
    refused = read(provider_server, xai, options=mine)
    assert refused.error is not None
    assert refused.records == []
    assert "filter" in refused.error.next_step


@pytest.mark.parametrize("team", ["", "a/b", "team 1", "../x", "é"])
def test_xai_a_team_id_is_no_path(provider_server: ProviderServer, team: str) -> None:
    with pytest.raises(AccountError):
        check(provider_server, xai, options={"team_id": team})
    assert provider_server.requests() == []


# ---------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize(
    ("source", "mine", "other", "whole"),
    [
        (together, {"api_key_id": "key_1"}, {"api_key_id": "key_2"}, {}),
        (fireworks, {"api_key_id": "key_1"}, {"api_key_id": "key_2"}, {}),
        (xai, {"team_id": "team_1", "api_key_id": "key_1"}, {"team_id": "team_1", "api_key_id": "key_2"}, {"team_id": "team_1"}),
        (cursor, {"email": "me@example.com"}, {"email": "you@example.com"}, {"email": "ME@example.com "}),
    ],
    ids=lambda value: getattr(getattr(value, "INFO", None), "id", ""),
)
def test_two_parts_of_one_organisation_do_not_overlap(provider_server: ProviderServer, source: Any, mine: Any, other: Any, whole: Any) -> None:
    import asyncio

    from tests.sources.accounts import context
    from tokenpal.engine.poll import overlap
    from tokenpal.system.net import Http

    async def identity(options: dict[str, str]) -> str:
        async with Http() as http:
            return str(await source.identity(context(provider_server, source.INFO.id, http, NOON, Book(), options=options)))

    name: Callable[[Any], str] = lambda options: asyncio.run(identity(options))  # one line, three uses
    assert not overlap(name(mine), name(other))
    assert overlap(name(mine), name(whole))
    assert overlap(name(mine), name(mine))
