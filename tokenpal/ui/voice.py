"""What tokenpal says outside its window: when it may, and what it says only once in its life."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QSystemTrayIcon

from tokenpal.model.errors import TokenpalError
from tokenpal.ui.page import Desk

if TYPE_CHECKING:
    from tokenpal.ui.notify import Notifier

NOTIFICATIONS = {"limits": "notifications.limits", "problems": "notifications.problems"}
"""What is worth a notification, and the setting that says whether it is wanted."""


class Voice(QObject):
    """One for the app; the notifier is made when there is something to say."""

    def __init__(self, desk: Desk, icon: Callable[[], QSystemTrayIcon], parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._icon = desk, icon
        self._notifier: Notifier | None = None
        self._once = ""

    @Slot(str, str, str)
    def notify(self, kind: str, title: str, body: str) -> None:
        """A notification, unless the person does not want this kind or it is quiet now."""
        from tokenpal.insight.quiet import is_quiet

        get = self._desk.settings.get
        quiet = is_quiet(
            self._desk.moment(), hours=get("notifications.quiet"), since=get("notifications.quiet_from"),
            until=get("notifications.quiet_until"), weekends=get("notifications.quiet_weekends"),
        )  # fmt: skip
        if get("notifications.enabled") and get(NOTIFICATIONS[kind]) and not quiet:
            self._send(title, body)

    def say_once(self, key: str, title: str, body: str) -> None:
        """Said until the system has taken it once; ``key`` is the setting that remembers it."""
        if not self._desk.settings.get(key):
            self._once = key
            self._send(title, body)

    def remember(self, key: str) -> None:
        """It was said."""
        with suppress(TokenpalError):  # a settings file that cannot be written is told elsewhere
            self._desk.settings.set(key, True)

    def _send(self, title: str, body: str) -> None:
        if self._notifier is None:
            from tokenpal.ui.notify import Notifier

            self._notifier = Notifier(self)
            self._notifier.sent.connect(self._sent)
        self._notifier.send(title, body, self._icon())

    @Slot(bool)
    def _sent(self, taken: bool) -> None:
        key, self._once = self._once, ""
        if taken and key:
            self.remember(key)
