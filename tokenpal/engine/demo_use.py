"""Made-up sessions for the sample data: working days, habits, and the odd runaway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine.demo_world import AGENTS, WORK, Agent
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Quality, UsageRecord, stable_key

HOURS: Final = ((9, 5), (10, 8), (11, 7), (13, 5), (14, 8), (15, 7), (16, 5), (17, 2), (20, 1))


class Session(msgspec.Struct, frozen=True):
    """One session with its requests."""

    key: str
    agent: Agent
    task: str
    start: int
    end: int
    records: tuple[UsageRecord, ...]
    parent: str = ""
    version: str = ""


def sessions(roll: Random, now: int, zone: ZoneInfo, weeks: int) -> Iterator[Session]:
    """All sessions by time. Working days are busy, weekends hardly; today has some whatever day it is."""
    today = datetime.fromtimestamp(now, zone).date()
    starts: list[int] = []
    for back in range(weeks * 7, -1, -1):
        day = today - timedelta(days=back)
        away = 24 <= back <= 27  # a few days off
        count = 0 if away else roll.choice((3, 4, 4, 5, 6, 7)) if day.weekday() < 5 else roll.choice((0, 0, 0, 1))
        for _ in range(count):
            hour = roll.choices([hour for hour, _ in HOURS], [weight for _, weight in HOURS])[0]
            starts.append(_instant(day, hour, roll.randrange(60), zone))
    starts = sorted(at for at in starts if at < now - 5400)
    starts += [now - 5 * 3600, now - 2 * 3600 - 600, now - 2400]  # this morning, and one that still runs
    fork: Session | None = None
    for number, at in enumerate(starts):
        weeks_ago = (today - datetime.fromtimestamp(at, zone).date()).days // 7
        parent = fork.key if fork is not None and roll.random() < 0.04 else ""
        fork = _session(roll, number, at, now, weeks_ago, parent)
        yield fork


def _instant(day: date, hour: int, minute: int, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(hour, minute), zone).timestamp())


def _session(roll: Random, number: int, start: int, now: int, weeks_ago: int, parent: str) -> Session:
    agent = roll.choices(AGENTS, [agent.weight for agent in AGENTS])[0]
    possible = [work for work in WORK if work.last <= weeks_ago <= work.first]
    work = roll.choices(possible, [work.weight for work in possible])[0]
    key = f"{agent.source}:{_uuid(roll)}"
    model = roll.choices([name for name, _ in agent.models], [weight for _, weight in agent.models])[0]
    runaway = roll.random() < 0.02
    count = roll.randrange(45, 70) if runaway else max(4, int(roll.gauss(20, 8)))
    branch = roll.choice(work.branches)
    records, at, context = [], start, agent.prompt // 3
    for index in range(count):
        at += roll.randrange(8, 40) if runaway else int(min(900, roll.expovariate(1 / 75))) + 5
        if at >= now - 60:
            break
        if index == count // 2 and len(work.branches) > 1 and roll.random() < 0.2:
            branch = roll.choice(work.branches)
        context = min(context + roll.randrange(200, 2600), agent.prompt * 2)
        helper = agent.source == "claude-code" and roll.random() < 0.12
        named = "claude-haiku-4-5" if helper else "qwen3-coder-local" if agent.source == "codex" and number % 29 == 7 else model
        records.append(
            UsageRecord(
                stable_key(f"demo:{number}:{index}"),
                key,
                at,
                named,
                _tokens(roll, agent, context, index),
                folder=work.folder,
                branch=branch,
                sub_agent=helper,
                quality=Quality.LOWER_BOUND if cut_short(agent, index) else Quality.EXACT,
            )
        )
    end = records[-1].at if records else start
    return Session(key, agent, work.task, start, end, tuple(records), parent, f"2.1.{230 - weeks_ago * 3}" if agent.writes else "")


def cut_short(agent: Agent, index: int) -> bool:
    """Whether the log lacks the end of this answer, as some versions of the agent did (agent-logs 3.3.11)."""
    return agent.writes and not agent.plan and index % 19 == 11


def _tokens(roll: Random, agent: Agent, context: int, index: int) -> Tokens:
    """A prompt that grows over the session, most of it from the cache after the first request."""
    cached = int(context * (agent.cached if index else 0.1) * roll.uniform(0.93, 1.0))
    rest = context - cached
    output = max(20, int(roll.lognormvariate(5.9, 0.9)))
    reasoning = int(output * roll.uniform(0.1, 0.5)) if not agent.writes else 0
    if agent.writes:
        fresh = roll.randrange(3, 40)
        hour = rest - fresh if roll.random() < 0.15 else 0
        return Tokens(fresh, cached, max(0, rest - fresh - hour), max(0, hour), 0, output, reasoning)
    return Tokens(rest, cached, 0, 0, 0, output, reasoning)


def _uuid(roll: Random) -> str:
    text = f"{roll.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
