"""DeepSeek: the prepaid balance, in dollars, yuan or both (provider-apis 8.5). It tells no usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenpal.model.usage import Balance
from tokenpal.sources.balances import Call, State, Told, account, left
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, rows, text

INFO: Final = SourceInfo(
    id="deepseek",
    name="DeepSeek",
    kind=Kind.API,
    provider="deepseek",
    docs="https://api-docs.deepseek.com/api/get-user-balance",
    key="Any API key (sk-…). DeepSeek has no keys with fewer rights: make one for tokenpal alone, so that you can delete it by itself.",
    key_page="https://platform.deepseek.com/api_keys",
    tells="The prepaid balance of the account, in each of its currencies.",
    silent="No tokens, no models, no history: DeepSeek tells no usage. What your agents log is counted from their logs.",
    base_url="https://api.deepseek.com",
)
WORDS: Final = Words(
    provider="DeepSeek",
    refused="Make a new key at platform.deepseek.com, API keys, and enter it under Accounts.",
    scope="Use a key of the account itself, from platform.deepseek.com.",
    missing="Look at the address of this account; it is https://api.deepseek.com.",
)


def balances(told: Told) -> Iterator[Balance]:
    """``total_balance`` is what was granted and what was paid: its parts are not added to it."""
    for one in rows(told.data.get("balance_infos")):
        currency = text(fields(one).get("currency")).upper()
        yield from left(told, fields(one).get("total_balance"), currency, f"{currency} balance")


fetch, parse, check = account(INFO, WORDS, Call("balance", "/user/balance", "the balance", balances))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
