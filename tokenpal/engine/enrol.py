"""Adding, testing and removing provider accounts for the window: the key is tested first and goes to the credential store only.

Each function waits (for the provider, for the credential store) and therefore runs in a thread of its own; its Future
holds the answer or an AccountError whose words are for the person.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

from tokenpal.engine import commands, options as answers, providers, queries
from tokenpal.model.errors import AccountError, KeyNotKept, UsageError
from tokenpal.model.events import AccountState
from tokenpal.model.report import AccountRow
from tokenpal.system.secrets import EMPTY, FOR_SESSION, TOO_LONG, Failure, Locked, Secret, TimedOut, entry_name, session_name
from tokenpal.translation import tr

if TYPE_CHECKING:
    from tokenpal.engine.engine import Engine

NO_ANSWER: Final = frozenset({AccountState.OFFLINE, AccountState.PROVIDER_PROBLEM, AccountState.RATE_LIMITED})
"""What asking again may mend; the next step of such an error speaks of accounts that are there."""


def in_thread(function: Callable[..., Any], *args: Any) -> Future[Any]:
    """Run ``function(*args)`` in a daemon thread."""
    future: Future[Any] = Future()

    def run() -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(function(*args))
            except BaseException as problem:
                future.set_exception(problem)

    threading.Thread(target=run, name="enrol", daemon=True).start()
    return future


def add(
    engine: Engine, source: str, name: str, address: str, key: str, session_only: bool = False,
    options: Mapping[str, str] | None = None, agreed: bool = False,
) -> int:  # fmt: skip
    """Test the key, then add the account and keep the key; the account's id. A refused key leaves nothing behind.

    ``options`` and ``agreed`` as in commands.add_account; an empty key is none. Raises KeyNotKept when the credential store
    does not take it; ``session_only`` keeps it in memory instead.
    """
    info, address = commands.provider_address(source, address)
    answers.consent(info, agreed)
    given = answers.checked(info, options or {})
    secret = Secret(key.strip()) if key.strip() else None
    if secret is None and info.needs_key:
        raise UsageError(tr("There is no key."), tr("Paste the key."))
    try:
        test(source, address, secret, given)
    except AccountError as problem:
        if problem.state not in NO_ANSWER:
            raise
        raise AccountError(problem.sentence, tr("Nothing was added. Try again later."), state=problem.state) from None
    account: int = engine.ask(commands.add_account, source, name, address, given, agreed).result()
    try:
        if secret is not None:
            keep_key(engine, row_of(engine, account), secret, session_only)
    except AccountError:
        engine.ask(commands.remove_account, account, False).result()
        raise
    engine.refresh(account)
    return account


def test(source: str, address: str, secret: Secret | None, options: Mapping[str, str]) -> str:
    """One cheap call; a sentence on what the key can see. Raises AccountError."""
    from tokenpal.engine.poll import check_here

    return check_here(source, address, secret, options)


def test_account(engine: Engine, account: int) -> str:
    """The same with the key that is kept."""
    row = row_of(engine, account)
    return test(row.source, row.root, kept_key(engine, row), engine.ask(answers.given, account).result())


def kept_key(engine: Engine, row: AccountRow) -> Secret | None:
    """The key of an account; None for one that needs none. Raises AccountError."""
    info = providers.info(row.source)
    if not row.secret and info is not None and not info.needs_key:
        return None
    answer = engine.secrets.get(row.secret)
    if isinstance(answer, Failure):
        raise AccountError(answer.sentence, answer.next_step)
    return answer


def set_options(engine: Engine, account: int, options: Mapping[str, str]) -> str:
    """Test the account with other answers, then keep them and read anew. Raises UsageError or AccountError."""
    row = row_of(engine, account)
    info, _ = commands.provider_address(row.source, row.root)
    wanted = answers.checked(info, {**engine.ask(answers.given, account).result(), **options})
    said = test(row.source, row.root, kept_key(engine, row), wanted)
    if engine.ask(commands.set_account_options, account, wanted | {name: "" for name in options if name not in wanted}).result():
        engine.refresh(account)
    return said


def replace_key(engine: Engine, account: int, key: str, session_only: bool = False) -> str:
    """Test a new key and keep it instead of the old one. Raises KeyNotKept as ``add`` does."""
    row, secret = row_of(engine, account), Secret(key)
    said = test(row.source, row.root, secret, engine.ask(answers.given, account).result())
    keep_key(engine, row, secret, session_only)
    engine.refresh(account)
    return said


def remove(engine: Engine, account: int, keep_history: bool) -> None:
    """The key goes in any case, and first: without it nothing can be asked any more."""
    row = row_of(engine, account)
    if row.secret:
        session = row.secret.endswith(FOR_SESSION)
        if session:
            engine.secrets.delete(row.secret)
        answer = engine.secrets.delete(row.secret.removesuffix(FOR_SESSION))  # an older key may be in the store
        if isinstance(answer, Failure) and (not session or isinstance(answer, (Locked, TimedOut))):
            raise AccountError(tr("The key could not be deleted, so nothing was removed. {reason}", reason=answer.sentence), answer.next_step)
    engine.ask(commands.remove_account, account, keep_history).result()


def keep_key(engine: Engine, row: AccountRow, secret: Secret, session_only: bool = False) -> None:
    """Into the credential store, or only into memory when the person says so; the data file learns the entry's name only."""
    entry = (row.secret or entry_name(engine.paths.profile, row.source, row.id)).removesuffix(FOR_SESSION)
    if session_only:
        entry = session_name(entry)
    answer = engine.secrets.put(entry, secret.reveal(), session_only=session_only)
    if isinstance(answer, Failure):
        if answer in (EMPTY, TOO_LONG):
            raise AccountError(answer.sentence, answer.next_step)
        raise KeyNotKept(answer.sentence, answer.next_step, state=AccountState(answer.state))
    if row.secret.endswith(FOR_SESSION) and not session_only:
        engine.secrets.delete(row.secret)
    elif session_only:
        engine.secrets.forget(entry.removesuffix(FOR_SESSION))  # one in the store goes with its account
    engine.ask(commands.note_key, row.id, entry).result()


def row_of(engine: Engine, account: int) -> AccountRow:
    """The account as it is stored. Raises UsageError when it is gone."""
    rows: list[AccountRow] = engine.ask(queries.accounts).result()
    for row in rows:
        if row.id == account:
            return row
    raise UsageError(tr("This account is gone."), tr("Look at the list again."))
