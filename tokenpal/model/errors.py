"""Errors with a title, a sentence and a next step: what the person reads (design 7)."""

from __future__ import annotations

from tokenpal.model.events import AccountState
from tokenpal.translation import mark


class TokenpalError(Exception):
    """Something the person can understand and act on. ``str()`` is the sentence; never holds a key or a log line."""

    title = mark("Something went wrong")

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step


class StoreError(TokenpalError):
    """The database cannot be used as it is: full disk, read-only folder, locked, damaged, made by a newer version."""

    title = mark("The data file cannot be used")


class AccountError(TokenpalError):
    """A provider account did not answer as hoped. ``retry_at``: epoch seconds before which asking again is pointless."""

    title = mark("An account could not be read")

    def __init__(
        self,
        sentence: str,
        next_step: str = "",
        *,
        state: AccountState = AccountState.PROVIDER_PROBLEM,
        retry_at: int | None = None,
    ) -> None:
        super().__init__(sentence, next_step)
        self.state = state
        self.retry_at = retry_at


class KeyNotKept(AccountError):
    """The key works, but the credential store does not take it: the person may keep it for this session only."""

    title = mark("The key could not be kept")


class UsageError(TokenpalError):
    """A command was asked for something that does not exist or makes no sense."""

    title = mark("That does not work")
