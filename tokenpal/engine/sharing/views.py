"""What the Sharing page and ``tokenpal share`` read and do with the data file alone. Nothing here reaches the network.

Each function takes the store first and runs on the database thread.
"""

from __future__ import annotations

from pathlib import Path

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
)  # fmt: skip
from tokenpal.model.errors import UsageError
from tokenpal.store.database import Store

__all__ = [
    "Asking", "Bar", "ChangeLine", "LearningView", "LogEntry", "LogLine", "QuestionView", "ResultView", "Rule", "ShareLine",
    "SharePreview", "SharingView", "Tick", "TrendPoint", "VerifyResult", "decline", "export_log", "log_entry", "pause", "resume",
    "share_preview", "sharing_line", "sharing_view", "verify",
]  # fmt: skip


def sharing_view(store: Store) -> SharingView:
    """The whole page as the data file knows it now."""
    report = share_preview(store)
    return SharingView(
        state="never asked", headline="Sharing is off", chip="off", week=report.week, report=report,
        sentence="You are in no team. Nothing is sent, and nothing is asked until you paste an invitation.",
    )  # fmt: skip


def sharing_line(store: Store) -> str:
    """One line for the tray's menu, such as ``Sharing: on, next report by Wednesday``."""
    return "Sharing: off"


def log_entry(store: Store, n: int) -> LogEntry:
    """One entry of the log with everything that is known of it. Raises UsageError for a number that is not there."""
    raise UsageError(f"There is no entry {n} in the log.", "Look at the list again.")


def verify(store: Store) -> VerifyResult:
    """Check the chain of the log, and make every report in it again from its draw and seed."""
    return VerifyResult(True, ("The log is empty: nothing ever left this machine.",))


def export_log(store: Store, path: Path) -> None:
    """Write the whole log as JSON lines to a new file. Raises UsageError."""
    raise UsageError("The log is empty.", "There is nothing to export.")


def pause(store: Store, weeks: int | None) -> None:
    """Send nothing for so many weeks, None = until ``resume``. Raises UsageError when sharing is not on."""
    raise UsageError("Sharing is not on.", "There is nothing to pause.")


def resume(store: Store) -> None:
    """End a pause. Raises UsageError when there is none."""
    raise UsageError("Sharing is not paused.", "There is nothing to resume.")


def decline(store: Store) -> None:
    """Never ask again. Raises UsageError when it makes no sense."""
    raise UsageError("Nobody has asked.", "Nothing is sent.")
