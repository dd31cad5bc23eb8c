"""Templates of check-ins: words that a person begins their weeks with. Every change is one edit that can be taken back."""

from __future__ import annotations

from typing import Final

from tokenpal.model.errors import UsageError
from tokenpal.model.journal import Template
from tokenpal.store.checkins import FIELDS
from tokenpal.store.database import Store
from tokenpal.store.edits import editing
from tokenpal.translation import tr

NAME_LENGTH: Final = 100


def templates(store: Store) -> list[Template]:
    """All templates by name."""
    rows = store.execute(f"SELECT name, {', '.join(FIELDS)} FROM template ORDER BY name COLLATE NOCASE, name")
    return [Template(*row) for row in rows]


def save_template(store: Store, template: Template, now: int | None = None) -> None:
    """Keep a template; one of the same name is replaced. Raises UsageError for a name that is none."""
    name = " ".join(template.name.split())
    if not name or len(name) > NAME_LENGTH:
        raise UsageError(tr("A template needs a name of at most 100 characters."), tr("Give it a short name."))
    with editing(store, tr("Save the template {name}", name=name), now=now) as change:
        row = {"name": name} | {field: getattr(template, field).strip() for field in FIELDS}
        old = change.get("template", name)
        if old is None or any(old[field] != row[field] for field in FIELDS):
            change.put("template", row | {"changed_at": change.now})


def delete_template(store: Store, name: str, now: int | None = None) -> None:
    """Remove a template. Raises UsageError when there is none of this name."""
    with editing(store, tr("Remove the template {name}", name=name), now=now) as change:
        if change.get("template", name) is None:
            raise UsageError(tr("This template does not exist any more."), tr("Choose another one."))
        change.drop("template", name)
