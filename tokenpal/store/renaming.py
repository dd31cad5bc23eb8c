"""Another name for an account: an edit like any other, with undo."""

from __future__ import annotations

from tokenpal.model.errors import UsageError
from tokenpal.store.database import Store
from tokenpal.store.edits import editing
from tokenpal.translation import tr


def rename_account(store: Store, account: int, name: str) -> None:
    """Raises UsageError for a name that is taken, and for an account that is gone."""
    with editing(store, tr("Rename the account to {name}", name=name)) as change:
        if change.get("account", account) is None:
            raise UsageError(tr("This account does not exist any more."), tr("See Accounts in the window, or run: tokenpal accounts list"))
        if store.execute("SELECT 1 FROM account WHERE name = ? AND id <> ? AND removed_at IS NULL", (name, account)).fetchone():
            raise UsageError(tr("There is an account named {name} already.", name=repr(name)), tr("Choose another name."))
        change.put("account", {"id": account, "name": name})
