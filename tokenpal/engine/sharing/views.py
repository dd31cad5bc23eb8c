"""What the Sharing page and ``tokenpal share`` read and do with the data file alone. Nothing here reaches the network.

Each function takes the store first and runs on the database thread.
"""

from __future__ import annotations

from pathlib import Path

from tokenpal.engine.changes import changes
from tokenpal.engine.sharing import logbook
from tokenpal.engine.sharing.line import sharing_line
from tokenpal.engine.sharing.page import sharing_view
from tokenpal.engine.sharing.pasted import Finding, Invited, findings, read_invitation
from tokenpal.engine.sharing.preview import ShareLine, SharePreview, share_preview
from tokenpal.engine.sharing.shapes import (
    Asking,
    Bar,
    ChangeLine,
    LearningView,
    LogEntry,
    LogLine,
    QuestionView,
    ResultView,
    Rule,
    SharingView,
    Tick,
    TrendPoint,
    VerifyResult,
)
from tokenpal.engine.sharing.states import apply
from tokenpal.model.errors import UsageError
from tokenpal.share import consent
from tokenpal.store import sharing_audit
from tokenpal.store.database import Store
from tokenpal.translation import tr

__all__ = [
    "Asking", "Bar", "ChangeLine", "Finding", "Invited", "LearningView", "LogEntry", "LogLine", "QuestionView", "ResultView", "Rule",
    "ShareLine", "SharePreview", "SharingView", "Tick", "TrendPoint", "VerifyResult", "decline", "export_log", "findings", "log_entry",
    "pause", "read_invitation", "resume", "share_preview", "sharing_line", "sharing_view", "verify",
]  # fmt: skip


def log_entry(store: Store, n: int) -> LogEntry:
    """One entry of the log with everything that is known of it. Raises UsageError for a number that is not there."""
    return logbook.entry(store, n)


def verify(store: Store) -> VerifyResult:
    """Check the chain of the log, and make every report in it again from its draw and seed."""
    return logbook.verify(store)


def export_log(store: Store, path: Path) -> None:
    """Write the whole log as JSON lines to a new file. Raises UsageError."""
    if not sharing_audit.audit_size(store):
        raise UsageError(tr("The log is empty: nothing ever left this machine."), tr("There is nothing to export."))
    logbook.export(store, path)


@changes("sharing")
def pause(store: Store, weeks: int | None) -> None:
    """Send nothing for so many weeks, None = until ``resume``. Raises UsageError when sharing is not on."""
    apply(store, consent.Paused(store.now(), weeks))


@changes("sharing")
def resume(store: Store) -> None:
    """End a pause. Raises UsageError when there is none."""
    apply(store, consent.Resumed(store.now()))


@changes("sharing")
def decline(store: Store) -> None:
    """Never ask again. Raises UsageError while sharing: leave or pause then."""
    apply(store, consent.Declined(store.now()))
