"""Made-up provider reports for the sample data: of the logs' use, and of some that no log knows, as such reports differ in life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any, Final

from msgspec import structs

from tokenpal.engine.demo_use import Session, cut_short
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Grain, Item, Origin, Quality, UsageRecord, Window, stable_key

DAY: Final = 86_400
HOUR: Final = 3_600
TOLD: Final[dict[str, Any]] = {"origin": Origin.REPORTED, "quality": Quality.AGGREGATE}


def openai(roll: Random, made: list[Session], now: int, weeks: int) -> Iterator[Item]:
    """UTC days of a team's API use, and the bill. Codex is signed in with a plan, so only its small model, which goes over a key,
    is in it; the rest is a script of the team that runs elsewhere, a little of it at midnight.
    """
    known: dict[int, tuple[Tokens, int]] = defaultdict(lambda: (NO_TOKENS, 0))
    for session in made:
        for record in session.records:
            if session.agent.provider == "openai" and record.model == "gpt-5-mini":
                moved = 120 if record.at % DAY > DAY - 900 else 0  # booked when it ended
                tokens, requests = known[(record.at + moved) // DAY]
                known[(record.at + moved) // DAY] = (tokens + record.tokens, requests + 1)
    last = datetime.fromtimestamp(now, UTC).date().toordinal() - date(1970, 1, 1).toordinal()
    for day in range(last - weeks * 7, last):
        tokens, requests = known[day]
        if (day + 3) % 7 < 5:  # 1970-01-01 was a Thursday
            fresh = roll.randrange(40_000, 220_000)
            tokens += Tokens(fresh, int(fresh * 0.4), 0, 0, 0, fresh // 9, fresh // 30)
            requests += fresh // 5000
        if not requests:
            continue
        key = f"openai:team:{day}"
        common: dict[str, Any] = {"grain": Grain.DAY, **TOLD}
        yield UsageRecord(stable_key(f"demo:report:{day}"), key, day * DAY, "gpt-5-mini", tokens, requests=requests, endpoint="usage/completions", **common)
        bill = Money.of(MoneyKind.CASH, f"{roll.uniform(0.4, 2.6):.2f}")
        yield UsageRecord(stable_key(f"demo:bill:{day}"), key, day * DAY, requests=None, money=(bill,), endpoint="costs", **common)


def corrected(told: list[Item], now: int) -> Iterator[list[Item]]:
    """The newest day that had ended long before, as it was told first and as it is told now: a little less."""
    days = [one for one in told if isinstance(one, UsageRecord) and one.endpoint != "costs" and one.at < now - 3 * DAY]
    for one in days[-1:]:
        before = structs.replace(one, tokens=one.tokens + Tokens(1_200, output=140))
        for record in (before, one):
            yield [Window(one.endpoint, one.at, one.at + DAY), record]


def anthropic(roll: Random, made: list[Session], until: int) -> Iterator[Item]:
    """Hours of a key's use up to ``until``, when it was refused: what one log root holds, whole answers where the log was cut short,
    and now and then the same person on another machine.
    """
    hours: dict[tuple[int, str], tuple[Tokens, int]] = defaultdict(lambda: (NO_TOKENS, 0))
    for number, session in enumerate(one for one in made if one.agent.writes and not one.agent.plan):
        for index, record in enumerate(session.records):
            if record.at < until:
                place = (record.at // HOUR * HOUR, record.model)
                rest = Tokens(output=record.tokens.output // 2) if cut_short(session.agent, index) else NO_TOKENS
                tokens, requests = hours[place]
                hours[place] = (tokens + record.tokens + rest, requests + 1)
        if session.start + DAY < until and number % 2:
            place = ((session.start + 7 * HOUR) // HOUR * HOUR, "claude-sonnet-4-5")
            tokens, requests = hours[place]
            hours[place] = (tokens + Tokens(roll.randrange(2_000), roll.randrange(90_000, 400_000), 9_000, 0, 0, roll.randrange(2_000, 9_000)), requests + 11)
    for (at, model), (tokens, requests) in sorted(hours.items()):
        key = stable_key(f"demo:hour:{at}:{model}")
        yield UsageRecord(key, f"anthropic:side:{at // DAY}", at, model, tokens, requests=requests, grain=Grain.HOUR, endpoint="usage", **TOLD)
