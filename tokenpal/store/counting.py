"""How a report counts beside logs, as the person chooses it: an edit like any other, with undo (decisions 3, product 5.6)."""

from __future__ import annotations

from typing import Final

from tokenpal.model.errors import UsageError
from tokenpal.store.accounts import COUNTS
from tokenpal.store.database import Store
from tokenpal.store.edits import Pricer, editing
from tokenpal.translation import mark, tr

LIST: Final = mark("See Accounts in the window, or run: tokenpal accounts list")


def set_counts(store: Store, account: int, counts: str, mirror_of: int | None, title: str, price: Pricer | None = None) -> None:
    """all, remainder or none; ``mirror_of`` = it shows again what another account has. Sums follow in the same transaction.

    Raises UsageError for another word, for a log (logs always count), and for a mirror of itself, of a log or of a mirror.
    """
    if counts not in COUNTS:
        raise UsageError(tr("{word} is no way to count.", word=repr(counts)), tr("Use one of: {words}.", words=", ".join(COUNTS)))
    kinds = {id_: (kind, mirror) for id_, kind, mirror in store.execute("SELECT id, kind, mirror_of FROM account")}
    if account not in kinds:
        raise UsageError(tr("This account does not exist any more."), tr(LIST))
    if kinds[account][0] == "log":
        raise UsageError(tr("Logs of this machine always count."), tr("Set what a provider account counts for instead."))
    if mirror_of is not None:
        kind, mirrored = kinds.get(mirror_of, ("", None))
        if mirror_of == account or kind in {"", "log"}:
            raise UsageError(tr("An account can only mirror another provider account."), tr(LIST))
        if mirrored is not None:
            raise UsageError(tr("That account is a mirror itself."), tr("Choose the account whose requests are the first ones."))
    with editing(store, title, price=price) as change:
        change.put("account", {"id": account, "counts": counts, "mirror_of": mirror_of})
