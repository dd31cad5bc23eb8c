"""Accounts: provider logins and agent-log roots, their settings and health."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.events import AccountHealth
from tokenpal.model.report import AccountRow
from tokenpal.store.database import Store
from tokenpal.store.readings import cursors as cursors
from tokenpal.translation import tr

if TYPE_CHECKING:
    from tokenpal.store.upsert import Price

COUNTS: Final = ("all", "remainder", "none")
SELECT: Final = """
  SELECT a.id, a.source, a.name, a.provider, a.kind, a.root, a.counts, a.mirror_of, a.secret, a.state, a.sentence, a.next_step,
    a.last_success, a.next_try, (SELECT COUNT(*) FROM problem p WHERE p.account = a.id), a.removed_at IS NOT NULL
  FROM account a"""


def add_account(
    store: Store, source: str, name: str, provider: str, *, kind: str = "api", root: str = "", secret: str = "",
    counts: str = "remainder", mirror_of: int | None = None, options: dict[str, Any] | None = None,
) -> int:  # fmt: skip
    """A new account; returns its id. One that was removed with the same source, root and name comes back with its history.

    Raises UsageError for a name that is taken or a word that ``counts`` does not know.
    """
    if counts not in COUNTS:
        raise UsageError(tr("{word} is no way to count.", word=repr(counts)), tr("Use one of: {words}.", words=", ".join(COUNTS)))
    if not name.strip():
        raise UsageError(tr("An account needs a name."), tr("Give it a short name such as work."))
    with store.transaction():
        taken = store.execute("SELECT id, removed_at FROM account WHERE name = ? AND (source <> ? OR root <> ?)", (name, source, root)).fetchone()
        known = store.execute("SELECT id, removed_at FROM account WHERE source = ? AND root = ? AND name = ?", (source, root, name)).fetchone()
        if (known and known[1] is None) or (taken and taken[1] is None):
            raise UsageError(tr("There is an account named {name} already.", name=repr(name)), tr("Choose another name."))
        values = (provider, kind, secret, counts, mirror_of, json.dumps(options or {}, sort_keys=True))
        if known:
            store.execute(
                "UPDATE account SET provider = ?, kind = ?, secret = ?, counts = ?, mirror_of = ?, options = ?, removed_at = NULL,"
                " state = 'new', sentence = '', next_step = '', failures = 0, next_try = NULL WHERE id = ?", (*values, known[0])
            )  # fmt: skip
            return int(known[0])
        row = store.execute(
            "INSERT INTO account(source, name, root, provider, kind, secret, counts, mirror_of, options, added_at)"
            " VALUES(?,?,?,?,?,?,?,?,?,?)", (source, name, root, *values, store.now())
        )  # fmt: skip
        return int(row.lastrowid or 0)


def ensure_log_account(store: Store, source: str, root: str, name: str, provider: str) -> int:
    """The account of an agent-log root, made when it is met for the first time; a root that was removed stays removed."""
    row = store.execute("SELECT id FROM account WHERE kind = 'log' AND source = ? AND root = ?", (source, root)).fetchone()
    if row is None:
        with store.transaction():
            taken = {row[0] for row in store.execute("SELECT name FROM account")}
            if name in taken:
                name = f"{name} ({root})"
            return add_account(store, source, name, provider, kind="log", root=root, counts="all")
    return int(row[0])


def accounts(store: Store, *, removed: bool = False) -> list[AccountRow]:
    """All accounts in the order in which they were added; ``removed`` adds those whose history was kept."""
    where = "" if removed else " WHERE a.removed_at IS NULL"
    return [_row(row) for row in store.execute(f"{SELECT}{where} ORDER BY a.id")]


def account(store: Store, which: int | str) -> AccountRow:
    """One account by id or name. Raises UsageError when there is none."""
    column = "id" if isinstance(which, int) else "name"
    row = store.execute(f"{SELECT} WHERE a.{column} = ? ORDER BY a.removed_at IS NOT NULL, a.id", (which,)).fetchone()
    if row is None:
        raise UsageError(tr("There is no account {name}.", name=repr(which)), tr("See Accounts in the window, or run: tokenpal accounts list"))
    return _row(row)


def options(store: Store, account: int) -> dict[str, Any]:
    """What the account's source wants to remember for it (project ids and the like); never a key."""
    row = store.execute("SELECT options FROM account WHERE id = ?", (account,)).fetchone()
    found = json.loads(row[0]) if row else {}
    return found if isinstance(found, dict) else {}


def set_options(store: Store, account: int, options: dict[str, Any]) -> None:
    """Replace the options. Other answers mean other figures: what differs from now on is no correction by the provider."""
    text = json.dumps(options, sort_keys=True)
    who = "'$.identity'"  # what the source finds out itself, with its first answer
    store.execute(
        f"DELETE FROM complete WHERE account = ?1 AND EXISTS (SELECT 1 FROM account WHERE id = ?1 AND (json_remove(options, {who}) <> json_remove(?2, {who})"
        f" OR (json_extract(options, {who}) IS NOT NULL AND json_extract(options, {who}) IS NOT json_extract(?2, {who}))))", (account, text)
    )  # fmt: skip
    store.execute("UPDATE account SET options = ? WHERE id = ?", (text, account))


def set_secret(store: Store, account: int, entry: str) -> None:
    """Remember the name of the account's entry in the credential store, never the key; "" = it has none."""
    store.execute("UPDATE account SET secret = ? WHERE id = ?", (entry, account))


def remove_account(store: Store, account: int, *, keep_history: bool = True, price: Price | None = None) -> None:
    """Stop reading the account; its usage stays unless ``keep_history`` is false. The key is the caller's to delete.

    ``price`` is for reports of which more counts once the account's usage is gone.
    """
    from tokenpal.store.forget import forget_account

    with store.transaction():
        if not keep_history:
            forget_account(store, account, price)
        store.execute("DELETE FROM cursor WHERE account = ?", (account,))
        for table in ("limit_reading", "limit_history", "balance", "balance_history", "complete", "problem"):
            store.execute(f"DELETE FROM {table} WHERE account = ?", (account,))
        store.execute(
            "UPDATE account SET removed_at = ?, secret = '', state = 'new', sentence = '', next_step = '' WHERE id = ?", (store.now(), account)
        )


def read_again(store: Store, account: int) -> None:
    """Forget how far the account was read, not what was read: windows that are read again replace it."""
    store.execute("DELETE FROM cursor WHERE account = ?", (account,))


def set_health(store: Store, health: AccountHealth) -> None:
    """Keep the account's state, sentence and next step; a success clears the count of failures."""
    store.execute(
        "UPDATE account SET state = ?1, sentence = ?2, next_step = ?3, last_success = IFNULL(?4, last_success), next_try = ?5,"
        " failures = CASE WHEN ?1 IN ('ok', 'new', 'reading', 'paused') THEN 0 ELSE failures + 1 END WHERE id = ?6",
        (health.state.value, health.sentence, health.next_step, health.last_success, health.next_try, health.account),
    )


def failures(store: Store, account: int) -> int:
    """How often in a row the account could not be read: what back-off counts."""
    row = store.execute("SELECT failures FROM account WHERE id = ?", (account,)).fetchone()
    return int(row[0]) if row else 0


def _row(row: tuple[Any, ...]) -> AccountRow:
    values = (*row[:-1], bool(row[-1]))
    return AccountRow(*values)
