"""Insights through the real store: hand-computed sums, exact against the ledger, silent without history, silenced and undone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.store import kit
from tokenpal.engine import burning, commands, insights
from tokenpal.engine.rated import by_model, rated
from tokenpal.model.errors import UsageError
from tokenpal.model.insight import Insight, InsightKind
from tokenpal.model.ranges import iso_week
from tokenpal.model.rates import Priced, Prices, Rate, Tier
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, LimitReading, SessionFact
from tokenpal.pricing.cost import cost
from tokenpal.store import ledger, rated as rate_sums, readings
from tokenpal.store.database import Store

NOW = kit.NOW
DAY = 86_400
TODAY = date(2025, 11, 21)
FIRST, UNTIL = TODAY - timedelta(days=27), TODAY + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with kit.open_store(tmp_path / "tokenpal.db") as opened:
        yield opened


def found(store: Store, kind: InsightKind) -> list[Insight]:
    return [one for one in insights.insights(store, "UTC", FIRST, UNTIL) if one.kind is kind]


def test_nothing_is_said_of_nothing(store: Store) -> None:
    assert insights.insights(store, "UTC", FIRST, UNTIL) == []
    assert burning.burning(store, NOW) == []
    assert insights.question(store, "2025-W47") == ""


# ---------------------------------------------------------------------------------------------- cache


def test_the_saving_by_hand(store: Store) -> None:
    """cheap: 20 × (3 − 1) twice, dear: 20 × (30 − 10), half of it at a price nobody knows; picodollars."""
    account = kit.log_account(store)
    kit.put(store, account, [kit.record("a"), kit.record("b", at=NOW - DAY), kit.record("c", model="dear"), kit.record("d", model="strange")])
    kit.put(store, account, [kit.record("old", at=NOW - 40 * DAY)])
    parts = [part for model, sums in by_model(store, "UTC", FIRST, UNTIL) for part in rated(store, "UTC", FIRST, UNTIL, model, sums, rate_sums.ledger_rates(store, [model])[model])]
    from tokenpal.insight.savings import saving

    whole = saving(parts)
    assert (whole.saved, whole.read, whole.unpriced) == (2 * 20 * 2 + 20 * 20, 80, 20)
    assert [line.model for line in whole.lines] == ["dear", "cheap"]
    (one,) = found(store, InsightKind.CACHE)
    assert [step.label for step in one.arithmetic] == ["dear", "cheap", "Together", "Not in the sum"]
    assert "67" in one.sentence  # 80 of 120 input tokens


STEPPED = Rate("anthropic", "stepped", Prices(3, 1, None, None, 15), "first", 0, long_context=(Tier(40, Prices(6, 2, None, None, 20)),))
LATER = Rate("anthropic", "stepped", Prices(5, 2, 7, 9, 11), "later", 0, since=NOW - DAY)


def stepped(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
    rate = {"stepped": LATER if at >= LATER.since else STEPPED, "cheap": kit.CHEAP}.get(model)
    if rate is None:
        return None
    pico = cost(rate, tokens, grain)
    return None if pico is None else Priced(pico, rate)


RULES = ledger.Rules(settle=kit.settle, price=stepped, place=lambda folder: folder, attribute=kit.attribute)
steps = st.builds(
    lambda key, **rest: kit.record(key, **rest), key=st.text("abcdefgh", min_size=1, max_size=3), at=st.integers(NOW - 3 * DAY, NOW), tokens=kit.tokens,
    model=st.sampled_from(["stepped", "stepped", "cheap", "strange"]), session=st.sampled_from(["claude-code:a", "claude-code:b"]),
    grain=st.sampled_from([Grain.REQUEST, Grain.REQUEST, Grain.HOUR]),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(steps, max_size=20), st.booleans())
def test_parts_cost_what_the_ledger_says(tmp_path_factory: pytest.TempPathFactory, items: list[Any], whole: bool) -> None:
    """Whatever rates and long-context steps were used: the parts' tokens and prices add up to the roll-ups, to the last picodollar."""
    first = FIRST if whole else TODAY - timedelta(days=1)
    with kit.open_store(tmp_path_factory.mktemp("s") / "tokenpal.db") as store:
        kit.put(store, kit.log_account(store), items, RULES)
        for model, sums in by_model(store, "UTC", first, UNTIL):
            parts = rated(store, "UTC", first, UNTIL, model, sums, rate_sums.ledger_rates(store, [model])[model])
            together = Tokens()
            for part in parts:
                together += part.tokens
            assert together == sums.tokens
            listed = sum(one.pico for one in sums.money)
            priced = [(part, part.each) for part in parts if part.each is not None]
            assert listed == sum(
                count * price for part, each in priced for count, price in zip(
                    (part.tokens.fresh_input, part.tokens.cache_read, part.tokens.cache_write_5m, part.tokens.cache_write_1h, part.tokens.cache_write_other, part.tokens.output),
                    each, strict=True) if count and price is not None
            )  # fmt: skip


# ---------------------------------------------------------------------------------------------- unusual burn


def history(store: Store, windows: int = 80, tokens: int = 20_000) -> int:
    account = kit.log_account(store)
    kit.put(store, account, [kit.record(f"h{n}", session=f"claude-code:h{n % 9}", at=NOW - 2 * DAY - n * 7200, tokens=Tokens(tokens)) for n in range(windows)])
    return account


def loop(account: int, store: Store, session: str = "claude-code:loop", minutes: int = 12, tokens: int = 17_000, **changes: Any) -> None:
    kit.put(
        store, account,
        [kit.record(f"{session}{n}", session=session, at=NOW - n * 30, tokens=Tokens(tokens), branch="feature/PAY-142-retry", folder="/p", **changes) for n in range(minutes * 2 + 1)],
    )  # fmt: skip


def test_a_loop_is_named_while_it_runs(store: Store) -> None:
    """Usually 20 k in ten minutes; 17 k each half minute for twelve minutes are 425 k."""
    account = history(store)
    loop(account, store)
    (burn,) = burning.burning(store, NOW)
    assert (burn.session, burn.name, burn.tokens, burn.seconds) == ("claude-code:loop", "feature/PAY-142-retry", 425_000, 720)
    assert (burn.median, burn.high, burn.fence, burn.windows) == (20_000, 20_000, 40_000, 80)
    (one,) = found(store, InsightKind.BURN)
    assert one.sentence == "feature/PAY-142-retry has used 425\u202fk in 12 minutes, more than your usual range. An agent may be looping."
    assert one.sessions == ("claude-code:loop",)
    assert burning.burning(store, NOW + 301) == []


def test_no_history_no_word_and_another_agents_history_is_none(store: Store) -> None:
    account = history(store, 59)
    loop(account, store)
    assert burning.burning(store, NOW) == []
    other = kit.log_account(store, "/home/me/.codex", "openai", "codex")
    kit.put(store, account, [kit.record("more", session="claude-code:h1", at=NOW - 3 * DAY - 60 * 7200, tokens=Tokens(20_000))])
    loop(other, store, "codex:loop")
    store.memory.clear()
    assert [one.session for one in burning.burning(store, NOW)] == ["claude-code:loop"]


def test_silencing_is_an_edit(store: Store) -> None:
    account = history(store)
    loop(account, store)
    loop(account, store, "claude-code:second")
    burning.silence(store, "claude-code:loop")
    assert [one.session for one in burning.burning(store, NOW)] == ["claude-code:second"]
    assert commands.undo(store) == "Silence a session"
    assert len(burning.burning(store, NOW)) == 2
    assert commands.redo(store) == "Silence a session"
    assert len(burning.burning(store, NOW)) == 1


def test_what_was_read_late_is_not_running(store: Store) -> None:
    """A first scan reads months of logs at once: nothing of it happens now."""
    history(store, 80, 900_000)
    assert burning.burning(store, NOW) == []


# ---------------------------------------------------------------------------------------------- the quiet ones


def test_long_sessions_without_a_label(store: Store) -> None:
    account = kit.log_account(store)
    kit.put(store, account, [kit.record(f"s{n}", session=f"claude-code:s{n}", at=NOW - DAY - n * 60, tokens=Tokens(n * 1000), branch=f"b{n}", folder="/p") for n in range(1, 31)])
    kit.put(store, account, [kit.record("now", session="claude-code:now", at=NOW - 5, tokens=Tokens(90_000))])
    commands.label_sessions(store, ["claude-code:s30"], label="delivered")
    (one,) = found(store, InsightKind.UNLABELLED)
    assert one.sessions == ("claude-code:s29",)  # nine in ten of 31 stay at or below 28 k; what runs is not asked for
    assert [(step.label, step.figure) for step in one.arithmetic] == [("b29", "29.0\u202fk")]
    insights.put_aside(store, one.key)
    assert found(store, InsightKind.UNLABELLED) == []
    assert commands.undo(store) == "Put an insight aside"
    assert found(store, InsightKind.UNLABELLED) == [one]


def test_waste_becomes_a_question(store: Store) -> None:
    account = kit.log_account(store)
    kit.put(store, account, [kit.record(f"s{n}", session=f"claude-code:s{n}", at=NOW - n * 60) for n in range(5)])
    week = iso_week(TODAY)
    commands.label_sessions(store, ["claude-code:s0", "claude-code:s1"], label="waste", reason="loop")
    commands.label_sessions(store, ["claude-code:s2"], label="waste", reason="wrong model")
    commands.label_sessions(store, ["claude-code:s3"], label="waste")
    assert insights.question(store, week) == "What could have stopped the loop sooner?"
    assert insights.question(store, "2025-W46") == ""
    (one,) = found(store, InsightKind.WASTE)
    assert [(step.label, step.figure) for step in one.arithmetic] == [("loop", "2"), ("no reason given", "1"), ("wrong model", "1")]
    assert set(one.sessions) == {"claude-code:s0", "claude-code:s1"}


def test_a_merged_sessions_reason_counts(store: Store) -> None:
    account = kit.log_account(store)
    kit.put(store, account, [kit.record(f"s{n}", session=f"claude-code:s{n}", at=NOW - n * 60) for n in range(3)])
    commands.label_sessions(store, ["claude-code:s0", "claude-code:s1"], label="waste", reason="loop")
    kit.put(store, account, [SessionFact("claude-code:whole", parts=("claude-code:s0",)), kit.record("s0", session="claude-code:whole", home=-1)])
    assert insights.question(store, iso_week(TODAY)) == "What could have stopped the loop sooner?"


def test_windows_left_unused(store: Store) -> None:
    account = kit.api_account(store, "plan", source="claude-plan")
    with store.transaction():
        for week, used in ((3, 41.0), (2, 38.0), (1, 29.0)):
            end = NOW - (week - 1) * 7 * DAY - 60
            readings.note_limits(store, account, [LimitReading("week", used, end - 600, end, 10_080)])
        readings.note_limits(store, account, [LimitReading("week", 5.0, NOW - 5, NOW + 7 * DAY - 60, 10_080)])
    (one,) = found(store, InsightKind.UNUSED)
    assert one.sentence == "plan week: the last 3 windows ended below half, the newest at 29\u202f%."
    assert [step.figure for step in one.arithmetic] == ["29\u202f%", "38\u202f%", "41\u202f%"]


def test_classes_of_models(store: Store) -> None:
    account = kit.log_account(store)
    kit.put(store, account, [kit.record("a", model="glm-4.6"), kit.record("b", model="strange"), kit.record("c", model="cheap")])
    (one,) = found(store, InsightKind.CLASSES)
    assert one.sentence == "100\u202f% of the tokens went to small or open models, 0\u202f% to frontier models."
    assert {step.label: step.note.partition(" ")[0] for step in one.arithmetic} == {"cheap": "Small", "glm-4.6": "Open", "strange": "Not"}


# ---------------------------------------------------------------------------------------------- another model


def test_another_models_price(store: Store) -> None:
    """10 fresh, 20 cached, 5 out: 10 × 3 + 20 × 1 + 5 × 15 = 125 against 10 × 30 + 20 × 10 + 5 × 150 = 1,250."""
    account = kit.log_account(store)
    kit.put(store, account, [kit.record("a"), kit.record("b", model="dear", at=NOW - 60 * DAY), kit.record("c", model="strange")])
    offered = insights.switch_choices(store, "UTC", FIRST, UNTIL)
    assert offered.used == (("cheap", 35), ("strange", 35))
    assert offered.priced == (("cheap", 15), ("dear", 150))
    answer = insights.model_switch(store, "UTC", FIRST, UNTIL, "cheap", "dear")
    assert (answer.result.was, answer.result.would, answer.requests, answer.origin) == (125, 1250, 1, "test")
    assert insights.model_switch(store, "UTC", FIRST, UNTIL, "strange", "cheap").result.was is None
    with pytest.raises(UsageError):
        insights.model_switch(store, "UTC", FIRST, UNTIL, "cheap", "strange")
    with pytest.raises(UsageError):
        insights.model_switch(store, "UTC", FIRST, UNTIL, "dear", "cheap")
