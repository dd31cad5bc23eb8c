"""The rest of the window for the pictures: help, notices, small dialogs, and Settings and Accounts in other states than they open in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tokenpal.model.events import Notable

SETTINGS = ("settings-notifications", "settings-receiver", "settings-data", "settings-team", "settings-advanced", "settings-about", "settings-search", "settings-none")
SCENES = (
    *SETTINGS, "help", "help-search", "help-none", "notices", "numbers-hidden", "hint", "toast", "problem", "licences", "delete-everything", "range", "away", "job",
    "status-line", "names", "account-form", "account-refused", "account-none", "account-agent", "account-provider", "budget-of-task", "find-empty", "find-none",
)  # fmt: skip
NOTICES = (
    Notable("limits", "1", "Claude week 88 % used", "Resets Mon 09:00. At this pace it lasts until Saturday.", "overview"),
    Notable("burn", "2", "feature/PAY-142-retry has used 410 k in 12 minutes", "More than your usual range. An agent may be looping.", "sessions", 1),
    Notable("budgets", "3", "Checkout redesign is over its budget", "$52.10 of your $50.00 for November. Nothing was stopped.", "tasks", 1),
    Notable("checkin", "4", "Four lines for week 47", "What you tried, what worked, what failed, what you learned.", "check-in"),
)  # fmt: skip


def picture(desktop: Any, window: Any, name: str, settle: Callable[[], None]) -> Any:
    """The window, or the dialog that is open. The window is left as it was."""
    undo = _open(desktop, window, name, settle)
    settle()
    dialog = next((one for one in reversed(QApplication.topLevelWidgets()) if isinstance(one, QDialog) and one.isVisible()), None)
    shown = (dialog or window).grab()
    if dialog is not None:
        dialog.close()
        if name == "job":
            dialog.hide()
    if undo is not None:
        undo()
    settle()
    return shown


def _open(desktop: Any, window: Any, name: str, settle: Callable[[], None]) -> Callable[[], object] | None:
    if name.startswith("settings-"):
        return _settings(window, name.removeprefix("settings-"), settle)
    if name.startswith("account-"):
        return _account(window, name.removeprefix("account-"), settle)
    window.open_page({"status-line": "accounts", "names": "sessions", "budget-of-task": "tasks"}.get(name, "overview" if name != "hint" else "tasks"))
    settle()
    match name:
        case "help" | "help-search" | "help-none":
            window.show_help()
            window._help.search.setText({"help": "", "help-search": "budget", "help-none": "no such words"}[name])
        case "notices":
            for place, what in enumerate(NOTICES):
                desktop.telling.notices.add(what, int(desktop.desk.now()) - 1200 * (len(NOTICES) - place))
            settle()
            desktop.telling.open_list()
            return desktop.telling.notices.clear
        case "numbers-hidden":
            window.hide_asked.emit()
            return window.hide_asked.emit
        case "hint":
            desktop.settings.set("state.hints", [])
            window._banners.say_hint("tasks")
            return lambda: (window.hint.hide(), window.hint.dismissed.emit())
        case "toast":
            window.say("Labelled: Delivered", True)
            return window.toasts.hide
        case "problem":
            window.say_problem("The log could not be read", "2 lines of one log could not be read and were left out.", "Look at the account to see which.")
            return lambda: (window.banner.hide(), window.banner.dismissed.emit())
        case "range":
            from tokenpal.ui.dialogs.range import RangeDialog

            today: date = desktop.desk.today()
            RangeDialog(today - timedelta(days=29), today, today, window).open()
        case "away":
            from tokenpal.ui.dialogs.away import AwayDialog

            AwayDialog("Checkout redesign", "12:10 – 12:50", 2400, window).open()
        case "job":
            from tokenpal.ui.dialogs.job import JobDialog

            job = JobDialog(desktop.desk, "Export everything", window)
            job.job.done, job.job.total = 21_400, 50_000
            job._look()
            job.open()
        case "status-line":
            from tokenpal.ui.dialogs import statusline
            from tokenpal.ui.dialogs.ask import AskDialog

            AskDialog(*statusline.question(Path("/home/sam/.claude/settings.json")), window).open()
        case "names":
            from tokenpal.ui.sessions.namepicker import NamePicker

            NamePicker("Project", [(f"project-{n}", f"project-{n}") for n in range(40)], window).open()
        case "budget-of-task":
            from tokenpal.ui.dialogs.budgets import BudgetsDialog

            task = next((row.task.id for row in window.open_page("tasks")._rows if row.task is not None), None)
            BudgetsDialog(desktop.desk, *(("task", task) if task is not None else ()), parent=window).open()
        case "find-empty" | "find-none":
            window.search()
            dialog: Any = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible())
            dialog.search.setText("no such words" if name == "find-none" else "")
        case "licences" | "delete-everything":
            page = window.open_page("settings")
            page.findChild(QWidget, {"licences": "licences"}.get(name, "data-delete")).click()
    return None


def _settings(window: Any, name: str, settle: Callable[[], None]) -> Callable[[], object]:
    page = window.open_page("settings")
    settle()
    if name in {"search", "none"}:
        page.search.setText("quiet" if name == "search" else "no such words")
    else:
        page.show_section(next(key for key in page._cards if key.startswith({"team": "sharing"}.get(name, name))))
    return lambda: (page.search.clear(), page._scroll.verticalScrollBar().setValue(0))


def _account(window: Any, name: str, settle: Callable[[], None]) -> None:
    page = window.open_page("accounts")
    settle()
    if name in {"agent", "provider"}:
        row = next((row for row in page._rows if row.kind == ("log" if name == "agent" else "api")), None)
        if row is not None:
            page.show_item(row.id)
        return
    page.add()
    settle()
    dialog: Any = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible())
    dialog.provider.search.setText({"form": "litellm", "refused": "openai", "none": "cursor"}[name])
    settle()
    if name == "refused":
        dialog.key.setText("sk-not-a-key")
        dialog._say("OpenAI does not accept the key. Make a new admin key and enter it here.", problem=True)
