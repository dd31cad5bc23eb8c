"""Repricing as an edit of the person: shown first, then made, with undo and redo."""

from __future__ import annotations

from typing import Final

from tokenpal.store import repricing
from tokenpal.store.database import Store
from tokenpal.store.edits import editing
from tokenpal.store.upsert import Price
from tokenpal.translation import mark, tr

TITLE: Final = mark("Give records today's prices")


def reprice(store: Store, price: Price, span: tuple[int, int], progress: repricing.Progress | None = None) -> int:
    """Give the records in [start, end) epoch seconds the price that is known now; returns how many changed."""
    with editing(store, tr(TITLE)) as change:
        forget_what_no_edit_knows(store)
        id_ = change.new_id("reprice")
        noted = repricing.note(store, id_, price, span, progress)
        if noted:
            change.put("reprice", {"id": id_, "at": change.now, "records": noted})
        return noted


def forget_what_no_edit_knows(store: Store) -> None:
    """What no edit remembers any more needs no way back."""
    kept = "SELECT json_extract(value, '$[1][0]') FROM (SELECT after FROM edit WHERE typeof(after) = 'text') e, json_each(e.after) WHERE json_extract(value, '$[0]') = 'reprice'"
    store.execute(f"DELETE FROM repriced WHERE reprice NOT IN ({kept})")
