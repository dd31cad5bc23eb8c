"""The person's trackers as the settings keep them."""

from __future__ import annotations

import re

from tokenpal.insight.tickets import Tickets, Tracker
from tokenpal.settings import Settings

KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{1,9}")


def chosen(settings: Settings) -> tuple[Tickets, ...]:
    """Which trackers are looked for, where they live, and which keys are theirs."""
    return tuple(
        Tickets(
            one, settings.get(f"tickets.{one.value}"), settings.get(f"tickets.{one.value}_address").strip(),
            () if one is Tracker.GITHUB else keys(settings.get(f"tickets.{one.value}_keys")),
        )
        for one in Tracker
    )  # fmt: skip


def keys(text: str) -> tuple[str, ...]:
    """PAY and OPS of "pay, OPS"; what is no key is left out."""
    return tuple(dict.fromkeys(part.upper() for part in re.split(r"[\s,;]+", text) if KEY.fullmatch(part)))
