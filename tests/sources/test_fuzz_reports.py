"""Whatever a provider sends: no exception, no negative or absurd total, and the same sum however it is cut into pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tests.provider_server import ProviderServer
from tests.sources.accounts import reply
from tests.sources.captured import PLUGGED, Seen, captured, parsed
from tokenpal.model.tokens import CLASSES, NO_TOKENS, Tokens
from tokenpal.model.usage import KEY_BYTES, Balance, Item, LimitReading, Problem, SessionFact, Superseded, UsageRecord, Window
from tokenpal.sources import anthropic_api, litellm, openai_api, openrouter
from tokenpal.sources.buckets import Facts, Progress, Rhythm, month_after, month_start, plan, week_after
from tokenpal.sources.numbers import MAX_AMOUNT, MAX_COUNT, Notes, epoch, number

DAY = 1_795_132_800  # 2026-11-20 00:00 UTC
WINDOW = (DAY, DAY + 86_400)
# ---------------------------------------------------------------------------------------------- what a provider may send

odd_numbers = st.one_of(
    st.integers(), st.integers(0, 10**6), st.floats(), st.booleans(), st.none(), st.integers(10**5, 10**14), st.sampled_from([3_999_999, 4_000_000, 4_000_001, 4_700_000, 400_000_000, 10**30, -1, -0.0, 1e308, 2**63, 2**64]),
    st.sampled_from(["12", "1.5", "-3", "0E-6176", "1E+999999", "NaN", "Infinity", "1_000", " 7 ", "", "x", "9" * 300, "٣"]),
)  # fmt: skip
names = st.sampled_from([None, "", "m", "key_a", "a:b", 5, [], "ünï", "x" * 500, "gpt-6-astra, input_tokens", ", ", "default", "batch", "standard"])
times = st.one_of(
    st.integers(DAY // 3600, DAY // 3600 + 24).map(lambda hour: hour * 3600), odd_numbers,
    st.sampled_from(["2026-11-20T00:00:00Z", "2026-11-20", "2026-11-20T13:00:00.000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "tomorrow"]),
)  # fmt: skip
shapeless = st.recursive(
    st.one_of(odd_numbers, st.text(max_size=5)), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)


def encoded(value: Any) -> bytes:
    return json.dumps(value, default=str).encode("utf-8", "surrogatepass")


def check_items(items: list[Item], window: tuple[int, int] | None) -> None:
    total = NO_TOKENS
    for item in items:
        for money in (*getattr(item, "money", ()), *(getattr(item, name, None) for name in ("used", "limit", "left"))):
            assert money is None or abs(money.pico) <= 2**62
        assert isinstance(item, UsageRecord | Superseded | Window | SessionFact | LimitReading | Balance | Problem)
        if isinstance(item, UsageRecord):
            assert len(item.key) == KEY_BYTES
            assert window is None or window[0] <= item.at < window[1]
            assert 0 < item.at < 2**40
            assert all(0 <= getattr(item.tokens, name) <= 1000 * MAX_COUNT for name in (*CLASSES, "reasoning"))
            assert item.tokens.reasoning <= item.tokens.output
            assert item.requests is None or 0 <= item.requests <= 1000 * MAX_COUNT
            assert all(0 < money.amount <= 1000 * MAX_AMOUNT for money in item.money)
            assert len(item.session.split(":")) == 4
            total += item.tokens
        elif isinstance(item, LimitReading):
            assert 0 <= item.used_percent < 10**15
            assert item.resets_at is None or 0 < item.resets_at < 2**40
        elif isinstance(item, Problem):
            assert item.count > 0
            assert len(item.reason) < 100
    assert total.total < 2**63


@pytest.fixture(scope="session")
def answers(provider_process: ProviderServer) -> dict[str, list[Seen]]:
    """Each provider's real answers; filled when they are asked for."""
    return {}


def seen(answers: dict[str, list[Seen]], server: ProviderServer, provider: str) -> list[Seen]:
    if provider not in answers:
        answers[provider] = captured(server, provider)
        assert answers[provider]
    return answers[provider]


@pytest.mark.parametrize("provider", PLUGGED)
@settings(max_examples=40)
@given(content=st.one_of(shapeless, st.binary(max_size=60)))
def test_no_answer_is_too_shapeless(answers: dict[str, list[Seen]], provider_process: ProviderServer, provider: str, content: Any) -> None:
    body = content if isinstance(content, bytes) else encoded(content)
    for one in seen(answers, provider_process, provider):
        items = parsed(provider, one.reply, body)
        check_items(items, one.reply.window)
        assert not any(isinstance(item, UsageRecord) for item in items)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    yield path
    if isinstance(node, dict):
        for key in node:
            yield from places(node[key], (*path, key))
    elif isinstance(node, list):
        for index in range(min(len(node), 4)):
            yield from places(node[index], (*path, index))


def short(node: Any) -> Any:
    """The document with the beginning of each list: strangeness needs no length."""
    if isinstance(node, dict):
        return {key: short(value) for key, value in node.items()}
    return [short(each) for each in node[:3]] if isinstance(node, list) else node


def bent(document: Any, edits: list[tuple[int, int, Any]]) -> Any:
    """The document with things replaced, left out or doubled; its shape stays a provider's."""
    for where, how, value in edits:
        found = [path for path in places(document) if path]
        if not found:
            return document
        *parents, last = found[where % len(found)]
        holder = document
        for step in parents:
            holder = holder[step]
        if how == 0:
            del holder[last]
        elif how == 1 and isinstance(holder, list):
            holder.append(deepcopy(holder[last]))
        else:
            holder[last] = deepcopy(value)  # or one that is drawn once would hold itself in the end
    return document


@pytest.mark.parametrize("provider", PLUGGED)
@settings(max_examples=60)
@given(edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 8), st.one_of(odd_numbers, names, times, shapeless)), min_size=1, max_size=6))
def test_no_answer_of_a_known_shape_is_too_strange(answers: dict[str, list[Seen]], provider_process: ProviderServer, provider: str, edits: Any) -> None:
    for one in seen(answers, provider_process, provider):
        try:
            document = json.loads(one.reply.body)
        except ValueError:  # not every server speaks JSON
            lines = one.reply.body.splitlines()
            for where, how, value in edits:
                place = where % len(lines)
                lines[place : place + 1] = [[], [lines[place]] * 2, [lines[place].rsplit(b" ", 1)[0] + b" " + str(value).encode("utf-8", "replace")]][min(how, 2)]
                lines = lines or [b""]
            body = b"\n".join(lines)
        else:
            body = encoded(bent(short(document), edits))
        first = msgspec.structs.replace(one.reply, page=1, final=True)
        check_items(parsed(provider, first, body), one.reply.window)


# ---------------------------------------------------------------------------------------------- pages

plain_rows = st.lists(
    st.tuples(st.integers(0, 23), st.sampled_from(["m", "n"]), st.sampled_from(["key_a", "key_b", None]), st.integers(0, 10**6), st.integers(0, 10**6)),
    max_size=12,
)


def page(source: Any, endpoint: str, generation: str, rows: list[tuple[int, str, str | None, int, int]]) -> bytes:
    """A well-formed page with these rows."""
    if source is openai_api and endpoint != "costs":
        data: Any = [{"start_time": DAY + h * 3600, "end_time": DAY + h * 3600 + 3600, "results": [
            {"model": m, "api_key_id": k, "input_tokens": i, "output_tokens": o, "num_model_requests": 1}]} for h, m, k, i, o in rows]  # fmt: skip
        return encoded({"data": data})
    if source is openai_api:
        return encoded({"data": [{"start_time": DAY, "end_time": DAY + 86_400, "results": [
            {"amount": {"value": i, "currency": "usd"}, "line_item": f"{m}, x", "api_key_id": k}]} for _, m, k, i, _ in rows]})  # fmt: skip
    if source is anthropic_api:
        times = [{"starting_at": f"2026-11-20T{h:02d}:00:00Z", "ending_at": f"2026-11-20T{h:02d}:59:00Z"} for h, *_ in rows]
        figures = [{"uncached_input_tokens": i, "output_tokens": o, "amount": str(i)} for _, _, _, i, o in rows]
        owners = [{"model": m, "api_key_id": k} for _, m, k, _, _ in rows]
        if generation:
            return encoded({"data": [{**t, "results": [{**f, **g}]} for t, f, g in zip(times, figures, owners, strict=True)]})
        return encoded({"data": [{**t, endpoint: f, "group": g} for t, f, g in zip(times, figures, owners, strict=True)]})
    if source is openrouter:
        found = [{"date": "2026-11-20", "date__hour": f"2026-11-20T{h:02d}:00:00Z", "model": m, "api_key_id": k, "prompt_tokens": i, "tokens_prompt": str(i),
                  "completion_tokens": o, "tokens_completion": o, "usage": i, "total_usage": i} for h, m, k, i, o in rows]  # fmt: skip
        return encoded({"data": found if generation == "activity" else {"data": found}})
    return encoded({"results": [{"date": "2026-11-20", "breakdown": {"models": {m: {"metrics": {"prompt_tokens": i, "completion_tokens": o, "spend": i, "api_requests": 1}}}}}
                                for _, m, _, i, o in rows]})  # fmt: skip


PAGED: list[tuple[Any, str, str]] = [
    (openai_api, "usage/completions", ""),
    (openai_api, "costs", ""),
    (anthropic_api, "usage", ""),
    (anthropic_api, "usage", "legacy"),
    (anthropic_api, "cost", ""),
    (anthropic_api, "cost", "legacy"),
    (openrouter, "activity", "activity"),
    (openrouter, "activity", "hour"),
    (litellm, "daily activity", ""),
]


@pytest.mark.parametrize(("source", "endpoint", "generation"), PAGED, ids=[f"{s.INFO.id} {e} {g}".strip() for s, e, g in PAGED])
@settings(max_examples=30)
@given(rows=plain_rows, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_any_cut_into_pages_gives_the_same_records(source: Any, endpoint: str, generation: str, rows: Any, cuts: list[int]) -> None:
    def read(pieces: list[Any]) -> tuple[set[Any], Tokens, Decimal]:
        state, items = None, []
        for number_, piece in enumerate(pieces, 1):
            said = reply(endpoint, page(source, endpoint, generation, piece), WINDOW, page=number_, final=number_ == len(pieces), facts=Facts(7, generation, WINDOW))
            state, found = source.parse(state, said)
            items += found
        records = [item for item in items if isinstance(item, UsageRecord)]
        assert len({r.key for r in records}) == len(records)
        assert [item for item in items if isinstance(item, Window)] == [Window(endpoint, *WINDOW)]
        total = sum((r.tokens for r in records), NO_TOKENS)
        return set(records), total, sum((m.amount for r in records for m in r.money), Decimal(0))

    edges = sorted({0, *(min(cut, len(rows)) for cut in cuts), len(rows)})
    pieces = [rows[a:b] for a, b in pairwise(edges)] or [rows]
    one, many = read([rows]), read(pieces)
    assert one == many
    if endpoint not in {"costs", "cost"}:
        assert one[1].total == sum(i + o for *_, i, o in rows)
    if endpoint == "cost":
        assert one[2] == Decimal(sum(row[3] for row in rows)) / 100  # cents
    if endpoint in {"costs", "activity", "daily activity"}:
        assert one[2] == sum(row[3] for row in rows)


# ---------------------------------------------------------------------------------------------- numbers and days


@given(value=st.one_of(odd_numbers, shapeless, st.decimals()))
def test_numbers_are_numbers_or_nothing(value: Any) -> None:
    found = number(value)
    assert found is None or found.is_finite()
    notes = Notes("x", "y")
    count = notes.count(value)
    assert count is None or 0 <= count <= MAX_COUNT
    moment = epoch(value)
    assert moment is None or isinstance(moment, int)


@given(
    first=st.integers(-200, 0), until=st.integers(-200, 1), hours=st.integers(-200, 0), wide_ago=st.integers(0, 200_000), since=st.none() | st.integers(-400, 5),
    day_span=st.integers(1, 90), hour_span=st.integers(0, 9), wide=st.sampled_from([0, 35]), new=st.booleans(), second=st.integers(0, 86_399),
)  # fmt: skip
def test_plans_cover_every_day_that_is_due_once(
    first: int, until: int, hours: int, wide_ago: int, since: int | None, day_span: int, hour_span: int, wide: int, new: bool, second: int
) -> None:
    today = 20_778
    now = today * 86_400 + second
    rhythm = Rhythm(day_span, hour_span, wide)
    progress = Progress() if new else Progress(today + min(first, until), today + until, today + hours, now - wide_ago)
    spans = list(plan(progress, now, None if since is None else (today + since) * 86_400, rhythm))
    days = [day for span in spans for day in range(span.start // 86_400, span.end // 86_400)]
    assert len(days) == len(set(days))
    assert today in days
    must = {today - n for n in range(4)} if not new else set(range(today - 89, today + 1))
    if since is not None:
        must = set(range(today + since, today + 1))
    if not new:
        must |= set(range(min(progress.until, today) - 3, today + 1))
        if since is None and wide and wide_ago >= 86_400:
            must |= set(range(today - 34, today + 1))
        known = min(progress.first, today - 89 if since is None else today + since)
        must = {day for day in must if day >= known}
    assert must <= set(days)
    assert all(span.end - span.start <= (hour_span if span.hourly else day_span) * 86_400 for span in spans)
    assert all(day <= today for day in days)
    end = spans[-1].after
    assert end.until == max(progress.until, today) or progress.until > today
    assert end.first == min(days + ([] if new else [progress.first]))
    again = list(plan(end, now, None, rhythm))
    assert sum(span.end - span.start for span in again) <= 4 * 86_400 or not new or (since is not None and since > -89)  # closed days rest


@given(at=st.integers(0, 4_000_000_000))
def test_calendar_edges_in_utc(at: int) -> None:
    from datetime import UTC, datetime

    assert month_start(at) <= at < month_after(at)
    assert (datetime.fromtimestamp(month_after(at), UTC).day, month_after(at) % 86_400) == (1, 0)
    assert at < week_after(at) <= at + 7 * 86_400
    assert datetime.fromtimestamp(week_after(at), UTC).weekday() == 0
