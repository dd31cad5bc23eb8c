"""The part of the self-test that opens the real window, with the real engine, on made-up data. Imports Qt."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from tokenpal.engine.engine import Engine
from tokenpal.selftest.parts import Check, need
from tokenpal.settings import Settings
from tokenpal.system.paths import Paths, inside
from tokenpal.ui import fonts
from tokenpal.ui.desktop import Desktop, apply_look
from tokenpal.ui.icons import app_icon
from tokenpal.ui.window import PAGES

SECONDS: Final = 60.0  # a slow machine may take its time; a page that never comes is what is looked for
GRID: Final = 60  # points across and down that are looked at
COLOURS: Final = 6  # an empty page has two or three

pictures: Path | None = None
"""Where to keep what was seen; None = nowhere."""


def wait(condition: Callable[[], bool], what: str) -> None:
    """Let Qt work until CONDITION holds; Lacking when it does not within SECONDS."""
    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + SECONDS
    held = False

    def look() -> None:
        nonlocal held
        held = held or condition()  # once is enough: what comes after may begin something new before the loop has ended
        if held or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(20)
    loop.exec()
    timer.stop()
    need(held, f"{what} within {SECONDS:.0f} s")


def colours(image: QImage) -> int:
    """How many colours are seen at the points of a grid."""
    points = ((image.width() * x // GRID, image.height() * y // GRID) for x in range(GRID) for y in range(GRID))
    return len({image.pixel(x, y) for x, y in points})


def seen(widget: QWidget, name: str) -> QImage:
    """What WIDGET looks like now; kept when pictures are wanted."""
    image = widget.grab().toImage()
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        image.save(str(pictures / f"{name}.png"))
    need(colours(image) >= COLOURS, f"{name} is an empty picture")
    return image


def application() -> QApplication:
    """The one QApplication."""
    app = QApplication.instance()
    return app if isinstance(app, QApplication) else QApplication(["tokenpal"])


def platform(_: Path) -> str:
    """Qt can draw here: its platform plugin, fonts, pictures and SVG."""
    app = application()
    app.setQuitOnLastWindowClosed(False)
    fonts.load()
    need(not fonts.missing(), f"fonts missing: {', '.join(fonts.missing())}")
    need(not app_icon().pixmap(48).isNull(), "the app's icon cannot be drawn")
    from PySide6.QtCore import qVersion
    from PySide6.QtDBus import QDBusConnection
    from PySide6.QtWidgets import QSystemTrayIcon

    need(bool(QDBusConnection.__module__), "QtDBus is not here")
    if sys.platform == "win32":
        from PySide6.QtNetwork import QLocalServer

        need(bool(QLocalServer.__module__), "QtNetwork is not here")
    tray = "tray" if QSystemTrayIcon.isSystemTrayAvailable() else "no tray"
    return f"Qt {qVersion()} on {app.platformName()}, {tray}"


def windows(folder: Path) -> str:
    """Every page and the glance open with sample data, light and dark, and the engine ends in time."""
    places = inside(folder / "sample")
    places.make()
    from tokenpal.engine import demo

    demo.fill(places)
    settings = Settings.load(places.settings)
    application()
    apply_look(settings)
    engine = Engine(places, settings, home=places.data, env={})
    desktop = Desktop(engine, settings, demo=True)
    try:
        desktop.begin(background=True)
        names = _open_all(desktop, places)
    finally:
        desktop.quit()
        ended = engine.stop()
    need(ended, "the engine did not end in time")
    return names


def _open_all(desktop: Desktop, places: Paths) -> str:
    window = desktop.open()
    for scheme in ("light", "dark"):
        desktop.settings.set("appearance.theme", scheme)
        desktop.settings_changed("appearance.theme")
        for key, _, _ in PAGES:
            window.open_page(key)
            wait(lambda: desktop.bridge.idle, f"{key} has its data")
            seen(window, f"{key}-{scheme}")
            if key == "overview":
                _bars(window)
        desktop.toggle_glance()
        wait(lambda: desktop.bridge.idle, "the glance has its data")
        if desktop.glance is not None:
            seen(desktop.glance, f"glance-{scheme}")
            desktop.glance.hide()
    need(places.database.exists(), "there is no data file")
    return ", ".join([*(words for _, words, _ in PAGES), "glance"]) + ", light and dark"


def _bars(window: QWidget) -> None:
    """The chart has bars: made-up use went the whole way from the data file to the picture."""
    from tokenpal.ui.charts.bars import StackedChart

    wait(lambda: any(sum(chart.totals()) > 0 for chart in window.findChildren(StackedChart)), "the chart has bars")


CHECKS: Final[tuple[tuple[str, Check], ...]] = (("Qt", platform), ("pages", windows))
