"""Notifications on a real bus: shown once, clicked, and what is hidden while the screen is shared."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.desktop.conftest import HERE, Desktop
from tests.desktop.test_tray import windows

ASK = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tokenpal.engine.engine import Engine
from tokenpal.settings import Settings
from tokenpal.system.paths import paths
from tokenpal.ui.desktop import Desktop, apply_look
from tokenpal.model.events import Notable

app = QApplication(["tokenpal"])
app.setQuitOnLastWindowClosed(False)
places = paths()
places.make()
settings = Settings.load(places.settings)
apply_look(settings)
desktop = Desktop(Engine(places, settings, env={}), settings)
desktop.begin(background=True)
"""


def host(desktop: Desktop, *arguments: str) -> None:
    desktop.spawn(sys.executable, "-u", str(HERE / "notification_host.py"), *arguments, log="notes.jsonl")
    desktop.until(lambda: '"ready"' in desktop.text("notes.jsonl"), "notification daemon")


def shown(desktop: Desktop) -> list[dict[str, Any]]:
    return [line for raw in desktop.text("notes.jsonl").splitlines() if raw.startswith("{") and "title" in (line := json.loads(raw))]


def play(desktop: Desktop, code: str) -> Any:
    return desktop.spawn(sys.executable, "-u", "-c", ASK + code + "\nsys.exit(app.exec())", log="app.log")


def test_a_click_on_a_notification_opens_its_page(desktop: Desktop) -> None:
    host(desktop, "--click", "Budget")
    play(desktop, """
desktop.voice.chosen.connect(lambda what: print("chosen", what.key, flush=True))
tell = lambda: desktop.voice.tell(Notable("budgets", "b1", "Budget reached", "You are at <b> & more.", "tasks"))
QTimer.singleShot(0, tell)
look = QTimer(); look.setInterval(50)
look.timeout.connect(lambda: desktop.window and print("page", desktop.window.page_key, flush=True))
look.start()
""")  # fmt: skip
    desktop.until(lambda: "page tasks" in desktop.text("app.log"), "the page of the notice")
    assert "chosen b1" in desktop.text("app.log")
    (note,) = shown(desktop)
    assert (note["app"], note["urgency"], note["actions"]) == ("tokenpal", 1, ["default", "Open"])
    assert note["body"] == "You are at &lt;b&gt; &amp; more.", "a task's name is no markup"
    desktop.until(lambda: windows(desktop), "the window")


def test_the_same_thing_replaces_its_message_and_others_stand_beside_it(desktop: Desktop) -> None:
    host(desktop)
    play(desktop, """
desktop.voice.tell(Notable("limits", "a", "First", "."))
sent = []
def next_(_taken):
    sent.append(1)
    if len(sent) == 1: desktop.voice.tell(Notable("limits", "b", "Second", "."))
    if len(sent) == 2: desktop.voice.tell(Notable("limits", "a", "First again", "."))
desktop.voice._notifier.sent.connect(next_)
""")  # fmt: skip
    desktop.until(lambda: len(shown(desktop)) == 3, "three messages")
    first, second, again = shown(desktop)
    assert again["id"] == first["id"] != second["id"]


def test_without_a_daemon_the_window_keeps_the_notice(desktop: Desktop) -> None:
    play(desktop, """
desktop.open("overview")
desktop.voice.tell(Notable("limits", "a", "Near", "Nothing was stopped.", "accounts"))
desktop.voice._notifier.sent.connect(lambda taken: print("taken", taken, "bell", desktop.window.sidebar.bell.isVisible(), flush=True))
""")  # fmt: skip
    desktop.until(lambda: "taken False bell True" in desktop.text("app.log"), "the bell in place of the daemon")


def test_figures_are_dots_while_the_screen_is_shared(desktop: Desktop) -> None:
    host(desktop, "--inhibited")
    play(desktop, """
from tokenpal.ui import numbers
def said():
    desktop.voice.tell(Notable("limits", "a", "Claude week 88 % used", "Runs out soon."))
    print("hidden", numbers.short(1_240_000), flush=True)
desktop.hiding.changed.connect(said)
QTimer.singleShot(0, lambda: desktop.open("overview"))
""")  # fmt: skip
    desktop.until(lambda: "hidden •••" in desktop.text("app.log"), "figures are hidden")
    desktop.until(lambda: shown(desktop), "a message")
    assert "88" not in shown(desktop)[0]["title"]


def test_a_message_without_a_window_tells_no_figures_to_those_who_see_the_screen(desktop: Desktop) -> None:
    """Nothing looks for onlookers while no face of the app is open: the message itself has to ask."""
    host(desktop, "--inhibited")
    play(desktop, """
QTimer.singleShot(0, lambda: desktop.voice.tell(Notable("limits", "a", "Claude week 88 % used", "Runs out soon.")))
""")  # fmt: skip
    desktop.until(lambda: shown(desktop), "a message")
    assert shown(desktop)[0]["title"] == "A limit is near"
    assert "Runs out" not in shown(desktop)[0]["body"]
