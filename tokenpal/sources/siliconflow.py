"""SiliconFlow: the balance, granted and paid together (provider-apis 8.5). It tells no usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tokenpal.model.usage import Balance
from tokenpal.sources.balances import Call, State, Told, account, left, region
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words
from tokenpal.sources.numbers import fields, number

PLACES: Final = {"world": "https://api.siliconflow.com", "china": "https://api.siliconflow.cn"}
OK: Final = 20000
INFO: Final = SourceInfo(
    id="siliconflow",
    name="SiliconFlow",
    kind=Kind.API,
    provider="siliconflow",
    docs="https://docs.siliconflow.cn/en/api-reference/userinfo/get-user-info",
    key="Any API key (sk-…) of the site that your account is at. There are no keys with fewer rights: make one for tokenpal alone.",
    key_page="https://cloud.siliconflow.cn/account/ak",
    tells="The balance of the account, granted and paid together: yuan at siliconflow.cn, dollars at siliconflow.com.",
    silent="No tokens, no models, no history: SiliconFlow tells no usage. What your agents log is counted from their logs.",
    base_url=PLACES["china"],
    options=(region(("china", "siliconflow.cn, in yuan"), ("world", "siliconflow.com, in dollars")),),
)
WORDS: Final = Words(
    provider="SiliconFlow",
    refused="Look at the site of this account: a key of siliconflow.cn does not work at siliconflow.com. Else make a new key.",
    scope="Use a key of the account itself, from its console.",
    missing="Look at the address of this account; it is https://api.siliconflow.cn or https://api.siliconflow.com.",
)


def refusal(data: Any) -> int:
    """``code`` other than 20000 is an error, whatever the status says."""
    return 0 if number(data.get("code")) == OK and isinstance(data.get("data"), dict) else 400


def balance(told: Told) -> Iterator[Balance]:
    """``balance`` was granted, ``chargeBalance`` was paid, ``totalBalance`` is both. The world's site sells in dollars."""
    world = (urlsplit(told.place).hostname or "").endswith(".com")
    if refusal(told.data):
        told.notes.problem("the answer is an error; nothing was changed")
        return
    yield from left(told, fields(told.data.get("data")).get("totalBalance"), "USD" if world else "CNY")


fetch, parse, check = account(
    INFO, WORDS, Call("balance", "/v1/user/info", "the balance", balance), refusal=refusal, places=PLACES
)
__all__ = ["INFO", "State", "check", "fetch", "parse"]
