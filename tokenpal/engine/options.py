"""What an account needs besides name, address and key: checked, kept with the account, handed to its source.

The account's column of options holds the person's answers under ``given`` and beside them what the engine notes for itself
(``identity``, ``agreed``). Never a key: an answer that looks like one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tokenpal.model.errors import AccountError, UsageError
from tokenpal.model.events import AccountState
from tokenpal.sources.base import SourceInfo
from tokenpal.store import accounts
from tokenpal.store.database import Store

GIVEN: Final = "given"
AGREED: Final = "agreed"  # when the person agreed to an unofficial source, epoch seconds
LONGEST: Final = 500
KEY_LIKE: Final = re.compile(r"(sk|rk|pk|ghp|gho|github_pat|xai|fw|crsr|Bearer)[-_ ]\S{8,}", re.IGNORECASE)


def checked(info: SourceInfo, said: Mapping[str, str]) -> dict[str, str]:
    """The answers worth keeping: known names, no empty ones. Raises UsageError, before anybody is asked for a key."""
    known = {option.id: option for option in info.options}
    for name in said:
        if name not in known:
            has = f"It has: {', '.join(known)}." if known else "It has none."
            raise UsageError(f"{info.name} has no option {name!r}.", has)
    kept = {}
    for option in info.options:
        value = said.get(option.id, "").strip()
        if not value:
            if option.required and not option.choices:
                raise UsageError(f"{info.name} also needs: {option.name.lower()}.", f"{option.help} Give it with --option {option.id}=VALUE")
            continue
        if option.choices and value not in dict(option.choices):
            words = ", ".join(f"{choice} ({meaning})" for choice, meaning in option.choices)
            raise UsageError(f"{value!r} cannot be chosen for: {option.name.lower()}.", f"Use one of: {words}.")
        if len(value) > LONGEST or not value.isprintable():
            raise UsageError(f"That does not fit: {option.name.lower()}.", option.help)
        if KEY_LIKE.match(value):
            raise UsageError(f"That looks like a key, not like {option.name.lower()}.", "A key goes into the credential store only.")
        kept[option.id] = value
    return kept


def whole(info: SourceInfo, given: Mapping[str, str]) -> dict[str, str]:
    """The answers as a source gets them: what has choices always has one."""
    return {option.id: option.choices[0][0] for option in info.options if option.choices} | dict(given)


def consent(info: SourceInfo, agreed: bool) -> None:
    """An unofficial source is asked for nothing before the person agreed to it. Raises UsageError."""
    if info.unofficial and not agreed:
        raise UsageError(f"{info.name} is unofficial. {info.unofficial}", "If you agree, add it with --i-agree")


def given(store: Store, account: int) -> dict[str, str]:
    """The person's answers for an account."""
    return _given(accounts.options(store, account))


def _given(kept: Mapping[str, Any]) -> dict[str, str]:
    found = kept.get(GIVEN)
    return {str(name): value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def for_source(store: Store, account: int, info: SourceInfo) -> dict[str, str]:
    """Context.options of an account. Raises AccountError when one that is needed is missing."""
    found = whole(info, given(store, account))
    for option in info.options:
        if option.required and not found.get(option.id):
            raise AccountError(
                f"This account has no {option.name.lower()}.", f"{option.help} Enter it under Accounts.", state=AccountState.UNREADABLE
            )
    return found


def give(store: Store, account: int, answers: Mapping[str, str]) -> bool:
    """Keep these answers instead of those before; whether anything changed. What was noted beside them stays, but for whose
    figures they were: that is found out anew.
    """
    kept = accounts.options(store, account)
    if _given(kept) == dict(answers):
        return False
    accounts.set_options(store, account, {**{name: value for name, value in kept.items() if name == AGREED}, GIVEN: dict(answers)})
    return True
