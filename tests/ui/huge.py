"""A profile that is too much for any page: names too long, right to left, with emoji; many of everything.

``fill(paths)`` makes 20,000 sessions with 200,000 requests, 60 tasks and 15 accounts; ``fill(paths, sessions=300)`` makes a small
one with the same names. Used by the window's tests and by ``python -m tests.shots --data huge``.
"""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tokenpal.engine import commands
from tokenpal.engine.rules import Rulebook
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.tasks import attribute
from tokenpal.model.events import AccountHealth, AccountState
from tokenpal.model.journal import CheckIn
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import iso_week, local_day
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Balance, Grain, Item, LimitReading, Origin, Problem, Quality, SessionFact, UsageRecord, stable_key
from tokenpal.settings import Settings
from tokenpal.store import accounts, journal, ledger, tasks
from tokenpal.store.database import Store
from tokenpal.store.maintenance import set_zone
from tokenpal.system.paths import Paths

DAY = 86_400
LONG = "The one about the payment service that has to be rewritten before the end of the quarter, second attempt, with all the tests of the first"
UNBROKEN = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz_v2_final_FINAL_really_final"
ARABIC = "إعادة كتابة خدمة الدفع"
HEBREW = "בדיקות שנופלות לפעמים"
MIXED = 'fix \u200f\u05ea\u05e9\u05dc\u05d5\u05dd\u200f retry (PAY-142) \u062b\u0645 \u0646\u0634\u0631'  # with marks of direction in it
EMOJI = "🚀🔥 Ship it 👩‍👩‍👧‍👦 café"
MARKUP = "<b>bold</b> & <img src=x>"
NAMES = (LONG, UNBROKEN, ARABIC, HEBREW, MIXED, EMOJI, MARKUP, "x", "Задача с кириллицей", "日本語のとても長いタスクの名前です、折り返しはありません")
MODELS = ("claude-opus-5", "claude-sonnet-5", "gpt-5-mini", "a-very-long-model-name-of-a-gateway/with-slashes:and-a-tag-20260901-preview", "نموذج")
REASONS = ("loop", "missing context", "wrong model", "unclear task", "tool failure")
LABELS = ("exploration", "delivered", "waste")


def fill(paths: Paths, *, now: int | None = None, sessions: int = 20_000, requests: int = 10, zone: str = "UTC", seed: int = 7) -> None:
    """Make the profile. ``requests`` for each session; ``now`` in epoch seconds."""
    paths.make()
    settings = Settings.load(paths.settings)
    settings.set("advanced.network", False)
    now = int(time.time()) if now is None else now
    moment = now
    with Store.open(paths.database, now=lambda: moment) as store:
        roll = Random(seed)
        set_zone(store, zone)
        ids = _tasks(store, now)
        keys = _use(store, roll, make_rulebook(store, Path("/nonexistent"), lambda: moment), now, sessions, requests)
        _accounts(store, make_rulebook(store, Path("/nonexistent"), lambda: moment), now)
        _words(store, roll, keys, ids, now)
        tasks.start_timer(store, ids[0], attribute, now=now - 5000)
        long = " ".join([LONG, ARABIC, EMOJI] * 30)
        for back in range(30):
            week = iso_week(local_day(now - back * 7 * DAY, ZoneInfo(zone)))
            commands.save_checkin(store, CheckIn(week, long, ARABIC, f"{UNBROKEN}\n{MARKUP}", EMOJI))


def settings_zone(zone: str):
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def _tasks(store: Store, now: int) -> list[int]:
    ids = []
    for number in range(60):
        name = NAMES[number] if number < len(NAMES) else f"Task {number} {NAMES[number % len(NAMES)]}"
        tags = tuple(f"{tag}{number % 4}" for tag in ("backend", ARABIC.replace(" ", "-"), "a-tag-that-is-far-too-long-for-a-chip", "🔥"))[: number % 5]
        ids.append(tasks.add_task(store, name[:200], tags=tags, ticket=f"PAY-{number}" if number % 3 == 0 else "", now=now - 400 * DAY).id)
    for number, task in enumerate(ids[:40]):
        tasks.add_rule(store, "branch", f"feature/{NAMES[number % len(NAMES)][:60]}-{number}-*", task, attribute=attribute, now=now - 400 * DAY)
    for task in ids[50:]:
        tasks.edit_task(store, task, done=True, now=now - 20 * DAY)
    return ids


def _use(store: Store, roll: Random, rules: Rulebook, now: int, sessions: int, requests: int) -> list[str]:
    keys: list[str] = []
    rule = ledger.Rules(None, rules.price, rules.place, attribute)
    agents = [
        accounts.ensure_log_account(store, source, f"/home/{NAMES[number][:40]}/.{source}-{number}", f"{source} {NAMES[number][:60]}", provider)
        for number, (source, provider) in enumerate([("claude-code", "anthropic"), ("codex", "openai")] * 4)
    ]
    for place, account in enumerate(agents):
        items: list[Item] = []
        source = "claude-code" if place % 2 == 0 else "codex"
        for number in range(place, sessions, len(agents)):
            key = f"{source}:session-{number}"
            keys.append(key)
            start = now - 60 - int(400 * DAY * (number / sessions) ** 1.3) - requests * 60
            folder = f"/home/me/code/{NAMES[roll.randrange(len(NAMES))]}/{number % 37}"
            branch = f"feature/{NAMES[number % len(NAMES)][:60]}-{number % 40}-{number}"
            for index in range(requests):
                read = roll.randrange(2_000, 90_000)
                items.append(
                    UsageRecord(
                        stable_key(f"huge:{number}:{index}"), key, start + index * 55, MODELS[number % len(MODELS)],
                        Tokens(roll.randrange(1, 900), read, read // 9, read // 40, 0, roll.randrange(20, 4000)), folder=folder, branch=branch,
                        sub_agent=index % 7 == 3,
                    )
                )  # fmt: skip
            items.append(SessionFact(key, version="2.1.0"))
        items += [LimitReading("5 hours", 97.4 - place * 9, now - 240, now + 6000, 300), LimitReading(LONG[:60], 12.0, now - 90_000, now + 300_000, 10_080)]
        items += [Problem(f"/home/me/.{source}/{UNBROKEN}/{n}.jsonl", f"byte {n * 4096}", LONG if n % 3 else ARABIC) for n in range(60 if place < 2 else 0)]
        for first in range(0, len(items), 4000):
            ledger.apply(store, ledger.Batch(account, items[first : first + 4000]), rule)
        accounts.set_health(store, AccountHealth(account, AccountState.OK if place else AccountState.UNREADABLE, LONG if not place else "", LONG if not place else "", now - 40))
    return keys


def _accounts(store: Store, rules: Rulebook, now: int) -> None:
    states = list(AccountState)
    rule = ledger.Rules(None, rules.price, rules.place, attribute)
    for number, source in enumerate(("openai", "anthropic", "openrouter", "litellm") * 2):
        if number == 7:
            break
        name = f"{NAMES[number]} {source}"[:120]
        account = accounts.add_account(store, source, name, source if source != "litellm" else "", root="https://api.example.org/" + "a" * 90, secret=f"x/{number}")
        day = now // DAY * DAY
        items: list[Item] = [
            UsageRecord(
                stable_key(f"huge:api:{number}:{back}"), f"{source}:{number}:{back}", day - back * DAY, "gpt-5-mini", Tokens(900_000, 100_000, 0, 0, 0, 80_000),
                grain=Grain.DAY, origin=Origin.REPORTED, quality=Quality.AGGREGATE, requests=None if number % 2 else 40,
                money=(Money.of(MoneyKind.CASH, "1234.56", "USD" if number % 2 else "EUR"),),
            )
            for back in range(1, 40)
        ]  # fmt: skip
        items.append(Balance("credits", Money.of(MoneyKind.CREDITS, "12345.60"), now - 700))
        ledger.apply(store, ledger.Batch(account, items), rule)
        state = states[(number * 2 + 1) % len(states)]
        accounts.set_health(store, AccountHealth(account, state, f"{name} did not answer. {LONG}.", LONG, now - 86_000, now + 9000))


def _words(store: Store, roll: Random, keys: list[str], ids: list[int], now: int) -> None:
    groups: dict[tuple[str, str | None], list[str]] = {}
    for key in keys:
        if roll.random() < 0.8:
            label = roll.choice(LABELS)
            groups.setdefault((label, roll.choice(REASONS) if label == "waste" else None), []).append(key)
    for (label, reason), some in groups.items():
        journal.annotate(store, some, label=label, reason=reason, now=now - 5 * DAY)
    for number, key in enumerate(keys[:: max(1, len(keys) // 200)]):
        journal.annotate(store, [key], note=f"{NAMES[number % len(NAMES)]}\nsecond line {LONG}", now=now - 4 * DAY)
    for place, task in enumerate(ids[:10]):
        journal.assign(store, keys[place::20], task, attribute, now=now - 3 * DAY)
    journal.change_tags(store, keys[:40], add=["spike", "a-tag-that-is-far-too-long-for-a-chip", ARABIC.replace(" ", "-")], now=now - 3 * DAY)
