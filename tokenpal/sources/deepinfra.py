"""DeepInfra: prepaid credit and the spending limit (provider-apis 8.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenpal.model.usage import Item
from tokenpal.sources.balances import Call, State, Told, account, left
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import number
from tokenpal.sources.plans import window

INFO: Final = SourceInfo(
    id="deepinfra",
    name="DeepInfra",
    kind=Kind.API,
    provider="deepinfra",
    docs="https://deepinfra.com/docs",
    key="Any API key. There are no keys with fewer rights: make one for tokenpal alone, so that you can delete it by itself.",
    key_page="https://deepinfra.com/dash/api_keys",
    tells="Prepaid credit (or what is owed), and how much of your spending limit is used.",
    silent="No tokens by day: DeepInfra adds up whole months, which cannot be dated. What your agents log is counted from their logs.",
    base_url="https://api.deepinfra.com",
)
WORDS: Final = Words(
    provider="DeepInfra",
    refused="Make a new key at deepinfra.com, Dashboard, API keys, and enter it under Accounts.",
    scope="Use a key of the account itself, not one that is limited to some models.",
    missing="Look at the address of this account; it is https://api.deepinfra.com.",
)


def checklist(told: Told) -> Iterator[Item]:
    """Dollars here, cents in the reports of months. ``stripe_balance`` below zero is credit."""
    owed = number(told.data.get("stripe_balance"))
    yield from left(told, told.data.get("stripe_balance") if owed is None else owed.copy_negate() + 0 if owed.copy_abs() < 10**12 else owed, "USD")
    if told.data.get("limit") is not None:
        yield from window(told, None, name="spending limit", used=told.data.get("recent"), limit=told.data.get("limit"), unit="USD")
    if told.data.get("suspended") is True:
        told.notes.problem("DeepInfra has suspended this account; its dashboard says why")


fetch, parse, check = account(
    INFO, WORDS, Call("balance", "/payment/checklist", "the balance", checklist, params=(("compute_owed", "true"),))
)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
