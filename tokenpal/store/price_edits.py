"""What the person says of prices, as edits: an own price, its end, and which model a name is priced as.

Each notes which records got another price, so that undo gives exactly the old ones back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from tokenpal.model.rates import Rate
from tokenpal.store import repricing
from tokenpal.store.database import Store
from tokenpal.store.edits import Change, Pricer, editing
from tokenpal.store.interned import interned
from tokenpal.store.reprice import forget_what_no_edit_knows
from tokenpal.translation import tr

ALWAYS: Final = (0, 2**62)
OF_MODEL: Final = " AND u.model IN (SELECT id FROM model WHERE name = ?)"


def set_alias(store: Store, model: str, alias: str, price: Pricer) -> int:
    """Say which model a name (or "", a log without one) is priced as; "" takes that back. Returns how many records changed."""
    with editing(store, tr("Price {model} as another model", model=model or tr("a log without a model")), price=price) as change:
        interned(store).model(model)
        for (id_,) in store.execute("SELECT id FROM model WHERE name = ?", (model,)).fetchall():
            change.put("model", {"id": id_, "alias": alias.strip()})
        store.memory.clear()
        return _reprice(change, price, OF_MODEL, (model,))


def add_rate(store: Store, rate: Rate, price: Pricer) -> int:
    """The person's own price, for records without one and those to come; how many got it. The same price again is the same row, said now."""
    with editing(store, tr("Set a price for {model}", model=rate.model), price=price) as change:
        id_ = interned(store).rate(structs.replace(rate, until=rate.since))  # it holds from the edit on, and only while the edit does
        change.put("rate", {"id": id_, "until": rate.until, "noted_at": rate.noted_at})
        store.memory.clear()
        return _reprice(change, price, f"{OF_MODEL} AND u.list_pico IS NULL", (rate.model,))


def end_rates(store: Store, model: str, origin: str, price: Pricer) -> int | None:
    """Prices of this origin hold no more; how many records have another one then, None = there was no such price.

    The rows stay: records may name them, a running app remembers them.
    """
    found = store.execute(
        "SELECT id, since FROM rate WHERE model = ? AND origin = ? AND (until IS NULL OR until > since)", (model, origin)
    ).fetchall()
    if not found:
        return None
    with editing(store, tr("Remove the price of {model}", model=model), price=price) as change:
        for id_, since in found:
            change.put("rate", {"id": id_, "until": since})
        store.memory.clear()
        ids = ", ".join(str(id_) for id_, _ in found)
        return _reprice(change, price, f" AND u.rate IN ({ids})", ())


def _reprice(change: Change, price: Pricer, where: str, values: Sequence[Any]) -> int:
    store = change.store
    forget_what_no_edit_knows(store)
    id_ = change.new_id("reprice")
    noted = repricing.note(store, id_, price(), ALWAYS, where=where, values=values)
    if noted:
        change.put("reprice", {"id": id_, "at": change.now, "records": noted})
    return noted
