"""Usage records into rows: copies merged, families settled, prices found; everything that changes goes through Deltas.

The hot path of a first scan is a new record whose family nobody has seen: it is looked up in no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from tokenpal.model.rates import Priced
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Quality, UsageRecord, Window
from tokenpal.store import bounds, rows
from tokenpal.store.database import Store
from tokenpal.store.interned import GRAINS, Interned
from tokenpal.store.rollups import DAY, Deltas
from tokenpal.store.rows import AT, COUNTED, HOME, ID, LIST_PICO, MODEL, PRECEDENCE, RATE, REQUESTS, SEGMENT, TOKENS, TRAIT, Key, Row
from tokenpal.store.segments import Cuts, cuts, widen

Settle = Callable[[Sequence[Candidate]], set[bytes]]
Price = Callable[[str, str, int, str, Grain, Tokens], Priced | None]
Place = Callable[[str], str]
Places = Mapping[str, str]  # folder -> project; finds what it does not hold
AGGREGATE: Final = Quality.AGGREGATE
SEEN_BYTES: Final = 1 << 20  # of a first scan's memory of families; a million of them give one needless look-up in nine


class Account(msgspec.Struct, frozen=True):
    """What the ledger needs to know of the account a batch is for."""

    id: int
    provider: str  # "" = each record names its own
    is_report: bool


class Outcome(msgspec.Struct):
    """What changed: rows, spans of what counts by segment, newest of what does not, segments that lost something, and of report records model and day."""

    changed: int = 0
    left_out: int = 0  # rows that no sum can hold (bounds)
    reach: dict[int, int] = {}
    spans: dict[int, list[int]] = {}
    shrunk: set[int] = set()
    report_days: set[tuple[int, int]] = set()


def merge(one: UsageRecord, other: UsageRecord, places: Places) -> UsageRecord:
    """Two copies of a record: numbers of the one that says more, place of the smaller home, the earlier time."""
    if one == other:
        return one
    numbers = one if rows.record_rank(one) >= rows.record_rank(other) else other
    home = min((one, other), key=lambda record: rows.place(record.home, record.session, places[record.folder], record.branch))
    at = min(one.at, other.at)
    if numbers is home and at == numbers.at:
        return numbers
    return msgspec.structs.replace(
        numbers, session=home.session, folder=home.folder, branch=home.branch, home=home.home, at=at
    )


class Seen:
    """Families that this connection has put into an empty ledger: "no" is sure, "maybe" is looked up (a Bloom filter)."""

    def __init__(self) -> None:
        self.bits = bytearray(SEEN_BYTES)

    def maybe(self, families: set[int]) -> set[int]:
        """Those that may be there already; all of them are from now on."""
        bits, found = self.bits, set()
        for family in families:
            place, bit = (family >> 3) % SEEN_BYTES, 1 << (family & 7)
            if bits[place] & bit:
                found.add(family)
            else:
                bits[place] |= bit
        return found


class Upsert:
    """One batch on its way into table usage."""

    def __init__(
        self, store: Store, names: Interned, account: Account, deltas: Deltas, settle: Settle | None, price: Price | None, places: Places
    ) -> None:
        self.store, self.names, self.account, self.deltas = store, names, account, deltas
        self.settle, self.price, self.places = settle, price, places
        self.outcome = Outcome()
        self.cuts = Cuts([], {})
        self.next_id = store.execute("SELECT IFNULL(MAX(id), 0) + 1 FROM usage").fetchone()[0]

    def run(self, records: dict[Key, UsageRecord], superseded: dict[Key, bool], windows: Sequence[Window]) -> Outcome:
        """Write the batch's records, and let the rest of their families follow. ``superseded``: True = counts again."""
        if not (records or superseded or windows):
            return self.outcome
        known, vanished = self._windows(windows, records)
        families = {key[0] for key in records}
        families.update(key[0] for key in superseded)
        families.update(row[1] for row in vanished)
        before = self._stored(families)
        if records:  # a copy may take a stored record to an earlier time, and the other way round
            times = [*(record.at for record in records.values()), *(row[AT] for row in before.values())]
            self.cuts = cuts(self.store, min(times), max(times))
        gone = {(row[1], row[2]) for row in vanished}
        after: dict[Key, Row] = {}
        money: dict[Key, list[tuple[str, str, int]]] = {}
        if before:
            old_money = rows.amounts_of(self.store, [row[ID] for row in before.values()])
            fresh = []
            for key, record in records.items():
                old = before.get(key)
                if old is None:
                    fresh.append((key, record))
                else:
                    after[key] = self._combined(old, record, old_money.get(old[ID], []), money, replace=old[ID] in known)
            after.update(self._fresh(fresh))
        else:
            after.update(self._fresh(records.items()))
        money.update({key: found for key, record in records.items() if record.money and key not in before and (found := rows.stated(record))})
        for key in bounds.beyond(self.store, after, money):
            del after[key]
            money.pop(key, None)
            self.outcome.left_out += 1
        self._settle(families, before, after, gone, superseded)
        self._write(before, after, vanished, money)
        return self.outcome

    # ------------------------------------------------------------------------------------------ what is there already

    def _stored(self, families: set[int]) -> dict[Key, Row]:
        """The stored records of these families; families that cannot be there are not looked up."""
        memory = self.store.memory
        if "families" not in memory:
            empty = self.store.execute("SELECT NOT EXISTS(SELECT 1 FROM usage)").fetchone()[0]
            memory["families"] = Seen() if empty else None
        seen: Seen | None = memory["families"]
        wanted = families if seen is None else seen.maybe(families)
        if not wanted:
            return {}
        return {(row[1], row[2]): row for row in rows.by_families(self.store, list(wanted))}

    def _windows(self, windows: Sequence[Window], records: dict[Key, UsageRecord]) -> tuple[set[int], list[Row]]:
        """Ids of rows that this batch's records replace whatever they say, and the rows that vanished from a report."""
        known: set[int] = set()
        vanished: dict[int, Row] = {}
        for window in windows:
            for row in self.store.execute(
                f"SELECT {rows.COLUMNS} FROM usage WHERE id IN"
                " (SELECT usage FROM reported WHERE account = ? AND at >= ? AND at < ? AND endpoint = ?)",
                (self.account.id, window.start, window.end, window.endpoint),
            ):
                if (row[1], row[2]) in records:
                    known.add(row[ID])
                else:
                    vanished[row[ID]] = row
        return known, list(vanished.values())

    # ------------------------------------------------------------------------------------------ records to rows

    def _fresh(self, records: Iterable[tuple[Key, UsageRecord]]) -> Iterator[tuple[Key, Row]]:
        """Rows of records that are not stored yet, each with a new id. The hot loop: everything it needs is local."""
        names, places, account, provider, price = self.names, self.places, self.account.id, self.account.provider, self.price
        segments, models, traits, aliases = names.segments, names.models, names.traits, names.aliases
        no_cuts, cut_of = self.cuts.none, self.cuts.of
        cut, rate, known_rate = 0, None, None
        for key, record in records:
            at, name, grain, tier, t = record.at, record.model, record.grain, record.tier, record.tokens
            if not no_cuts:
                cut = cut_of(record.session, at)
            segment = segments.get((record.session, places[record.folder], record.branch, cut))
            if segment is None or grain != "request":
                segment = names.segment(record.session, places[record.folder], record.branch, cut, account, GRAINS[grain])
            whose = record.provider
            model = names.others.get((name, whose)) if whose else models.get(name)
            if model is None:
                model = names.model(name, whose)
            kind = (grain, tier, record.sub_agent, record.origin, record.quality, record.endpoint)
            trait = traits.get(kind)
            if trait is None:
                trait = names.trait(kind)
            if price is None or record.money:
                pico, rate_id = self._priced(record)
            else:
                priced = price(whose or provider, aliases.get(name, name) if aliases else name, at, tier, grain if record.quality is not AGGREGATE else rows.priced_as(grain, AGGREGATE), t)
                if priced is None:
                    pico, rate_id = (None, None) if t.total else (0, None)
                else:
                    pico = priced.pico
                    if priced.rate is not rate:  # hashing a rate costs more than all the rest
                        rate = priced.rate
                        known_rate = names.rate(rate)
                    rate_id = known_rate
            id_ = self.next_id
            self.next_id = id_ + 1
            yield key, (
                id_, key[0], key[1], segment, at, model, trait, 1, record.requests, t.fresh_input, t.cache_read, t.cache_write_5m,
                t.cache_write_1h, t.cache_write_other, t.output, t.reasoning, pico, rate_id, record.precedence, record.home,
            )  # fmt: skip

    def _priced(self, record: UsageRecord) -> tuple[int | None, int | None]:
        """List price in picodollars and the id of its rate; (0, None) for a record without tokens."""
        if record.money and (said := rows.stated_list_price(record)) is not None:
            return said, None
        if self.price is None:
            return (None, None) if record.tokens.total else (0, None)
        names = self.names
        model = names.aliases.get(record.model, record.model) if names.aliases else record.model
        priced = self.price(record.provider or self.account.provider, model, record.at, record.tier, rows.priced_as(record.grain, record.quality), record.tokens)
        if priced is None:
            return (None, None) if record.tokens.total else (0, None)
        return priced.pico, names.rate(priced.rate)

    def _combined(
        self, old: Row, record: UsageRecord, old_money: list[tuple[str, str, int]], money: dict[Key, Any], *, replace: bool
    ) -> Row:
        """The stored row with what this copy adds; the very same row when it adds nothing."""
        names = self.names
        key = (old[1], old[2])
        kind = names.trait_of[old[TRAIT]]
        model, provider = names.model_names[old[MODEL]], names.providers[old[MODEL]]
        old_rank = rows.rank(old[PRECEDENCE], old[TOKENS], model, old[REQUESTS], kind, old_money, provider)
        numbers = replace or rows.record_rank(record) > old_rank
        session, project, branch = names.place_of(old[SEGMENT])
        home = old[HOME]
        new_place = self.places[record.folder]
        if replace or rows.place(record.home, record.session, new_place, record.branch) < rows.place(home, session, project, branch):
            session, project, branch, home = record.session, new_place, record.branch, record.home
        at = record.at if replace else min(old[AT], record.at)
        segment = names.segment(session, project, branch, self.cuts.of(session, at), self.account.id, GRAINS[record.grain])
        if not numbers and at == old[AT]:
            if segment == old[SEGMENT] and home == old[HOME]:
                return old
            return (*old[:SEGMENT], segment, *old[SEGMENT + 1 : HOME], home)
        if numbers:
            ((_, fresh),) = self._fresh([(key, msgspec.structs.replace(record, at=at))])
            if (stated := rows.stated(record)) != old_money:
                money[key] = stated
        else:
            again = UsageRecord(
                b"", session, at, model, Tokens(*old[TOKENS]), tier=kind[1], grain=Grain(kind[0]), quality=Quality(kind[4]), provider=provider
            )
            pico, rate = self._priced(again) if old[RATE] is not None or old[LIST_PICO] is None else (old[LIST_PICO], None)
            fresh = (*old[:AT], at, *old[AT + 1 : LIST_PICO], pico, rate, *old[PRECEDENCE:])
        return (old[ID], *key, segment, at, *fresh[MODEL:COUNTED], old[COUNTED], *fresh[REQUESTS:HOME], home)

    # ------------------------------------------------------------------------------------------ which copies count

    def _settle(
        self, families: set[int], before: dict[Key, Row], after: dict[Key, Row], gone: set[Key], superseded: dict[Key, bool]
    ) -> None:
        """Set ``counted``: a record alone in its family counts; of several, those that the source's rule names."""
        dead = self._superseded(families, superseded)
        members: dict[int, list[Key]]
        if not before and not dead and len(families) == len(after):
            return
        members = {}
        for key in after:
            members.setdefault(key[0], []).append(key)
        for key in before:
            if key not in after and key not in gone:
                members.setdefault(key[0], []).append(key)
        for keys in members.values():
            live = [key for key in keys if key not in dead] if dead else keys
            counted = set(live)
            if len(live) > 1 and self.settle is not None:
                winners = self.settle([self._candidate(key, after.get(key) or before[key]) for key in sorted(live)])
                counted = {key for key in live if rows.join_key(*key) in winners}
            for key in keys:
                row = after.get(key) or before[key]
                state = 1 if key in counted else (-1 if key in dead else 0)
                if row[COUNTED] != state:
                    after[key] = (*row[:COUNTED], state, *row[COUNTED + 1 :])

    def _superseded(self, families: set[int], superseded: dict[Key, bool]) -> set[Key]:
        """What sources said to be copies, now or before, of these families."""
        if superseded:
            copies, again = (sorted(key for key, taken_back in superseded.items() if taken_back is wanted) for wanted in (False, True))
            self.store.many("INSERT OR IGNORE INTO superseded(family, variant) VALUES(?, ?)", copies)
            self.store.many("DELETE FROM superseded WHERE family = ? AND variant = ?", again)
        elif not self.store.execute("SELECT EXISTS(SELECT 1 FROM superseded)").fetchone()[0]:
            return set()
        return rows.superseded_of(self.store, list(families))

    def _candidate(self, key: Key, row: Row) -> Candidate:
        kind = self.names.trait_of[row[TRAIT]]
        tokens = Tokens(*row[TOKENS])
        return Candidate(rows.join_key(*key), row[PRECEDENCE], row[AT], self.names.model_names[row[MODEL]], tokens, kind[2])

    # ------------------------------------------------------------------------------------------ writing

    def _write(self, before: dict[Key, Row], after: dict[Key, Row], vanished: list[Row], money: dict[Key, list[tuple[str, str, int]]]) -> None:
        store = self.store
        if before:
            inserts = [row for key, row in after.items() if key not in before]
            updates = [(old, row, key) for key, row in after.items() if (old := before.get(key)) and (row != old or key in money)]
        else:
            inserts, updates = list(after.values()), []
        store.many(rows.INSERT, inserts)
        if inserts:
            self._count_new(inserts, money)
        if updates:
            self._change(updates, money)
        if vanished:
            self._remove(vanished)
        if self.account.is_report and inserts:
            self._note_reported([(row[ID], row) for row in inserts])
        self._write_money(inserts, money)
        self.outcome.changed = len(inserts) + len(updates) + len(vanished)

    def _count_new(self, inserts: list[Row], money: dict[Key, list[tuple[str, str, int]]]) -> None:
        self.deltas.add_new([row for row in inserts if row[COUNTED] == 1], self.outcome.spans)
        for row in inserts:
            if row[COUNTED] != 1:
                self._reach(row)
        if money:
            for row in inserts:
                self._state(row, None, [], money.get((row[1], row[2]), []))

    def _change(self, updates: list[tuple[Row, Row, Key]], money: dict[Key, list[tuple[str, str, int]]]) -> None:
        ids = [old[ID] for old, _, _ in updates]
        covered, amounts = rows.covered_of(self.store, ids), rows.amounts_of(self.store, ids)
        for old, new, key in updates:
            if old[COUNTED] == 1:
                self.deltas.add(old, -1, covered.get(old[ID]))
                if new[COUNTED] != 1 or new[SEGMENT] != old[SEGMENT] or new[AT] != old[AT]:
                    self.outcome.shrunk.add(old[SEGMENT])
            if new[COUNTED] == 1:
                self.deltas.add(new, 1)
                widen(self.outcome.spans, new[SEGMENT], new[AT])
            else:
                self._reach(new)
            known = amounts.get(old[ID], [])
            self._state(new, old, known, money.get(key, known))
        self.store.many(rows.UPDATE, [new for _, new, _ in updates])
        if covered:  # counted whole until the remainder is made again
            self.store.many("DELETE FROM covered WHERE usage = ?", [(id_,) for id_ in covered])
        if self.account.is_report:
            self._forget_reported([old for old, _, _ in updates])
            self._note_reported([(new[ID], new) for _, new, _ in updates])
        stale = [(new[ID],) for _, new, key in updates if key in money]
        self.store.many("DELETE FROM amount WHERE usage = ?", stale)
        self._write_money([new for _, new, _ in updates], money)

    def _reach(self, row: Row) -> None:
        reach = self.outcome.reach
        reach[row[SEGMENT]] = max(reach.get(row[SEGMENT], 0), row[AT])

    def _state(self, row: Row, old: Row | None, known: Iterable[tuple[str, str, int]], stated: Iterable[tuple[str, str, int]]) -> None:
        if old is not None and old[COUNTED] == 1:
            self.deltas.add_money(old, -1, known)
        if row[COUNTED] == 1:
            self.deltas.add_money(row, 1, stated)

    def _write_money(self, written: Sequence[Row], money: dict[Key, list[tuple[str, str, int]]]) -> None:
        if money:
            self.store.many(
                "INSERT INTO amount(usage, kind, currency, pico) VALUES(?, ?, ?, ?)",
                [(row[ID], *amount) for row in written for amount in money.get((row[1], row[2]), ())],
            )

    def _remove(self, vanished: list[Row]) -> None:
        remove(self.store, self.deltas, vanished, self.outcome.shrunk)
        self._forget_reported(vanished)

    def _note_reported(self, found: list[tuple[int, Row]]) -> None:
        self.outcome.report_days.update((row[MODEL], row[AT] // DAY) for _, row in found)
        trait_of = self.names.trait_of
        self.store.many(
            "INSERT OR IGNORE INTO reported(account, at, endpoint, usage) VALUES(?, ?, ?, ?)",
            [(self.account.id, row[AT], trait_of[row[TRAIT]][5], id_) for id_, row in found],
        )

    def _forget_reported(self, found: list[Row]) -> None:
        self.outcome.report_days.update((row[MODEL], row[AT] // DAY) for row in found)
        trait_of = self.names.trait_of
        self.store.many(
            "DELETE FROM reported WHERE account = ? AND at = ? AND endpoint = ? AND usage = ?",
            [(self.account.id, row[AT], trait_of[row[TRAIT]][5], row[ID]) for row in found],
        )


def remove(store: Store, deltas: Deltas, gone: Sequence[Row], shrunk: set[int]) -> None:
    """Delete stored records: out of the roll-ups, with what hangs on them. ``reported`` is left to the caller."""
    ids = [row[ID] for row in gone]
    covered, amounts = rows.covered_of(store, ids), rows.amounts_of(store, ids)
    for row in gone:
        if row[COUNTED] == 1:
            deltas.add(row, -1, covered.get(row[ID]))
            deltas.add_money(row, -1, amounts.get(row[ID], ()))
            shrunk.add(row[SEGMENT])
    store.many("DELETE FROM usage WHERE id = ?", [(id_,) for id_ in ids])
