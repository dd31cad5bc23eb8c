"""Screenshots of every page, made from the real program: ``python3 dev.py shots [FOLDER]`` (default ``build/shots``).

Each picture is light and dark, at 1x and 2x, with sample data and empty. The engine, the store and the pages are the
real ones; the profile is a throw-away folder and the platform is offscreen, so the pictures do not depend on a desktop.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PAGES = ("overview", "sessions", "tasks", "check-in", "sharing", "accounts", "settings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="build/shots", type=Path)
    parser.add_argument("--only", default="", help="pages to draw, separated by commas")
    parser.add_argument("--scale", default="1,2")
    parser.add_argument("--theme", default="light,dark")
    parser.add_argument("--data", default="sample,empty")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.child:
        return draw(options)
    codes = []
    for data in options.data.split(","):
        for scale in options.scale.split(","):
            command = [sys.executable, "-m", "tests.shots", str(options.folder), "--child", "--scale", scale, "--theme", options.theme]
            command += ["--data", data, "--only", options.only]
            env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "TZ": "UTC"}
            codes.append(subprocess.run(command, env=env, check=False).returncode)
    print(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")
    return max(codes)


def draw(options: argparse.Namespace) -> int:
    """All pictures of one scale and one kind of data, in one process."""
    from tokenpal.system.paths import inside

    with tempfile.TemporaryDirectory(prefix="tokenpal-shots-", ignore_cleanup_errors=True) as name:
        places = inside(Path(name))
        places.make()
        if options.data == "sample":
            from tokenpal.engine import demo

            demo.fill(places)
        _draw(options, places)
    return 0


def _draw(options: argparse.Namespace, places) -> None:
    from PySide6.QtWidgets import QApplication

    from tokenpal.engine.engine import Engine
    from tokenpal.settings import Settings
    from tokenpal.ui.desktop import Desktop, apply_look

    app = QApplication(["tokenpal"])
    settings = Settings.load(places.settings)
    apply_look(settings)
    engine = Engine(places, settings, home=places.data, env={})
    desktop = Desktop(engine, settings)
    desktop.begin(background=True)
    window = desktop.open()
    wanted = tuple(page for page in options.only.split(",") if page) or (*PAGES, "glance")
    for theme in options.theme.split(","):
        settings.set("appearance.theme", theme)
        desktop.settings_changed("appearance.theme")
        for page in wanted:
            target = options.folder / f"{page}-{theme}-{options.data}@{options.scale}x.png"
            if page == "glance":
                desktop.toggle_glance()
                assert desktop.glance is not None
                desktop.glance.setProperty("keep", True)
                settle(app, desktop)
                picture = desktop.glance.grab()
                desktop.glance.hide()
            else:
                window.open_page(page)
                settle(app, desktop)
                picture = window.grab()
            picture.save(str(target))
    desktop.quit()
    engine.stop()


def settle(app, desktop, seconds: float = 20.0, until: Callable[[], bool] | None = None) -> None:
    """Handle events until no answer is awaited and nothing has happened for a moment."""
    end = time.monotonic() + seconds
    quiet = 0
    while time.monotonic() < end and quiet < 12:
        app.processEvents()
        busy = bool(desktop.bridge._waiting) or (until is not None and not until())
        quiet = 0 if busy else quiet + 1
        time.sleep(0.03)


if __name__ == "__main__":
    raise SystemExit(main())
