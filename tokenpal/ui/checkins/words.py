"""What is said of a week's sessions."""

from __future__ import annotations

from tokenpal.model.report import SessionRow
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers


def use_words(tokens: int, sessions: int) -> str:
    """``13.4 M tokens in 28 sessions``."""
    return trn("{tokens} tokens in {n} session", "{tokens} tokens in {n} sessions", sessions, shown=numbers.digits(sessions), tokens=numbers.short(tokens))


def second_line(row: SessionRow) -> str:
    """What stands below a session's title: the rest of its note, else its task, and why it was waste."""
    rest = " ".join(row.note.strip().partition("\n")[2].split())
    reason = tr("Reason: {reason}.", reason=tr(row.reason)) if row.reason else ""
    return " ".join(part for part in (reason, rest) if part) or row.task or tr("No task")
