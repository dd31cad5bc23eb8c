"""The measured half of an archive: accounts, prices, sessions, usage records, limits and balances."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import base_name
from tokenpal.model.rates import Priced, Prices, Rate, Tier
from tokenpal.model.report import AccountRow
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import (
    FAMILY_BYTES,
    KEY_BYTES,
    Balance,
    Grain,
    Item,
    LimitReading,
    Origin,
    Quality,
    SessionFact,
    Superseded,
    UsageRecord,
    stable_key,
)
from tokenpal.store import archive_truth, ledger
from tokenpal.store.accounts import account as account_row
from tokenpal.store.database import Store
from tokenpal.store.interned import interned
from tokenpal.store.rows import join_key, priced_as, split_key

Line = dict[str, Any]
RulesFor = Callable[[AccountRow], ledger.Rules]
"""The rules for records of one account; price and place are replaced by what the archive says."""

AT_ONCE: Final = 2000
TOKEN_COLUMNS: Final = ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output", "reasoning")
ACCOUNT_COLUMNS: Final = ("source", "root", "name", "provider", "kind", "counts", "options", "added_at", "removed_at")


def places_of(store: Store) -> dict[int, int]:
    """Account -> the number of its line."""
    found = store.execute("SELECT id FROM account ORDER BY source, root, name").fetchall()
    return {row[0]: place for place, row in enumerate(found, 1)}


def lines(store: Store) -> Iterator[Line]:
    """Every row, in an order that depends on the content only."""
    places = places_of(store)
    for row in store.execute(f"SELECT id, mirror_of, {', '.join(ACCOUNT_COLUMNS)} FROM account ORDER BY source, root, name").fetchall():
        yield {
            "is": "account",
            "n": places[row[0]],
            "id": row[0],
            "mirror_of": places.get(row[1]),
            **dict(zip(ACCOUNT_COLUMNS, row[2:], strict=True)),
        }
    for name, alias in store.execute("SELECT DISTINCT name, alias FROM model WHERE alias != '' ORDER BY name, alias"):
        yield {"is": "model", "name": name, "alias": alias}
    rates: dict[int, int] = {}
    for place, row in enumerate(
        store.execute(
            "SELECT id, provider, model, tier, since, until, origin, noted_at, prices FROM rate"
            " ORDER BY provider, model, tier, since, origin, prices"
        ).fetchall(),
        1,
    ):
        rates[row[0]] = place
        names = ("provider", "model", "tier", "since", "until", "origin", "noted_at")
        yield {"is": "rate", "n": place, **dict(zip(names, row[1:8], strict=True)), "prices": json.loads(row[8])}
    parts: dict[str, list[str]] = {}
    for part, session in store.execute("SELECT part, session FROM session_part ORDER BY session, part"):
        parts.setdefault(session, []).append(part)
    for key, account, parent, version in store.execute("SELECT key, account, parent, version FROM session ORDER BY key"):
        yield {"is": "session", "key": key, "account": places[account], "parent": parent, "version": version, "parts": parts.get(key, [])}
    money: dict[int, list[list[Any]]] = {}
    for usage, kind, currency, pico in store.execute("SELECT usage, kind, currency, pico FROM amount ORDER BY usage, kind, currency"):
        money.setdefault(usage, []).append([kind, currency, pico])
    for row in store.execute(
        f"""SELECT u.id, u.family, u.variant, s.key, s.account, u.at, m.name, {", ".join("u." + name for name in TOKEN_COLUMNS)}, u.requests,
        IFNULL(p.path, ''), g.branch, u.counted, u.list_pico, u.rate, u.precedence, u.home,
        t.grain, t.tier, t.sub_agent, t.origin, t.quality, t.endpoint, m.provider
        FROM usage u CROSS JOIN segment g ON g.id = u.segment JOIN session s ON s.id = g.session JOIN model m ON m.id = u.model
        JOIN trait t ON t.id = u.trait LEFT JOIN project p ON p.id = g.project ORDER BY u.family, u.variant"""
    ):
        id_, family, variant, session, account, at, model = row[:7]
        requests, project, branch, counted, pico, rate, precedence, home, grain, tier, sub_agent, origin, quality, endpoint, whose = row[14:]
        yield {
            "is": "usage", "key": join_key(family, variant).hex(), "account": places[account], "session": session, "at": at, "model": model,
            "tokens": list(row[7:14]), "requests": requests, "project": project, "branch": branch, "superseded": counted == -1,
            "list_pico": pico, "rate": rates.get(rate), "precedence": precedence, "home": home, "grain": grain, "tier": tier,
            "sub_agent": bool(sub_agent), "origin": origin, "quality": quality, "endpoint": endpoint, "money": money.get(id_, []),
            "provider": whose,
        }  # fmt: skip
    for family, variant in store.execute(
        "SELECT s.family, s.variant FROM superseded s WHERE NOT EXISTS"
        " (SELECT 1 FROM usage u WHERE u.family = s.family AND u.variant = s.variant) ORDER BY s.family, s.variant"
    ):
        yield {"is": "superseded", "key": join_key(family, variant).hex()}
    limit_columns = ("account", "name", "at", "used_percent", "resets_at", "window_minutes", "origin", "used", "limit")
    for row in store.execute(f"SELECT {', '.join(map(_quoted, limit_columns))} FROM limit_reading ORDER BY account, name"):
        yield {"is": "limit", **dict(zip(limit_columns, row, strict=True)), "account": places[row[0]]}
    balance_columns = ("account", "name", "at", "kind", "currency", "pico")
    for row in store.execute(f"SELECT {', '.join(balance_columns)} FROM balance ORDER BY account, name"):
        yield {"is": "balance", **dict(zip(balance_columns, row, strict=True)), "account": places[row[0]]}
    yield from archive_truth.lines(store, places)


def _quoted(name: str) -> str:
    return f'"{name}"'


class Importer:
    """Takes an archive's lines one by one and applies them in batches, an account at a time."""

    def __init__(self, store: Store, rules: RulesFor) -> None:
        self.store = store
        self.rules_for = rules
        self.records = 0
        self._accounts: dict[int, int] = {}
        self._moved: dict[str, str] = {}  # beginnings of provider sessions' keys, which hold the number of their account
        self._rekeyed: dict[int, int] = {}  # line of such an account -> its number here
        self._here: dict[int, set[tuple[str, int]]] = {}  # account -> (report, time) of buckets that this machine read itself
        self._mirrors: list[tuple[int, int]] = []
        self._later: list[Line] = []
        self._rates: dict[int, Rate] = {}
        self._items: dict[int, list[Item]] = {}
        self._prices: dict[int, dict[tuple[Any, ...], dict[str, Priced]]] = {}
        self._rules: dict[int, ledger.Rules] = {}

    def take(self, line: Line) -> bool:
        """One line; False = of a kind that this version does not know. Raises for lines that make no sense."""
        if line["is"] in archive_truth.KINDS:
            self._later.append(line)
            return True
        take = getattr(self, f"_take_{line['is']}", None)
        if take is None:
            return False
        take(line)
        return True

    def finish(self) -> None:
        """Apply what is left."""
        for account in [*self._items]:
            self._apply(account)
        for line in self._later:
            archive_truth.take(self.store, line, self._accounts)
        for account, other in self._mirrors:
            self.store.execute("UPDATE account SET mirror_of = ? WHERE id = ?", (self._accounts[other], account))

    # ------------------------------------------------------------------------------------------ lines

    def _take_account(self, line: Line) -> None:
        identity = (str(line["source"]), str(line["root"]), str(line["name"]))
        row = self.store.execute("SELECT id FROM account WHERE source = ? AND root = ? AND name = ?", identity).fetchone()
        own = int(row[0]) if row else self._same_figures(line)
        known = own is not None
        if own is None:
            own = self._new_account(line)
        self._accounts[int(line["n"])] = own
        if line["kind"] == "api" and own != int(line["id"]):
            self._moved[f"{line['source']}:{line['id']}:"] = f"{line['source']}:{own}:"
            self._rekeyed[int(line["n"])] = own
            if known:
                rows = self.store.execute("SELECT DISTINCT endpoint, at FROM reported WHERE account = ?", (own,))
                self._here[own] = set(rows.fetchall())

    def session_key(self, key: str) -> str:
        """The key that a session of the file has here."""
        for there, here in self._moved.items():
            if key.startswith(there):
                return here + key.removeprefix(there)
        return key

    def account_here(self, number: int) -> int:
        """The account that a line of the file speaks of. Raises KeyError when the file has no such line."""
        return self._accounts[number]

    def _key(self, line: Line) -> bytes:
        """The record's key; one that was made with another account's number gets a family of its own."""
        key = bytes.fromhex(line["key"])
        own = self._rekeyed.get(int(line["account"]))
        if own is None:
            return key
        return stable_key(f"{own}:{key[:FAMILY_BYTES].hex()}")[:FAMILY_BYTES] + key[FAMILY_BYTES:]

    def _same_figures(self, line: Line) -> int | None:
        """The account here that another key of the same organisation reads, whatever it is called (provider-apis 5.10)."""
        who = json.loads(line["options"]).get("identity") if line["kind"] == "api" else None
        if not who:
            return None
        for id_, options in self.store.execute("SELECT id, options FROM account WHERE source = ? ORDER BY id", (line["source"],)):
            if json.loads(options).get("identity") == who:
                return int(id_)
        return None

    def _new_account(self, line: Line) -> int:
        """With the number it had, if that is free here: provider sessions have it in their keys."""
        free = self.store.execute("SELECT 1 FROM account WHERE id = ?", (int(line["id"]),)).fetchone() is None
        made = self.store.execute(
            f"INSERT INTO account(id, {', '.join(ACCOUNT_COLUMNS)}) VALUES({', '.join('?' * (len(ACCOUNT_COLUMNS) + 1))})",
            (int(line["id"]) if free else None, *(line[name] for name in ACCOUNT_COLUMNS)),
        )
        id_ = int(made.lastrowid or 0)
        if line["mirror_of"] is not None:
            self._mirrors.append((id_, int(line["mirror_of"])))
        return id_

    def _take_model(self, line: Line) -> None:
        self.store.execute("INSERT OR IGNORE INTO model(name, base) VALUES(?, ?)", (line["name"], base_name(line["name"])))
        self.store.execute("UPDATE model SET alias = ? WHERE name = ? AND alias = ''", (str(line["alias"]), line["name"]))
        self.store.memory.clear()

    def _take_rate(self, line: Line) -> None:
        prices, tiers = msgspec.convert(line["prices"], tuple[Prices, tuple[Tier, ...]])
        rate = Rate(
            line["provider"], line["model"], prices, line["origin"], line["noted_at"], line["tier"], line["since"], line["until"], tiers
        )  # fmt: skip
        self._rates[int(line["n"])] = rate
        interned(self.store).rate(rate)

    def _take_session(self, line: Line) -> None:
        fact = SessionFact(self.session_key(str(line["key"])), str(line["parent"]), str(line["version"]), tuple(map(str, line["parts"])))
        self._add(line, fact)

    def _take_usage(self, line: Line) -> None:
        counts = [int(count) for count in line["tokens"]]
        tokens = Tokens(*counts)
        if len(counts) != len(TOKEN_COLUMNS) or min(counts) < 0:
            raise ValueError(line["key"])
        stated = tuple(Money(MoneyKind(kind), str(currency), int(pico)) for kind, currency, pico in line["money"])
        pico, rate = line["list_pico"], line["rate"]
        if pico is not None and rate is None and (pico or tokens.total):
            stated = (*stated, Money(MoneyKind.LIST_PRICE, "USD", int(pico)))  # the source itself said so
        record = UsageRecord(
            self._key(line), self.session_key(str(line["session"])), int(line["at"]), str(line["model"]), tokens,
            line["requests"], Grain(line["grain"]), str(line["project"]), str(line["branch"]), bool(line["sub_agent"]), str(line["tier"]),
            int(line["precedence"]), int(line["home"]), stated, Origin(line["origin"]), Quality(line["quality"]), str(line["endpoint"]),
            str(line.get("provider", "")),
        )  # fmt: skip
        if len(record.key) != KEY_BYTES:
            raise ValueError(line["key"])
        account = self._accounts[int(line["account"])]
        if (record.endpoint, record.at) in self._here.get(account, ()):
            return  # both machines asked for this report: the numbers of this one stay
        if pico is not None and rate is not None:
            prices = self._prices.setdefault(account, {})
            prices.setdefault((record.at, record.tier, priced_as(record.grain, record.quality), tokens), {})[record.model] = Priced(int(pico), self._rates[int(rate)])
        self._add(line, record)
        if line["superseded"]:
            self._add(line, Superseded(record.key))

    def _take_superseded(self, line: Line) -> None:
        key = split_key(bytes.fromhex(line["key"]))
        self.store.execute("INSERT OR IGNORE INTO superseded(family, variant) VALUES(?, ?)", key)

    def _take_limit(self, line: Line) -> None:
        used, most = (None if line[name] is None else msgspec.json.decode(line[name], type=Money) for name in ("used", "limit"))
        self._add(
            line,
            LimitReading(
                str(line["name"]), float(line["used_percent"]), int(line["at"]), line["resets_at"], line["window_minutes"],
                Origin(line["origin"]), used, most,
            ),
        )  # fmt: skip

    def _take_balance(self, line: Line) -> None:
        left = Money(MoneyKind(line["kind"]), str(line["currency"]), int(line["pico"]))
        self._add(line, Balance(str(line["name"]), left, int(line["at"])))

    # ------------------------------------------------------------------------------------------ batches

    def _add(self, line: Line, item: Item) -> None:
        account = self._accounts[int(line["account"])]
        items = self._items.setdefault(account, [])
        items.append(item)
        if len(items) >= AT_ONCE:
            self._apply(account)

    def _apply(self, account: int) -> None:
        items, prices = self._items.pop(account, []), self._prices.pop(account, {})
        rules = self._rules.get(account)
        if rules is None:
            rules = self._rules[account] = self.rules_for(account_row(self.store, account))

        def price(provider: str, model: str, at: int, tier: str, grain: Grain, tokens: Tokens) -> Priced | None:
            known = prices.get((at, tier, grain, tokens))
            if known is None:
                return None if rules.price is None else rules.price(provider, model, at, tier, grain, tokens)
            return known.get(model) or next(iter(known.values()))  # under an alias there is no line with this name

        own = ledger.Rules(rules.settle, price, None, rules.attribute)
        self.records += ledger.apply(self.store, ledger.Batch(account, items), own).records
