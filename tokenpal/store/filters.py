"""A Filter as SQL over segments (g), with names turned into ids first; report and session list share it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tokenpal.model.names import ANY_PROVIDER
from tokenpal.model.report import NONE_KEYS, Dimension, Filter
from tokenpal.store.database import Store

LABELS = "(SELECT id AS session, label FROM session WHERE label <> '')"
"""Session ids with their label."""

TAGGED = """(SELECT x.id AS session, t.tag AS tag FROM session_tag t JOIN session x ON x.key = t.session
  UNION SELECT x.id, t.tag FROM session_tag t JOIN session_part p ON p.part = t.session JOIN session x ON x.key = p.session)"""
"""Session ids with the tags said of the session itself."""


class Where:
    """Conditions with their values, in order."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """One more condition that must hold."""
        self.parts.append(condition)
        self.values.extend(values)

    def extend(self, more: str, *values: Any) -> None:
        """Go on with the newest condition."""
        self.parts[-1] += more
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """" AND a AND b", or nothing."""
        return "".join(f" AND {part}" for part in self.parts)


def segment_conditions(store: Store, filter_: Filter) -> Where:
    """Conditions on segment ``g`` for everything but models (which are on roll-up rows) and text (which is on sessions)."""
    where = Where()
    if filter_.tasks:
        where.add(*_ids_or_null(store, "g.task", "SELECT id FROM task WHERE name", filter_.tasks, Dimension.TASK))
    if filter_.projects:
        where.add(*_ids_or_null(store, "g.project", "SELECT id FROM project WHERE path", filter_.projects, Dimension.PROJECT))
    if filter_.branches:
        none = NONE_KEYS[Dimension.BRANCH]
        where.add("g.branch IN (SELECT value FROM json_each(?))", json.dumps(["" if name == none else name for name in filter_.branches]))
    if filter_.agents:
        where.add(
            "g.account IN (SELECT id FROM account WHERE source IN (SELECT value FROM json_each(?)))", json.dumps(filter_.agents)
        )
    if filter_.accounts:
        where.add(
            "g.account IN (SELECT id FROM account WHERE name IN (SELECT value FROM json_each(?)))", json.dumps(filter_.accounts)
        )
    for column, ids in (("g.task", filter_.task_ids), ("g.account", filter_.account_ids)):
        if ids:
            where.add(f"{column} IN (SELECT value FROM json_each(?))", json.dumps(ids))
    if filter_.labels:
        where.add(
            "g.session IN (SELECT id FROM session WHERE label IN (SELECT value FROM json_each(?)))", json.dumps(label_values(filter_))
        )
    if filter_.tags:
        _tags(where, filter_.tags)
    return where


def label_values(filter_: Filter) -> list[str]:
    """Labels as table session holds them: "" for none."""
    return ["" if label == NONE_KEYS[Dimension.LABEL] else label for label in filter_.labels]


def model_values(filter_: Filter) -> list[str]:
    """Model names as table model holds them: "" for unknown."""
    return ["" if name == NONE_KEYS[Dimension.MODEL] else name for name in filter_.models]


def model_condition(store: Store, filter_: Filter, column: str) -> Where:
    """Condition on a roll-up row's model; one on providers speaks of segment ``g`` too."""
    where = Where()
    if filter_.providers:
        where.add(*provider_condition(filter_, column))
    if filter_.models:
        where.add(f"{column} IN (SELECT id FROM model WHERE name IN (SELECT value FROM json_each(?)))", json.dumps(model_values(filter_)))
    return where


def provider_condition(filter_: Filter, column: str) -> tuple[str, str, str]:
    """Whose requests: the model's provider where the record named one, else that of the account of segment ``g``."""
    none = NONE_KEYS[Dimension.PROVIDER]
    names = json.dumps([ANY_PROVIDER if name == none else name for name in filter_.providers])
    among = "IN (SELECT value FROM json_each(?))"
    own = f"{column} IN (SELECT id FROM model WHERE provider = '') AND g.account IN (SELECT id FROM account WHERE provider {among})"
    return f"({column} IN (SELECT id FROM model WHERE provider {among}) OR ({own}))", names, names


def _ids_or_null(store: Store, column: str, select: str, names: Sequence[str], dimension: Dimension) -> tuple[str, str]:
    ids = [row[0] for row in store.execute(f"{select} IN (SELECT value FROM json_each(?))", (json.dumps(names),))]
    condition = f"{column} IN (SELECT value FROM json_each(?))"
    if NONE_KEYS[dimension] in names:
        condition = f"({condition} OR {column} IS NULL)"
    return condition, json.dumps(ids)


def _tags(where: Where, tags: Sequence[str]) -> None:
    """Tags of the task and of the session both count."""
    none = NONE_KEYS[Dimension.TAG]
    names = json.dumps([tag for tag in tags if tag != none])
    condition = (
        "(g.task IN (SELECT task FROM task_tag WHERE tag IN (SELECT value FROM json_each(?)))"
        f" OR g.session IN (SELECT session FROM {TAGGED} WHERE tag IN (SELECT value FROM json_each(?)))"
    )
    if none in tags:
        condition += (
            f" OR (IFNULL(g.task, 0) NOT IN (SELECT task FROM task_tag) AND g.session NOT IN (SELECT session FROM {TAGGED}))"
        )
    where.add(condition + ")", names, names)
