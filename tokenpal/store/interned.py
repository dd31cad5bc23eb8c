"""Small integers for what many records share: models, projects, traits, rates, sessions, segments.

Kept per connection in ``Store.memory``, which the store empties after a rollback and after another process has written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.names import ANY_PROVIDER, base_name
from tokenpal.model.rates import Rate
from tokenpal.model.usage import Grain, Origin
from tokenpal.store.database import Store
from tokenpal.store.rows import Trait

MOST: Final = 8_000  # sessions and segments kept in memory
GRAINS: Final = {grain.value: rank for rank, grain in enumerate(Grain)}


class Interned:
    """Lookups that make what is missing. Use inside a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.models: dict[str, int] = {}  # of the account's own provider, by name
        self.others: dict[tuple[str, str], int] = {}  # of a provider that the record names, by name and provider
        self.model_names: dict[int, str] = {}
        self.providers: dict[int, str] = {}  # of a model; "" = the account's
        self.of_accounts: dict[int, str] = {}
        self.bases: dict[int, str] = {}
        self.aliases: dict[str, str] = {}
        for id_, name, provider, base, alias in store.execute("SELECT id, name, provider, base, alias FROM model"):
            self._note_model(id_, name, provider, base)
            if alias:
                self.aliases[name] = alias
        self.projects: dict[str, int | None] = dict(store.execute("SELECT path, id FROM project").fetchall()) | {"": None}
        self.traits: dict[Trait, int] = {}
        self.trait_of: dict[int, Trait] = {}
        self.day_and_estimated: dict[int, tuple[bool, bool]] = {}
        for id_, grain, tier, sub_agent, origin, quality, endpoint in store.execute("SELECT * FROM trait"):
            self._note_trait(id_, (grain, tier, bool(sub_agent), origin, quality, endpoint))
        self.rates: dict[Rate, int] = {}
        self.sessions: dict[str, tuple[int, int, int]] = {}  # key -> id, account, rank of its grain
        self.segments: dict[tuple[str, str, str, int], int] = {}
        self.account = 0  # whose batch filled ``segments``
        self.places: dict[int, tuple[str, str, str]] = {}  # segment -> session, project, branch

    def model(self, name: str, provider: str = "") -> int:
        """The id of a raw model name; ``provider`` where it is not the account's own."""
        found = self.others.get((name, provider)) if provider else self.models.get(name)
        if found is None:
            base = base_name(name)
            found = self._insert("INSERT INTO model(name, provider, base) VALUES(?, ?, ?)", name, provider, base)
            self._note_model(found, name, provider, base)
        return found

    def whose(self, model: int, account: int) -> str:
        """The provider of an account's record with this model; "" = nobody said and the name does not tell."""
        return self.providers[model] or self.provider_of(account)

    def provider_of(self, account: int) -> str:
        """An account's provider; "" for one whose records each name their own."""
        found = self.of_accounts.get(account)
        if found is None:
            row = self.store.execute("SELECT provider FROM account WHERE id = ?", (account,)).fetchone()
            found = self.of_accounts[account] = "" if row is None or row[0] == ANY_PROVIDER else row[0]
        return found

    def project(self, path: str) -> int | None:
        """The id of a project path; None for ""."""
        if path in self.projects:
            return self.projects[path]
        found = self.projects[path] = self._insert("INSERT INTO project(path) VALUES(?)", path)
        return found

    def trait(self, trait: Trait) -> int:
        """The id of a combination of grain, tier, sub-agent, origin, quality and endpoint."""
        found = self.traits.get(trait)
        if found is None:
            values = tuple(str(part) if isinstance(part, str) else part for part in trait)
            found = self._insert("INSERT INTO trait(grain, tier, sub_agent, origin, quality, endpoint) VALUES(?,?,?,?,?,?)", *values)
            self._note_trait(found, trait)
        return found

    def rate(self, rate: Rate) -> int:
        """The id of a price in the price ledger; the same price noted again keeps its first date."""
        found = self.rates.get(rate)
        if found is None:
            prices = msgspec.json.encode((rate.prices, rate.long_context)).decode()
            values = (rate.provider, rate.model, rate.tier, rate.since, rate.origin, prices)
            known = self.store.execute(
                "SELECT id FROM rate WHERE provider = ? AND model = ? AND tier = ? AND since = ? AND origin = ? AND prices = ?", values
            ).fetchone()
            found = self.rates[rate] = (
                known[0]
                if known
                else self._insert(
                    "INSERT INTO rate(provider, model, tier, since, origin, prices, until, noted_at) VALUES(?,?,?,?,?,?,?,?)",
                    *values, rate.until, rate.noted_at,
                )
            )  # fmt: skip
        return found

    def session(self, key: str, account: int, grain: int = 0) -> int:
        """The id of a session. The coarsest grain of its records is the session's; of two accounts the older has it."""
        found = self.sessions.get(key)
        if found is None:
            row = self.store.execute("SELECT id, account, grain FROM session WHERE key = ?", (key,)).fetchone()
            if row is None:
                id_ = self._insert("INSERT INTO session(key, account, grain) VALUES(?, ?, ?)", key, account, list(GRAINS)[grain])
                found = (id_, account, grain)
            else:
                found = (row[0], row[1], GRAINS[row[2]])
        id_, owner, coarsest = found
        if account < owner:
            self.store.execute("UPDATE session SET account = ? WHERE id = ?", (account, id_))
            self.store.execute("UPDATE segment SET account = ? WHERE session = ?", (account, id_))
            self.store.execute("DELETE FROM group_ready WHERE dim % 10 IN (2, 8)")  # see months
            owner = account
        if grain > coarsest:
            self.store.execute("UPDATE session SET grain = ? WHERE id = ?", (list(GRAINS)[grain], id_))
            coarsest = grain
        self.sessions[key] = (id_, owner, coarsest)
        return id_

    def segment(self, session: str, project: str, branch: str, cut: int, account: int, grain: int = 0) -> int:
        """The id of a segment: a session, cut at changes of project or branch, at timer edges and at splits."""
        key = (session, project, branch, cut)
        found = self.segments.get(key)
        if found is not None:
            if grain:
                self.session(session, account, grain)
        else:
            session_id = self.session(session, account, grain)
            project_id = self.project(project)
            row = self.store.execute(
                "SELECT id FROM segment WHERE session = ? AND IFNULL(project, 0) = ? AND branch = ? AND cut = ?",
                (session_id, project_id or 0, branch, cut),
            ).fetchone()
            if row is None:
                owner = self.sessions[session][1]
                found = self._insert(
                    "INSERT INTO segment(session, account, project, branch, cut) VALUES(?,?,?,?,?)", session_id, owner, project_id, branch, cut
                )  # fmt: skip
            else:
                found = int(row[0])
            self.segments[key] = found
            self.places[found] = (session, project, branch)
        return found

    def place_of(self, segment: int) -> tuple[str, str, str]:
        """Session key, project path and branch of a segment."""
        found = self.places.get(segment)
        if found is None:
            found = self.places[segment] = self.store.execute(
                "SELECT x.key, IFNULL(p.path, ''), g.branch FROM segment g JOIN session x ON x.id = g.session"
                " LEFT JOIN project p ON p.id = g.project WHERE g.id = ?", (segment,)
            ).fetchone()  # fmt: skip
        return found

    def _insert(self, sql: str, *values: object) -> int:
        return int(self.store.execute(sql, values).lastrowid or 0)

    def _note_model(self, id_: int, name: str, provider: str, base: str) -> None:
        if provider:
            self.others[name, provider] = id_
        else:
            self.models[name] = id_
        self.model_names[id_], self.providers[id_], self.bases[id_] = name, provider, base

    def _note_trait(self, id_: int, trait: Trait) -> None:
        self.traits[trait] = id_
        self.trait_of[id_] = trait
        self.day_and_estimated[id_] = (trait[0] == Grain.DAY, trait[3] in {Origin.ESTIMATED, Origin.UNKNOWN})


def interned(store: Store, account: int = 0) -> Interned:
    """The connection's lookups; made new when they may be out of date or have grown too large.

    ``account`` is whose batch comes: segments found for another one are looked up again, as a session may change its owner.
    """
    found = store.memory.get("interned")
    if not isinstance(found, Interned) or len(found.segments) + len(found.places) > MOST:
        found = store.memory["interned"] = Interned(store)
    if found.account != account:
        found.segments.clear()
        found.account = account
    return found
