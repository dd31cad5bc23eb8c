"""Findings as an ``Insight``: a sentence, how it is counted, and the arithmetic line by line. No praise, no grade, no arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tokenpal.insight.modelclass import ModelClass, Shares
from tokenpal.insight.moments import short_day
from tokenpal.insight.numbers import digits, exact, join, marks, money, percent, short
from tokenpal.insight.savings import Saving
from tokenpal.insight.unlabelled import Long
from tokenpal.insight.unused import Ended
from tokenpal.insight.waste import QUESTIONS
from tokenpal.model.insight import Burn, Insight, InsightKind, Step
from tokenpal.model.money import PICO
from tokenpal.model.session import WasteReason
from tokenpal.translation import mark, tr, trn

CLASS_WORDS = {
    ModelClass.FRONTIER: mark("Frontier"), ModelClass.SMALL: mark("Small"), ModelClass.OPEN: mark("Open weights"), ModelClass.UNKNOWN: mark("Not known"),
}  # fmt: skip
REASON_WORDS = {
    WasteReason.WRONG_MODEL: mark("wrong model"), WasteReason.MISSING_CONTEXT: mark("missing context"), WasteReason.LOOP: mark("loop"),
    WasteReason.UNCLEAR_TASK: mark("unclear task"), WasteReason.TOOL_FAILURE: mark("tool failure"), WasteReason.OTHER: mark("other"),
}  # fmt: skip


def dollars(pico: int | None) -> str:
    """Picodollars as money; a dash for what is not known."""
    return money(None if pico is None else Decimal(pico) * PICO, "USD")


def per_million(pico: int | None) -> str:
    """Picodollars per token as dollars per million tokens."""
    return tr("{price} per million", price=dollars(None if pico is None else pico * 1_000_000))


def minutes(seconds: int) -> str:
    """``12 minutes``, rounded down."""
    whole = max(1, seconds // 60)
    return trn("{n} minute", "{n} minutes", whole)


def burn_sentence(burn: Burn) -> str:
    """``feature/PAY-142-retry has used 410 k in 12 minutes, more than your usual range. An agent may be looping.``"""
    return tr("{name} has used {tokens} in {minutes}, more than your usual range. An agent may be looping.",
              name=burn.name, tokens=short(burn.tokens), minutes=minutes(burn.seconds))  # fmt: skip


def burning(burn: Burn, still: int) -> Insight:
    """``still`` is until when (epoch seconds) it holds unless more use comes."""
    rate = burn.tokens * 600 // max(1, burn.seconds)
    return Insight(
        InsightKind.BURN, f"burn {burn.session}", tr("Unusual use"), burn_sentence(burn),
        (
            Step(tr("This session now"), short(rate), tr("tokens in ten minutes: {tokens} in {minutes}", tokens=exact(burn.tokens), minutes=minutes(burn.seconds))),
            Step(tr("Usually"), short(burn.median), tr("the middle of your {n} ten-minute windows with {agent}", n=digits(burn.windows), agent=burn.agent)),
            Step(tr("The upper end"), short(burn.high), tr("95 of 100 of these windows stay below")),
            Step(tr("Unusual from"), short(burn.fence), tr("twice the upper end, or three quartile distances above the third quartile if that is more")),
        ),
        (burn.session,), still,
        tr("The last four weeks are cut into windows of ten minutes for each session. A session is named once, while it runs, and you can silence it."),
    )  # fmt: skip


def unlabelled(found: Long, names: Mapping[str, str]) -> Insight:
    """``names`` are what the person knows the sessions by."""
    total = sum(tokens for _, tokens in found.sessions)
    sentence = trn("One long session has no label: {tokens} tokens.", "{n} long sessions have no label: {tokens} tokens in all.",
                   len(found.sessions), tokens=short(total))  # fmt: skip
    steps = tuple(Step(names.get(key, key), short(tokens), tr("no label")) for key, tokens in found.sessions[:8])
    rest = len(found.sessions) - len(steps)
    more = (Step(trn("{n} more", "{n} more", rest), short(sum(tokens for _, tokens in found.sessions[8:]))),) if rest else ()
    rule = tr("Long means more than {tokens} tokens: nine in ten of your {n} sessions of the last 90 days stay at or below that. Sessions that still run are left out.",
              tokens=short(found.above), n=digits(found.of))  # fmt: skip
    keys = tuple(key for key, _ in found.sessions)
    return Insight(InsightKind.UNLABELLED, f"unlabelled {keys[0]}", tr("Long sessions without a label"), sentence, (*steps, *more), keys, None, rule)


def unused(name: str, found: Sequence[Ended], zone: ZoneInfo) -> Insight:
    """``name`` is account and window: "Claude Code week"."""
    last = percent(found[-1].used / 100)
    sentence = tr("{name}: the last {n} windows ended below half, the newest at {share}.", name=name, n=len(found), share=last)
    steps = tuple(
        Step(tr("ended {day}", day=short_day(datetime.fromtimestamp(one.at, zone).date())), percent(one.used / 100),
             tr("used when it was last read, {left} left", left=percent(1 - one.used / 100)))
        for one in reversed(found)
    )  # fmt: skip
    rule = tr("Each figure is the highest use that was read in a window that is over. Windows shorter than a day, and those not read in their last fifth, are left out.")
    return Insight(InsightKind.UNUSED, f"unused {name} {found[-1].at // 86_400}", tr("Windows left unused"), sentence, steps, (), None, rule)


def wasted(reason: WasteReason, counts: Mapping[str, int], sessions: Sequence[str], period: str) -> Insight:
    """``counts`` are sessions labelled waste by reason; "" = no reason was given."""
    sentence = tr("Waste was most often “{reason}”. {question}", reason=tr(REASON_WORDS[reason]), question=tr(QUESTIONS[reason]))
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words = {one.value: text for one, text in REASON_WORDS.items()}
    steps = tuple(Step(tr(words[name]) if name in words else tr("no reason given"), digits(count), trn("session", "sessions", count)) for name, count in order)
    rule = tr("Counted are sessions that you labelled waste. The question is for your check-in; you need not answer it.")
    return Insight(InsightKind.WASTE, f"waste {reason.value} {period}", tr("A question for the check-in"), sentence, steps, tuple(sessions), None, rule)


def cached(found: Saving, period: str) -> Insight:
    """``period`` names the time it speaks of ("2026-11"), so that it can be put aside for it."""
    share = percent(found.rate)
    if found.lines:
        sentence = tr("{share} of the input came from the cache. At list price that is {amount} less than sending it anew.", share=share, amount=dollars(found.saved))
    else:
        sentence = tr("{share} of the input came from the cache. Its price is not known.", share=share)
    origins = sorted({origin_words(line.origin) for line in found.lines})
    steps = []
    for line in found.lines:
        sum_ = tr("{tokens} × ({fresh} − {cached})", tokens=exact(line.read), fresh=dollars_each(line.fresh), cached=dollars_each(line.cached))
        steps.append(Step(line.model, dollars(line.saved), join((sum_, _prices_from(origin_words(line.origin)) if len(origins) > 1 else ""))))
    if found.lines:
        input_ = tr("{read} of {prompt} input tokens", read=exact(found.read), prompt=exact(found.prompt))
        steps.append(Step(tr("Together"), dollars(found.saved), join((input_, _prices_from(origins[0]) if len(origins) == 1 else ""))))
    if found.writes > 0:
        steps.append(Step(tr("Writing to the cache"), dollars(found.writes), tr("more than the same tokens as plain input; not taken off above")))
    if found.unpriced:
        steps.append(Step(tr("Not in the sum"), short(found.unpriced), tr("tokens from the cache whose price is not known")))
    rule = tr("Tokens read from the cache times the price of fresh input less that of cached input, each by the rate its request was priced with. Prices are per million tokens.")
    return Insight(InsightKind.CACHE, f"cache {period}", tr("Cache"), sentence, tuple(steps), (), None, rule)


def classed(found: Shares, period: str) -> Insight:
    """Needs a share: some tokens of models that have a class."""
    frontier = None if found.share is None else 1 - found.share
    sentence = tr("{small} of the tokens went to small or open models, {frontier} to frontier models.", small=percent(found.share), frontier=percent(frontier))
    steps = [
        Step(one.model or tr("unknown"), short(one.tokens), join((tr(CLASS_WORDS[one.kind]), tr("{price} for output", price=per_million(one.output)) if one.output is not None else "")))
        for one in found.models[:12]
    ]  # fmt: skip
    rest = found.models[12:]
    if rest:
        steps.append(Step(trn("{n} more model", "{n} more models", len(rest)), short(sum(one.tokens for one in rest))))
    rule = tr("Open: its weights are published, by the name. Else the list price for output decides: from {price} tokens on a model counts as frontier, "
              "below as small. Without either it is left out of the shares.", price=tr("$8 per million"))  # fmt: skip
    return Insight(InsightKind.CLASSES, f"classes {period}", tr("Small and open models"), sentence, tuple(steps), (), None, rule)


def dollars_each(pico: int) -> str:
    """A price per token as dollars per million, without the words: ``$0.30``."""
    value = Decimal(pico) * PICO * 1_000_000
    text = money(value, "USD")
    # Two decimals hide what a cheap model costs: cached input at $0.075.
    return text if value == value.quantize(Decimal("0.01")) else f"${value.normalize():f}".replace(".", marks().decimal)


def _prices_from(origin: str) -> str:
    return tr("prices from {origin}", origin=origin)


def origin_words(origin: str) -> str:
    """Who says a price."""
    return tr("you") if origin == "person" else origin
