"""Lines of ``tokenpal-outcome/1``: what somebody or something else says of sessions (resources/formats/outcomes.md).

Not usage: the importer turns them into labels and notes where the person has said nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.session import Label, WasteReason
from tokenpal.sources.times import millis
from tokenpal.sources.usage_lines import Bad

FORMAT: Final = "tokenpal-outcome/1"
FAMILY: Final = "tokenpal-outcome/"
REACH: Final = 86_400
MOST_MINUTES: Final = 100_000


class Outcome(msgspec.Struct, frozen=True):
    """One line. It names its session, or a commit's folder (and branch) and the time in which the work was done."""

    session: str = ""  # a session key, or the agent's own id
    folder: str = ""
    branch: str = ""
    since: int = 0  # epoch seconds
    until: int = 0
    label: str = ""
    reason: str = ""
    note: str = ""
    task: str = ""
    link: str = ""
    tags: tuple[str, ...] = ()
    minutes_saved: int | None = None


def is_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    return any(isinstance(said := row.get("is"), str) and said.startswith(FAMILY) for row in sample)


def outcome(found: Mapping[str, Any]) -> Outcome:
    """Raises Bad."""
    if found.get("is") != FORMAT:
        raise Bad(f"does not say that it is {FORMAT}")
    session, folder, branch = _text(found, "session", 600), _text(found, "folder", LONGEST_PATH), _text(found, "branch", 300)
    at, since = _time(found, "at"), _time(found, "since")
    commit = _text(found, "commit", 64)
    if not session and not (folder and at):
        raise Bad("names no session; a commit needs its folder and at, the time it was made")
    label = _one_of(found, "label", Label)
    reason = _one_of(found, "reason", WasteReason)
    if reason and label != Label.WASTE:
        raise Bad("has a reason, which belongs to the label waste")
    tags = found.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) and len(tag) <= 60 for tag in tags):
        raise Bad("has tags that are no list of short texts")
    minutes = found.get("minutes_saved")
    if minutes is not None and (type(minutes) is not int or not 0 <= minutes <= MOST_MINUTES):
        raise Bad("has minutes_saved that are no whole number of minutes")
    made = Outcome(
        session, folder, branch, since or max(0, at - REACH), at, label, reason, _text(found, "note", 20_000, lines=True), _text(found, "task", 200),
        _text(found, "link", 2000) or (f"commit {commit}" if commit else ""), tuple(plain(tag) for tag in tags), minutes,
    )  # fmt: skip
    if not (made.label or made.note or made.task or made.link or made.tags or minutes is not None):
        raise Bad("says nothing of its session")
    return made


def _text(found: Mapping[str, Any], name: str, longest: int, *, lines: bool = False) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Bad(f"has a {name} that is no text")
    if len(value) > longest:
        raise Bad(f"has a {name} that is too long")
    value = value.strip()
    return "\n".join(plain(line, longest) for line in value.splitlines()) if lines else plain(value, longest)


def _time(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    if value is None:
        return 0
    at = millis(value) if isinstance(value, str) else None
    if at is None:
        raise Bad(f"has a time ({name}) that is not RFC 3339, such as 2026-11-21T10:00:00Z")
    return at // 1000


def _one_of(found: Mapping[str, Any], name: str, kind: type[Label | WasteReason]) -> str:
    value = found.get(name)
    if value is None:
        return ""
    try:
        return kind(str(value).replace("-", " ").replace("_", " ").lower()).value
    except ValueError:
        raise Bad(f"has a {name} that is none of: {', '.join(kind)}") from None
