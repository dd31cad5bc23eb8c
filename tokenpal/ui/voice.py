"""What tokenpal says outside its window: when it may, and what it says only once in its life.

Everything notable goes through here: into the list of the window always, to the desktop's own notifications when the person
wants that kind and it is not quiet. What came while it was quiet is told in one summary afterwards, if it still holds.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QSystemTrayIcon

from tokenpal.model.errors import TokenpalError
from tokenpal.model.events import Notable
from tokenpal.translation import tr, trn
from tokenpal.ui.desk import Desk
from tokenpal.ui.notices import Notices, discreet, words

if TYPE_CHECKING:
    from tokenpal.ui.notify import Notifier

NOTIFICATIONS = {
    "limits": "notifications.limits", "problems": "notifications.problems", "budgets": "notifications.budgets", "burn": "notifications.burn",
    "checkin": "notifications.checkin",
}  # fmt: skip
"""What is worth a notification, and the setting that says whether it is wanted."""
SUMMARY = "after quiet hours"


class Voice(QObject):
    """One for the app; the notifier is made when there is something to say."""

    chosen = Signal(object)  # the person clicked a notification: its Notable

    def __init__(self, desk: Desk, icon: Callable[[], QSystemTrayIcon], parent: QObject, holds: Callable[[Notable], bool] = lambda _: True) -> None:
        super().__init__(parent)
        self._desk, self._icon, self._holds = desk, icon, holds
        self.notices = Notices(self)
        self._notifier: Notifier | None = None
        self._once = ""
        self._held: dict[str, Notable] = {}
        self._said: dict[str, Notable] = {}
        self._end_of_quiet = QTimer(self)
        self._end_of_quiet.setSingleShot(True)
        self._end_of_quiet.timeout.connect(self.speak_up)

    @Slot(object)
    def tell(self, what: Notable) -> None:
        """Into the list, and outside the window unless the person does not want this kind or it is quiet now."""
        self.notices.add(what, self._desk.now())
        get = self._desk.settings.get
        if not get("notifications.enabled") or not get(NOTIFICATIONS.get(what.kind, "notifications.enabled")):
            return
        if (left := self._quiet_for()) > 0:
            self._held[what.key] = what
            self._end_of_quiet.start(min(left * 1000, 2**31 - 1))
            return
        self._say(what)

    @Slot()
    def speak_up(self) -> None:
        """It is no longer quiet: one summary of what came meanwhile and still holds."""
        if (left := self._quiet_for()) > 0:  # the hours were changed, or a weekend follows
            self._end_of_quiet.start(min(left * 1000, 2**31 - 1))
            return
        held, self._held = [one for one in self._held.values() if self._holds(one)], {}
        shown = {one.what.key for one in self.notices.items if not one.seen}
        held = [one for one in held if one.key in shown]  # what the person has seen in the window is no news
        if len(held) == 1:
            self._say(held[0])
        elif held:
            title = trn("{n} notice while it was quiet", "{n} notices while it was quiet", len(held))
            self._say(Notable("", SUMMARY, title, "\n".join(words(one)[0] for one in held)))

    def say_once(self, key: str, title: str, body: str) -> None:
        """Said until the system has taken it once; ``key`` is the setting that remembers it."""
        if not self._desk.settings.get(key):
            self._once = key
            self._send(title, body)

    def remember(self, key: str) -> None:
        """It was said."""
        with suppress(TokenpalError):  # a settings file that cannot be written is told elsewhere
            self._desk.settings.set(key, True)

    def stop(self) -> None:
        """At the end of the app."""
        self._end_of_quiet.stop()
        if self._notifier is not None:
            self._notifier.stop()

    def _quiet_for(self) -> int:
        """Seconds until tokenpal may speak; 0 = now."""
        from tokenpal.insight.quiet import quiet_seconds

        get = self._desk.settings.get
        return quiet_seconds(
            self._desk.moment(), hours=get("notifications.quiet"), since=get("notifications.quiet_from"),
            until=get("notifications.quiet_until"), weekends=get("notifications.quiet_weekends"),
        )  # fmt: skip

    def _say(self, what: Notable) -> None:
        self._said[what.key] = what
        self._send(*words(what), key=what.key)

    def _send(self, title: str, body: str, key: str = "") -> None:
        if self._notifier is None:
            from tokenpal.ui.notify import Notifier

            self._notifier = Notifier(self)
            self._notifier.sent.connect(self._sent)
            self._notifier.chosen.connect(self._clicked)
        what = self._said.get(key)
        others = discreet(what) if what is not None and self._desk.settings.get("notifications.hide_while_shared") else None
        self._notifier.send(title, body, self._icon(), key, tr("Open"), others)

    @Slot(str)
    def _clicked(self, key: str) -> None:
        self.chosen.emit(self._said.get(key) or Notable("", key, "", ""))

    @Slot(bool)
    def _sent(self, taken: bool) -> None:
        key, self._once = self._once, ""
        if taken and key:
            self.remember(key)
