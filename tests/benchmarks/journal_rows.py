"""The journal with 200,000 sessions: the longest call on the GUI thread by action, in CPU milliseconds (limit 16).

    python -m tests.benchmarks.journal_rows [SESSIONS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LIMIT = 16.0


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    import time_machine
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from tests.ui import many
    from tokenpal.engine.engine import Engine
    from tokenpal.settings import Settings
    from tokenpal.system.paths import inside
    from tokenpal.ui.desktop import Desktop, apply_look

    class Measured(QApplication):
        worst = 0.0

        def notify(self, receiver: QObject, event: QEvent) -> bool:
            before = time.thread_time()
            handled = super().notify(receiver, event)
            Measured.worst = max(Measured.worst, (time.thread_time() - before) * 1000)
            return handled

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, time_machine.travel(many.NOW + 60, tick=True):
        places = inside(Path(folder))
        places.make()
        many.fill(places.database, count)
        app = Measured(["tokenpal"])
        settings = Settings.load(places.settings)
        apply_look(settings)
        engine = Engine(places, settings, home=places.data, env={})
        desktop = Desktop(engine, settings)
        desktop.begin(background=True)
        window = desktop.open()
        window.resize(1320, 934)
        page = window.open_page("sessions")

        def settle() -> None:
            quiet = 0
            while quiet < 8:
                app.processEvents()
                quiet = quiet + 1 if desktop.bridge.idle else 0
                time.sleep(0.005)

        settle()
        listed, bar = page.list, page.list.verticalScrollBar()
        key = Qt.Key
        actions: tuple[tuple[str, Callable[[int], object], int], ...] = (
            ("scroll", lambda _: bar.setValue(bar.value() + 54), 100),
            ("drag from end to end", lambda n: bar.setValue(bar.maximum() * n // 50), 50),
            ("jump to the end", lambda _: QTest.keyClick(listed, key.Key_End), 1),
            ("jump to the start", lambda _: QTest.keyClick(listed, key.Key_Home), 1),
            ("walk down", lambda _: QTest.keyClick(listed, key.Key_Down), 30),
            ("choose all", lambda _: listed.selectAll(), 1),
            ("choose one again", lambda _: listed.choose_place(5), 1),
            ("label", lambda _: QTest.keyClick(listed, key.Key_E), 5),
            ("new use", lambda _: page.refresh(frozenset({"usage"})), 3),
            ("filter", lambda _: page.filters._choose_label("waste"), 1),
            ("clear", lambda _: page.filters.clear(), 1),
            ("one after the other", lambda _: page.begin_run(), 1),
            ("label there", lambda _: QTest.keyClick(page, key.Key_D), 10),
        )
        over = 0
        for name, act, times in actions:
            Measured.worst = 0.0
            for number in range(times):
                before = time.thread_time()
                act(number)
                Measured.worst = max(Measured.worst, (time.thread_time() - before) * 1000)
                app.processEvents()
            settle()
            over += Measured.worst > LIMIT
            print(f"sessions  {name:24} {Measured.worst:7.1f} ms", flush=True)
        desktop.quit()
        engine.stop()
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
