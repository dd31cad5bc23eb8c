"""What is done again and again leaves no circles: Python's collector runs on the window's thread, and what it has set aside stays until
the window is hidden. A look at the logs once left 1,800 objects and 430 kB each time (issue 5).
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.runner import response, write_claude
from tests.ui.conftest import App
from tokenpal.engine import commands, queries
from tokenpal.ui.window import PAGES

FEW = 60  # what an import leaves that comes late, once


@pytest.fixture
def app(make_app: Callable[..., App], sample_profile: Path, tmp_path: Path) -> App:
    write_claude(tmp_path / "home", "one", [response("s1", 0, "2026-11-20T10:00:00Z")])
    return make_app(sample_profile, tmp_path / "home")


def test_a_day_of_use_leaves_nothing_to_collect(app: App, tmp_path: Path) -> None:
    desktop, window = app.desktop, app.window
    ids = [row.id for row in app.ask(queries.sessions)][:6]

    def scan(number: int) -> None:
        write_claude(tmp_path / "home", "one", [response("s1", place, "2026-11-20T10:00:00Z") for place in range(number + 2)])
        app.engine.scan_now()

    def label(number: int) -> None:
        app.ask(commands.label_sessions, (ids[number % 6],), ("delivered", "exploration", "waste")[number % 3], None, f"note {number}")

    def look(number: int) -> None:
        app.settings.set("appearance.theme", ("light", "dark")[number % 2])
        desktop.settings_changed("appearance.theme")

    def find(_: int) -> None:
        window.search()
        app.dialog().close()

    def hide(_: int) -> None:
        window.hide()
        app.settle()
        window.show()

    def glance(_: int) -> None:
        desktop.toggle_glance()
        app.settle()
        desktop.toggle_glance()

    def minute(_: int) -> None:
        window._minute = 0
        window.time_passes()

    def open_page(number: int) -> None:
        window.open_page(PAGES[number % len(PAGES)][0])

    acts = (open_page, label, scan, minute, find, glance, hide, look)
    for number in range(len(PAGES)):
        for act in acts:
            act(number)
            app.settle()
    desktop.collector._small.timeout.disconnect()
    desktop.collector._full.timeout.disconnect()
    gc.unfreeze()
    gc.collect()
    left = {}
    for act in acts:
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for number in range(3):
                act(number)
                app.settle()
            gc.collect()
            if len(gc.garbage) > FEW:
                left[act.__name__] = Counter(f"{type(one).__name__} {getattr(one, '__qualname__', '')}" for one in gc.garbage).most_common(8)
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.collect()
    assert left == {}
