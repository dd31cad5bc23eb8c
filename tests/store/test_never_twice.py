"""The same use is never added twice (decisions 3): true requests, and sources that saw them in part, late, coarsely or wrong at first.

The judge knows the requests. Whatever of them logs of several agents, two providers' reports, a hand-over and a gateway saw, and in
whatever order it arrives: per UTC day, provider and class no more counts than was used, and all of it once a report is complete.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from hypothesis import given, strategies as st

from tests.store.kit import NOW, api_account, contents, log_account, open_store, put, record, rollups
from tokenpal.model.ranges import Bucket, number_day
from tokenpal.model.report import Dimension, Query
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Grain, Item, Origin, Quality, UsageRecord, Window
from tokenpal.store import accounts, maintenance
from tokenpal.store.database import Store
from tokenpal.store.report import report

DAY: Final = 86_400
FIRST: Final = NOW // DAY * DAY - 2 * DAY
END: Final = FIRST + 3 * DAY
PROVIDERS: Final = ("anthropic", "openai")
MODELS: Final = {"anthropic": ("claude-sonnet-5-20260929", "claude-opus-4-5"), "openai": ("gpt-5.1", "gpt-5.1-mini")}
WIDTHS: Final = {Grain.MINUTE: 60, Grain.HOUR: 3600, Grain.DAY: DAY}
AGENTS: Final = {"claude-code": ("anthropic",), "codex": ("openai",), "opencode": PROVIDERS, "script": PROVIDERS}  # a script leaves no log


class Request(NamedTuple):
    """What was really used, and who could know."""

    number: int
    at: int
    agent: str
    provider: str
    model: str
    tokens: Tokens
    logged: bool  # on this machine
    named: bool  # the log says which model
    halves: bool  # the log's first line of it is incomplete


class Poll(NamedTuple):
    """What a provider says at some time: of requests before ``seen``, each bucket off by ``error`` per cent."""

    seen: int
    grain: Grain
    error: int


@st.composite
def requests(draw: st.DrawFn) -> list[Request]:
    found = []
    for number in range(draw(st.integers(1, 10))):
        agent = draw(st.sampled_from(sorted(AGENTS)))
        provider = draw(st.sampled_from(AGENTS[agent]))
        counts = [draw(st.integers(0, 20)) for _ in range(4)]
        tokens = Tokens(counts[0], counts[1], counts[2], counts[3], 0, draw(st.integers(1, 20)))
        at = draw(st.one_of(st.integers(FIRST, END - 1), st.sampled_from([FIRST, FIRST + DAY - 1, FIRST + DAY, END - 1])))
        model = draw(st.sampled_from(MODELS[provider]))
        named = agent != "codex" or draw(st.booleans())
        found.append(Request(number, at, agent, provider, model, tokens, agent != "script" and draw(st.booleans()), named, draw(st.booleans())))
    return found


polls = st.lists(st.builds(Poll, st.integers(FIRST, END), st.sampled_from(sorted(WIDTHS)), st.sampled_from([0, 0, -50, -100, 40])), max_size=3)
last_poll = st.builds(Poll, st.one_of(st.just(END), st.just(END), st.integers(FIRST, END)), st.sampled_from(sorted(WIDTHS)), st.sampled_from([0, 0, -30]))


def writes(tokens: Tokens) -> int:
    return tokens.cache_write_5m + tokens.cache_write_1h + tokens.cache_write_other


def collapsed(tokens: Tokens) -> Tokens:
    """As an agent or a tool says it that does not know how long what it wrote to the cache lives."""
    return Tokens(tokens.fresh_input, tokens.cache_read, 0, 0, writes(tokens), tokens.output)


def whole_prompts(tokens: Tokens) -> Tokens:
    """As a report says it that does not know what of a prompt came from the cache."""
    return Tokens(tokens.prompt, output=tokens.output)


TOLD = {"all": lambda tokens: tokens, "writes": collapsed, "none": whole_prompts}


def off(tokens: Tokens, percent: int) -> Tokens:
    return Tokens(*(count * (100 + percent) // 100 for count in (getattr(tokens, name) for name in Tokens.__struct_fields__)))


def logged(request: Request) -> Iterator[UsageRecord]:
    """The lines of an agent's log on one request."""
    several = request.agent == "opencode"
    whole = record(
        f"{request.agent} {request.number}", session=f"{request.agent}:{request.number % 3}", at=request.at,
        model=request.model.removesuffix("-20260929") if request.named else "", tokens=collapsed(request.tokens) if several else request.tokens,
        provider=request.provider if several else "",
    )  # fmt: skip
    if request.halves:
        half = Tokens(whole.tokens.fresh_input, whole.tokens.cache_read, output=request.tokens.output // 2)
        yield record(f"{request.agent} {request.number}", session=whole.session, at=whole.at, model=whole.model, tokens=half,
                     provider=whole.provider, quality=Quality.LOWER_BOUND)  # fmt: skip
    yield whole


def bucketed(seen: Sequence[Request], grain: Grain, error: int, name: str, *, coarse: str, endpoint: str, several: bool = False) -> list[UsageRecord]:
    """Sums by time, provider and model."""
    sums: dict[tuple[int, str, str], Tokens] = {}
    calls: Counter[tuple[int, str, str]] = Counter()
    for request in seen:
        place = (request.at // WIDTHS[grain] * WIDTHS[grain], request.provider, request.model)
        sums[place] = sums.get(place, NO_TOKENS) + TOLD[coarse](request.tokens)
        calls[place] += 1
    return [
        record(
            f"{name} {at} {provider} {model}", session=f"{name}:1:{at // DAY}", at=at, model=model, tokens=off(tokens, error), requests=calls[at, provider, model],
            grain=grain, endpoint=endpoint, origin=Origin.REPORTED, provider=provider if several else "",
            quality=Quality.INFERRED if coarse == "none" else Quality.EXACT,
        )
        for (at, provider, model), tokens in sorted(sums.items())
    ]  # fmt: skip


class World(NamedTuple):
    """All that is drawn."""

    true: list[Request]
    polls: dict[str, list[Poll]]  # by provider; the last one is honest: it may be incomplete
    coarse: dict[str, str]  # what the report tells apart: "all", not how long writes to the cache live ("writes"), or no cache at all ("none")
    handed: list[Request]  # what somebody else's tool counted of the same requests
    handed_grain: Grain
    mirrored: list[Request]  # what a gateway saw of those of Anthropic
    mirror_late: bool
    order: random.Random


@st.composite
def worlds(draw: st.DrawFn) -> World:
    true = draw(requests())
    says = {provider: [*draw(polls), draw(last_poll)] if draw(st.booleans()) else [] for provider in PROVIDERS}
    handed = [request for request in true if draw(st.booleans())] if draw(st.booleans()) else []
    mirrored = [request for request in true if request.provider == "anthropic" and draw(st.booleans())]
    return World(
        true, says, {provider: draw(st.sampled_from(["all", "all", "writes", "none"])) for provider in PROVIDERS}, handed, draw(st.sampled_from(sorted(WIDTHS))), mirrored,
        draw(st.booleans()), draw(st.randoms(use_true_random=False)),
    )  # fmt: skip


Step = tuple[str, list[Item], bool]  # who says it, what, and whether it is no more than was used


def steps(world: World, rnd: random.Random) -> list[Step]:
    """Everything that arrives, in one of its orders: a report's answers follow one another, everything else comes when it comes."""
    lines: list[tuple[str, Item]] = [(one.agent, line) for one in world.true if one.logged for line in logged(one)]
    loose: list[list[Step]] = [[(agent, [line], True)] for agent, line in lines]
    for provider, answers in world.polls.items():
        chain: list[Step] = []
        for poll in answers:
            seen = [one for one in world.true if one.provider == provider and one.at < poll.seen]
            told = bucketed(seen, poll.grain, poll.error, provider, coarse=world.coarse[provider], endpoint="usage")
            rnd.shuffle(told)
            chain.append((provider, [Window("usage", FIRST, END), *told], poll.error <= 0))
        loose.append(chain)
    loose.append([("handed", [one], True) for one in bucketed(world.handed, world.handed_grain, 0, "tool", coarse="writes", endpoint="import", several=True)])
    loose.append([("gateway", [one], True) for one in bucketed(world.mirrored, Grain.HOUR, 0, "gateway", coarse="all", endpoint="usage")])
    found: list[Step] = []
    while any(loose):
        chain = rnd.choice([chain for chain in loose if chain])
        found.append(chain.pop(0))
    return found


Figures = dict[tuple[str, str], tuple[int, int, int, int]]  # day and provider -> fresh input, cache reads, cache writes, output


def classes(tokens: Tokens) -> tuple[int, int, int, int]:
    return (tokens.fresh_input, tokens.cache_read, writes(tokens), tokens.output)


def counted(store: Store) -> Figures:
    found: Figures = {}
    for day in range(3):  # one question a day: a chart of days names one dimension
        first = Query("UTC", _date(day), _date(day + 1), Bucket.DAY, Dimension.PROVIDER)
        for row in report(store, first).rows:
            found[row.bucket, row.key] = classes(row.measures.tokens)
    return {key: value for key, value in found.items() if any(value)}


def used(world: World) -> Figures:
    sums: dict[tuple[str, str], Tokens] = {}
    for one in world.true:
        key = (_date((one.at - FIRST) // DAY).isoformat(), one.provider)
        sums[key] = sums.get(key, NO_TOKENS) + one.tokens
    return {key: classes(tokens) for key, tokens in sums.items()}


def _date(day: int) -> date:
    return number_day(FIRST // DAY + day)


def comparable(world: World, provider: str, parts: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The figures as far as every source of this provider tells them apart."""
    return (sum(parts[:3]), parts[3]) if world.coarse[provider] == "none" else parts


def no_more(store: Store, world: World) -> None:
    truth = used(world)
    for key, parts in counted(store).items():
        here, there = comparable(world, key[1], parts), comparable(world, key[1], truth.get(key, (0, 0, 0, 0)))
        assert all(part <= whole for part, whole in zip(here, there, strict=True)), (key, parts, truth.get(key))


def play(store: Store, world: World, rnd: random.Random) -> None:
    """All steps; as long as nobody says more than is true, never more than is true counts."""
    who = {agent: log_account(store, f"/{agent}", "any" if agent == "opencode" else AGENTS[agent][0], agent) for agent in ("claude-code", "codex", "opencode")}
    who |= {provider: api_account(store, provider, provider, source=provider) for provider in PROVIDERS}
    who["handed"] = accounts.add_account(store, "jsonl", "handed", "any", kind="inbox")
    who["gateway"] = api_account(store, "gateway", "anthropic", source="litellm", counts="remainder")
    if not world.mirror_late:
        maintenance.set_counts(store, who["gateway"], "remainder", who["anthropic"], None)
    says_more: set[str] = set()
    for name, items, honest in steps(world, rnd):
        put(store, who[name], items)
        says_more -= {name}
        if not honest:
            says_more.add(name)
        if not says_more and not world.mirror_late:
            no_more(store, world)
    if world.mirror_late:
        maintenance.set_counts(store, who["gateway"], "remainder", who["anthropic"], None)


@given(worlds())
def test_no_more_counts_than_was_used_and_all_of_it_when_a_report_is_complete(world: World) -> None:
    found = []
    with TemporaryDirectory() as folder:
        for number in range(2):
            with open_store(Path(folder) / f"{number}.db") as store:
                play(store, world, random.Random(world.order.random()))
                no_more(store, world)
                for (day, provider), whole in used(world).items():
                    last = world.polls[provider][-1:]
                    told = any(poll.seen == END and poll.error == 0 for poll in last)
                    on_the_day = [one for one in world.true if one.provider == provider and _date((one.at - FIRST) // DAY).isoformat() == day]
                    if told or all(one.logged for one in on_the_day):
                        assert comparable(world, provider, counted(store)[day, provider]) == comparable(world, provider, whole)
                before = rollups(store)
                maintenance.rebuild(store)
                assert rollups(store) == before
                found.append(contents(store))
    assert found[0] == found[1], "whatever comes first"
