"""How the sample person's plan windows and balance went: readings as an agent would have left them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading

HOUR: Final = 3600
DAY: Final = 86_400
WINDOWS: Final = {  # name, used now, minutes, seconds until the reset, share of the way that the last stretch made
    "Claude Code": (("5 hours", 62.0, 300, 2 * HOUR + 900, 0.33), ("week", 41.0, 10_080, 3 * DAY, 0.3)),
    "Codex": (("5 hours", 23.0, 300, HOUR, 0.1), ("week", 88.0, 10_080, 2 * DAY + 7200, 0.4)),
}
STEPS: Final = 12


def windows(agent: str, now: int, seed: int) -> list[LimitReading]:
    """Readings of this agent's windows since each began, oldest first; the newest is four minutes old."""
    found: list[LimitReading] = []
    for name, used, minutes, left, late in WINDOWS.get(agent, ()):
        roll = Random(f"{seed}{agent}{name}")
        newest, resets = now - 240, now + left
        start = resets - minutes * 60
        recent = newest - max(HOUR, (newest - start) // 3)
        marks = [(start + (recent - start) * step // STEPS, used * (1 - late) * step / STEPS) for step in range(1, STEPS + 1)]
        marks += [(recent + (newest - recent) * step // STEPS, used * (1 - late + late * step / STEPS)) for step in range(1, STEPS)]
        for at, percent in marks:
            found.append(LimitReading(name, float(round(percent * roll.uniform(0.97, 1.0))), at, resets, minutes))
        found.append(LimitReading(name, used, newest, resets, minutes))
    return found


def balance(now: int, seed: int) -> list[Balance]:
    """Prepaid credits over three weeks, topped up once."""
    roll = Random(f"{seed}balance")
    newest, left, found = now - 700, Decimal("12.40"), []
    for day in range(20):
        found.append(Balance("credits", Money.of(MoneyKind.CREDITS, left), newest - day * DAY))
        left += Decimal(roll.randrange(20, 190)) / 100
        if day == 8:
            left -= min(Decimal(20), left - 1)
    return found[::-1]
