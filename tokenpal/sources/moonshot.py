"""Moonshot: the prepaid balance; its currency follows the site (provider-apis 8.5). It tells no usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tokenpal.model.usage import Balance
from tokenpal.sources.balances import Call, State, Told, account, left, region
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, number

PLACES: Final = {"world": "https://api.moonshot.ai", "china": "https://api.moonshot.cn"}
INFO: Final = SourceInfo(
    id="moonshot",
    name="Moonshot (Kimi API)",
    kind=Kind.API,
    provider="moonshot",
    docs="https://platform.moonshot.ai/docs/api/misc",
    key="Any API key (sk-…) of the site that your account is at. There are no keys with fewer rights: make one for tokenpal alone.",
    key_page="https://platform.moonshot.ai/console/api-keys",
    tells="The available balance of the account: dollars at moonshot.ai, yuan at moonshot.cn.",
    silent="No tokens, no models, no history: Moonshot tells no usage. A Kimi Code plan is an account of its own.",
    base_url=PLACES["world"],
    options=(region(("world", "moonshot.ai, in dollars"), ("china", "moonshot.cn, in yuan")),),
)
WORDS: Final = Words(
    provider="Moonshot",
    refused="Look at the site of this account: a key of moonshot.cn does not work at moonshot.ai. Else make a new key.",
    scope="Use a key of the account itself, from its console.",
    missing="Look at the address of this account; it is https://api.moonshot.ai or https://api.moonshot.cn.",
)


def refusal(data: Any) -> int:
    """``code`` other than 0 is an error, whatever the status says."""
    return 0 if number(data.get("code")) == 0 and isinstance(data.get("data"), dict) else 400


def balance(told: Told) -> Iterator[Balance]:
    """``available_balance`` is what can be spent: cash below zero is left out of it by Moonshot itself."""
    china = (urlsplit(told.place).hostname or "").endswith(".cn")
    if refusal(told.data):
        told.notes.problem("the answer is an error; nothing was changed")
        return
    yield from left(told, fields(told.data.get("data")).get("available_balance"), "CNY" if china else "USD")


fetch, parse, check = account(
    INFO, WORDS, Call("balance", "/v1/users/me/balance", "the balance", balance), refusal=refusal, places=PLACES
)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
