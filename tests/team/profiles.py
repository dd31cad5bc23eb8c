"""Made-up people with real profiles: a data file with weeks of use, labelled sessions, tasks and notes, and a credential store of their own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import keyring.backend
import keyring.errors

from tests.share.linking import Person, Week, week
from tokenpal.model.session import Label
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord, stable_key
from tokenpal.share.protocol import epochs
from tokenpal.store.accounts import ensure_log_account
from tokenpal.store.database import Store
from tokenpal.store.journal import annotate
from tokenpal.store.ledger import Batch, Rules, apply

LABELS = (Label.EXPLORATION, Label.DELIVERED, Label.WASTE, None)


class Keyring(keyring.backend.KeyringBackend):
    """A credential store that outlives the program, not the test."""

    priority = 0  # type: ignore[assignment]  # keyring declares a class property

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not found")


def live(
    path: Path, person: Person, weeks: Sequence[str], dice: random.Random, name: str = "s", folder: str = "/code/shop"
) -> dict[str, Week]:
    """Weeks of a person's use in a new data file. Returns what happened: epoch -> the week."""
    happened = {epoch: week(person, dice) for epoch in weeks}
    records, labels = [], {label: [] for label in LABELS}
    for epoch, one in happened.items():
        days = sorted(dice.sample(range(7), one.days))
        sessions = [label for label, count in zip(LABELS, one.labels, strict=True) for _ in range(count)]
        dice.shuffle(sessions)
        for number, label in enumerate(sessions):
            key = f"claude-code:{name}-{epoch}-{number}"
            at = epochs.start(epoch) + days[number % len(days)] * 86_400 + number * 300
            used = int(one.tokens / len(sessions)) + 1
            records.append(
                UsageRecord(stable_key(key), key, at, "claude-sonnet-4-5", Tokens(used, output=used // 9), folder=folder, branch="main")
            )
            labels[label].append(key)
    with Store.open(path, now=lambda: epochs.start(weeks[-1])) as store:
        store.execute("PRAGMA synchronous = OFF")
        account = ensure_log_account(store, "claude-code", "/logs", "Claude Code", "anthropic")
        apply(store, Batch(account, records), Rules())
        for label, keys in labels.items():
            if label is not None and keys:
                annotate(store, keys, label=label)
    return happened


def truth(one: Week) -> list[float]:
    """The shares a perfect result would add up: label mix, then days of use, in the order of a vector."""
    total = sum(one.labels)
    mix = [count / total for count in one.labels] if total else [0.0, 0.0, 0.0, 1.0]
    days = 0 if not one.days else 1 if one.days <= 2 else 2
    return [*mix, *(float(days == answer) for answer in range(3))]
