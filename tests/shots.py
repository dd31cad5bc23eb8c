"""Screenshots of every page, made from the real program: ``python3 dev.py shots [FOLDER]`` (default ``build/shots``).

Engine, store and pages are the real ones; the profile is a throw-away folder and the platform is offscreen, so the pictures
do not depend on a desktop. ``--data`` chooses sample, empty, reading (a first run under way) or huge; ``--readme`` writes the
small set that the README shows. Dialogs are pictured with the sample data.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QDialog

    from tokenpal.system.paths import Paths
    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.window import MainWindow

SCENES = ("look-back", "look-back-weeks", "look-back-quarters", "earlier-week", "hours", "report-and-logs")
SHARING = "sharing-"  # its states and dialogs are made up by hand: tests.ui.sharing_scenes
SESSIONS = "sessions-"  # the same of the journal: tests.ui.session_scenes
TASKS = "tasks-"  # states and dialogs of that page: tests.ui.task_scenes
EMPTY = ("look-back", "new-task", "budgets", "add-account", "find-empty", "keys", "help")  # beside the pages, where nothing is there yet
HUGE = ("overview", "sessions", "tasks", "check-in", "look-back", "accounts", "glance", "task-picker", "find")  # what ten years of use could overcrowd
PAGES = ("overview", "sessions", "tasks", "check-in", "sharing", "accounts", "settings")
BUTTONS = {  # page and words of the button that opens it
    "add-account": ("accounts", "Add an account"), "new-key": ("accounts", "Enter a new key"), "remove-account": ("accounts", "Remove"),
    "account-options": ("accounts", "Change options"), "new-task": ("tasks", "New task"), "reprice": ("settings", "Compare"),
    "rates": ("settings", "Open"),
}  # fmt: skip
INSIGHTS = ("insight-long", "insight-cache", "model-switch")
DIALOGS = (*BUTTONS, "keys", "task-picker", "import", "import-timers", "import-entries", "find", "templates", "budgets", *INSIGHTS)
TIMERS = """\
[{"start":"20261118T080000Z","end":"20261118T093000Z","tags":["Checkout redesign"]},{"start":"20261118T100000Z","end":"20261118T111500Z","tags":["review","search"]},
{"start":"20261119T080000Z","end":"20261119T081500Z","tags":["stand-up"]},{"start":"20261119T090000Z","end":"20261119T123000Z","tags":["flaky tests"]},{"start":"20261120T130000Z"}]
"""
ENTRIES = "[2026-11-18 10:30] Arena for the parser, second try.\nLifetimes still fight back.\n[2026-11-19 23:50] Slept over it: the context was missing, not the model.\n"
HANDED = """\
{"is":"tokenpal-usage/1","id":"nightly/7","at":"2026-11-19T02:15:00Z","provider":"anthropic","model":"claude-sonnet-4-5","fresh_input":1200,"cache_read":35000,"output":3100}
{"is":"tokenpal-usage/1","id":"nightly/8","at":"2026-11-20T02:15:00Z","provider":"anthropic","model":"claude-sonnet-4-5","fresh_input":900,"cache_read":41000,"output":2800}
{"is":"tokenpal-usage/1","id":"nightly/9","at":"yesterday","model":"claude-sonnet-4-5","output":10}
"""
AFTERNOON = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)  # a Friday: the pictures do not depend on the day they are made
README = Path(__file__).parent.parent / "resources" / "screenshots"
APPROVED = Path(__file__).parent / "data" / "pictures"
APPROVED_PICTURES = ("--scale", "1", "--theme", "light,dark", "--data", "sample",
                     "--only", "overview,sessions,tasks,check-in,sharing-sharing,accounts,settings,glance")  # fmt: skip
"""What the visual regression test compares; sharing with its states made up by hand, since a real preview draws a coin."""


QUIET = 12
"""Turns in which nothing happens before a picture is made."""


def main() -> int:
    options = _parser().parse_args()
    if options.readme:
        options.folder, options.scale, options.data, options.only = README, "2", "sample", ",".join((*PAGES, "glance"))
    if options.approve:
        options = _parser().parse_args([str(APPROVED), *APPROVED_PICTURES])
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.child:
        return draw(options)
    children = []  # at once: each waits for its window most of the time
    for data in options.data.split(","):
        for scale in options.scale.split(",") if data != "huge" else options.scale.split(",")[:1]:
            command = [sys.executable, "-m", "tests.shots", str(options.folder), "--child", "--scale", scale, "--theme", options.theme]
            command += ["--data", data, "--only", options.only, "--size", options.size, "--text", options.text, "--profile", options.profile]
            command += ["--contrast", options.contrast, "--language", options.language, *(["--rtl"] if options.rtl else []), *(["--hasty"] if options.hasty else [])]
            env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={_screen(options.folder, float(scale))}", "QT_SCALE_FACTOR": scale, "TZ": "UTC", "LANG": "C.UTF-8"}
            children.append(subprocess.Popen(command, env=env))
    codes = [child.wait() for child in children]
    for file in options.folder.glob("screen-*.json"):
        file.unlink()
    if options.readme:
        shrink(options.folder)
    print(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")
    return max(codes)


def _screen(folder: Path, scale: float) -> Path:
    """A small screen of today, so that the pictures show whether a dialog fits it."""
    file = (folder / f"screen-{scale}.json").absolute()
    size = {"width": round(1280 * scale), "height": round(800 * scale)}
    file.write_text(json.dumps({"screens": [{"name": "screen", "x": 0, "y": 0, **size, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}]}))
    return file


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="build/shots", type=Path)
    parser.add_argument("--only", default="", help="pages and dialogs to draw, separated by commas")
    parser.add_argument("--scale", default="1,2")
    parser.add_argument("--theme", default="light,dark")
    parser.add_argument("--data", default="sample,empty,huge", help="sample, empty, reading, or huge (in the first scale alone)")
    parser.add_argument("--size", default="1320x934", help="size of the window")
    parser.add_argument("--text", default="100", help="text size in per cent")
    parser.add_argument("--contrast", default="normal", choices=("normal", "high"), help="of the palettes")
    parser.add_argument("--language", default="", help="de, pseudo, or nothing for English")
    parser.add_argument("--rtl", action="store_true", help="from right to left")
    parser.add_argument("--profile", default="", help="a profile folder to look at, instead of a new one")
    parser.add_argument("--readme", action="store_true", help="write the pictures of the README, small")
    parser.add_argument("--approve", action="store_true", help="write the pictures that the visual regression test compares with")
    parser.add_argument("--hasty", action="store_true", help="wait less: for seeing that all can be drawn, not for looking")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def draw(options: argparse.Namespace) -> int:
    """All pictures of one scale and one kind of data, in one process."""
    global QUIET
    import time_machine

    from tokenpal.system.paths import inside

    if options.hasty:
        QUIET = 3
    with ExitStack() as stack:
        if not options.profile:
            stack.enter_context(time_machine.travel(AFTERNOON, tick=False))
        name = options.profile or stack.enter_context(tempfile.TemporaryDirectory(prefix="tokenpal-shots-", ignore_cleanup_errors=True))
        places = inside(Path(name))
        places.make()
        if options.data == "sample" and not options.profile:
            from tokenpal.engine import demo

            demo.fill(places)
        elif options.data == "huge" and not options.profile:
            from tests.ui import huge

            huge.fill(places)
        _draw(options, places)
    return 0


def _draw(options: argparse.Namespace, places: Paths) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from tokenpal.engine.engine import Engine
    from tokenpal.settings import Settings
    from tokenpal.translation import use
    from tokenpal.ui import language
    from tokenpal.ui.desktop import Desktop, apply_look
    from tokenpal.ui.help import hints

    app = QApplication(["tokenpal"])
    settings = Settings.load(places.settings)
    settings.set("appearance.text_size", int(options.text))
    settings.set("appearance.contrast", options.contrast)
    if options.language == "pseudo":
        use(options.language)  # no choice of a person
    else:
        settings.set("appearance.language", options.language)
        language.speak(settings)
    if options.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    settings.set("state.window", "")
    settings.set("state.no_tray_said", True)
    settings.set("state.hints", list(hints.HINTS))
    apply_look(settings)
    engine = Engine(places, settings, home=places.data, env={})
    desktop = Desktop(engine, settings, demo=options.data == "sample")
    desktop.begin(background=True)
    window = desktop.open()
    width, height = (int(part) for part in options.size.split("x"))
    window.resize(width, height)
    from tests.ui import menu_scenes, session_scenes, sharing_scenes, task_scenes, window_scenes

    full = (*PAGES, "glance", *SCENES, *DIALOGS, *session_scenes.SCENES, *sharing_scenes.SCENES, *task_scenes.SCENES, *window_scenes.SCENES, *menu_scenes.SCENES)
    every = {"sample": full, "huge": HUGE, "empty": (*PAGES, "glance", *EMPTY)}.get(options.data, (*PAGES, "glance"))
    wanted = tuple(page for page in options.only.split(",") if page) or every
    if options.only == SHARING:
        wanted = sharing_scenes.SCENES
    for theme in options.theme.split(","):
        settings.set("appearance.theme", theme)
        desktop.settings_changed("appearance.theme")
        for page in wanted:
            name = f"{page}-{theme}.png" if options.folder == README else f"{page}-{theme}-{options.data}@{options.scale}x.png"
            shown = "sharing-sharing" if options.folder == README and page == "sharing" else page  # a reader wants to see a team
            picture(app, desktop, window, shown, options.data == "reading").save(str(options.folder / name))
    desktop.quit()
    engine.stop()


def picture(app: QApplication, desktop: Desktop, window: MainWindow, name: str, reading: bool):
    """One page, the glance, or a dialog."""
    from tests.ui import menu_scenes, window_scenes

    if name in menu_scenes.SCENES:
        return menu_scenes.picture(desktop, window, name, lambda: settle(app, desktop))
    if name == "glance":
        desktop.toggle_glance()
        assert desktop.glance is not None
        desktop.glance.setProperty("keep", True)
        settle(app, desktop)
        shown = desktop.glance.grab()
        desktop.glance.hide()
        return shown
    if name in window_scenes.SCENES:
        return window_scenes.picture(desktop, window, name, lambda: settle(app, desktop))
    if name in DIALOGS:
        made = dialog(app, desktop, window, name)
        settle(app, desktop)
        shown = made.grab()
        made.close()
        settle(app, desktop)
        return shown
    if name.startswith(SESSIONS):
        from tests.ui import session_scenes

        return session_scenes.picture(desktop, window, name, lambda: settle(app, desktop))
    if name.startswith(TASKS):
        from tests.ui import task_scenes

        return task_scenes.picture(desktop, window, name, lambda: settle(app, desktop))
    if name.startswith(SHARING):
        from tests.ui import sharing_scenes

        return sharing_scenes.picture(window, name, lambda: settle(app, desktop))
    if name in SCENES:
        return scene(app, desktop, window, name)
    window.open_page(name)
    if reading:
        from tokenpal.model.events import ScanProgress

        for agent, done, total in (("claude-code", 251, 412), ("codex", 38, 38), ("gemini-cli", 0, 205)):
            desktop.bridge.happened.emit(ScanProgress(agent, done, total, finished=done == total))
    settle(app, desktop)
    if name == "check-in" and desktop.demo:
        write_a_little(app, desktop, window)
    if (held := window.focusWidget()) is not None:
        held.clearFocus()  # a cursor blinks, and a ring depends on which window was open before
    return window.grab()


def write_a_little(app: QApplication, desktop: Desktop, window: MainWindow) -> None:
    """Fill in the check-in as a person would: notes with a click, the rest by hand."""
    from PySide6.QtWidgets import QAbstractButton

    from tokenpal.translation import tr

    page = window.open_page("check-in")
    if not any(field.text() for field in page.fields.values()):
        for link in page.evidence.findChildren(QAbstractButton):
            if link.text() == tr("Insert"):
                link.click()
        page.fields["tried"].insert("Embeddings for the search box, on descriptions instead of names.")
        page.fields["learned"].insert("Give the agent the schema first. Stop after two failed attempts.")
        page._save_now()
        settle(app, desktop)
        page.fields["learned"].area.clearFocus()


def scene(app: QApplication, desktop: Desktop, window: MainWindow, name: str):
    """A page in another state than it opens in."""
    if name == "report-and-logs":
        return compared(app, desktop, window)
    page = window.open_page("overview" if name == "hours" else "check-in")
    if name.startswith("look-back"):
        page.back.by.choose({"look-back-weeks": "week", "look-back-quarters": "quarter"}.get(name, "month"))
        page._tabs.choose("back")
        page._show_tab("back")
    elif name == "earlier-week":
        page._step(-1)
    else:
        page._range.choose("7")
        page._range_chosen("7")
        page._bucket.choose("hour")
        page._choice_made("")
    settle(app, desktop)
    shown = window.grab()
    if name.startswith("look-back"):
        page._tabs.choose("week")
        page._show_tab("week")
    elif name == "earlier-week":
        page._step(1)
    else:
        page._range.choose("30")
        page._range_chosen("30")
    settle(app, desktop)
    return shown


def compared(app: QApplication, desktop: Desktop, window: MainWindow):
    """An account's report against the logs, with a day and a model opened."""
    page = window.open_page("accounts")
    settle(app, desktop)
    page.show_item(next((row.id for row in page._rows if row.source == "openai"), page._rows[-1].id if page._rows else 0))
    settle(app, desktop)
    page.compare()
    settle(app, desktop)
    tree = page.pane.table
    first = tree.model().index(1 if tree.model().rowCount() > 1 else 0, 0)
    tree.expand(first)
    tree.expand(tree.model().index(0, 0, first))
    settle(app, desktop)
    shown = window.grab()
    page.pane.closed.emit()
    settle(app, desktop)
    return shown


def dialog(app: QApplication, desktop: Desktop, window: MainWindow, name: str) -> QDialog:
    """Open a dialog the way a person does."""
    from PySide6.QtWidgets import QAbstractButton, QDialog

    from tokenpal.translation import tr

    page, words = BUTTONS.get(name, ("sessions" if name == "task-picker" else "settings", ""))
    shown = window.open_page(page)
    settle(app, desktop)
    if name == "task-picker":
        shown.pick_task()
    elif name == "keys":
        window.show_keys()
    elif name == "budgets":
        from tokenpal.ui.dialogs.budgets import BudgetsDialog

        BudgetsDialog(desktop.desk, parent=window).open()
    elif name in INSIGHTS:
        explain(app, desktop, window, name)
    elif name == "find":
        window.search()
        made = next(one for one in app.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible())
        made.search.setText("form")
        settle(app, desktop)
    elif name == "templates":
        from tokenpal.engine import commands
        from tokenpal.model.journal import Template

        desktop.engine.ask(commands.save_template, Template("Ordinary week", "Experiments:\n- ", "Merged:\n- ", "", "One thing to tell the others:")).result(60)
        desktop.engine.ask(commands.save_template, Template("Short week", learned="One line is enough.")).result(60)
        window.open_page("check-in")._more_chosen("templates", "")
    elif name in {"import-timers", "import-entries"}:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / ("work.json" if name == "import-timers" else "journal.txt")
            file.write_text(TIMERS if name == "import-timers" else ENTRIES)
            shown.import_file(str(file))
            settle(app, desktop)
    elif name == "import":
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "nightly.jsonl"
            file.write_text(HANDED)
            shown.import_file(str(file))
            settle(app, desktop)
    else:
        next(button for button in shown.findChildren(QAbstractButton) if button.text() == tr(words) and button.isVisible()).click()
    settle(app, desktop)
    return next(one for one in app.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible())


def explain(app: QApplication, desktop: Desktop, window: MainWindow, name: str) -> None:
    """How an insight is counted, and another model's price."""
    card = window.open_page("overview").insights
    settle(app, desktop)
    if name == "model-switch":
        card.compare()
    else:
        kind = name.removeprefix("insight-").replace("long", "unlabelled")
        from datetime import timedelta

        from tokenpal.engine import insights

        until = desktop.desk.today() + timedelta(days=1)
        found = desktop.engine.ask(insights.insights, desktop.desk.zone().key, until - timedelta(days=28), until).result(60)
        card._explain(next(one for one in found if one.kind == kind))
    settle(app, desktop)


def settle(app: QApplication, desktop: Desktop, seconds: float = 60.0, until: Callable[[], bool] | None = None) -> None:
    """Handle events until no answer is awaited and nothing has happened for a moment."""
    end = time.monotonic() + seconds
    quiet = 0
    while time.monotonic() < end and quiet < QUIET:
        app.processEvents()
        busy = not desktop.bridge.idle or (until is not None and not until())
        quiet = 0 if busy else quiet + 1
        time.sleep(0.02)


def shrink(folder: Path) -> None:
    """The same pixels with a palette of the 256 colours that are used most, as small as PNG gets: a third of the bytes."""
    from PySide6.QtGui import QImage

    for path in sorted(folder.glob("*.png")):
        image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
        words = memoryview(image.constBits()).cast("B").cast("I")
        counts = Counter(words)
        table = [color for color, _ in counts.most_common(256)]
        place = {color: number for number, color in enumerate(table)}
        for color in counts:
            if color not in place:
                place[color] = min(range(len(table)), key=lambda number: _distance(table[number], color))
        width, height = image.width(), image.height()
        line = (width + 3) // 4 * 4
        pixels = bytearray(line * height)
        found = bytes(map(place.__getitem__, words))
        for y in range(height):
            pixels[y * line : y * line + width] = found[y * width : (y + 1) * width]
        small = QImage(bytes(pixels), width, height, line, QImage.Format.Format_Indexed8)
        small.setColorTable(table)
        small.save(str(path), "PNG", 0)


def _distance(one: int, other: int) -> int:
    return sum(((one >> shift & 255) - (other >> shift & 255)) ** 2 for shift in (0, 8, 16))


if __name__ == "__main__":
    raise SystemExit(main())
