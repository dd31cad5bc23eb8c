"""One process of the row ``gui``: the real desktop on ten years of data, every action on every page, while logs are read.

    python -m tests.benchmarks.gui_calls PROFILE LOGS [--only PAGE,...] [--calls]

PROFILE and LOGS are changed. Prints one JSON list a line: page, action, longest call in ms of the GUI thread's own time, the
longest one by the clock, what it was. A call is one event that Qt hands over, with all that it brings about before the next.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time_machine
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog

from tests.benchmarks.decade import NOW
from tokenpal.system.paths import inside

QUIET, PATIENCE, LONGEST = 6, 6.0, 20.0  # turns without an answer awaited; seconds, for a scan never rests; for what is being made
BUSY = 16.0
Act = Callable[[int], object]


class Measured(QApplication):
    """Times every event that Qt hands over from its loop."""

    deep = 0
    cpu = wall = 0.0
    what = ""
    profiler: cProfile.Profile | None = None
    kept: list[tuple[float, str, pstats.Stats]] = []

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if Measured.deep:
            return super().notify(receiver, event)
        name = event.type()
        with timed(lambda: f"{type(receiver).__name__} {receiver_name(receiver)} {name.name}"):
            return super().notify(receiver, event)


def receiver_name(receiver: QObject) -> str:
    try:
        return receiver.objectName()
    except RuntimeError:
        return "gone"


@contextmanager
def timed(what: Callable[[], str]) -> Iterator[None]:
    """All of the block is one call."""
    Measured.deep += 1
    profiler = cProfile.Profile() if Measured.profiler is not None else None
    wall, cpu = time.perf_counter(), time.thread_time()
    if profiler is not None:
        profiler.enable()
    try:
        yield
    finally:
        if profiler is not None:
            profiler.disable()
        took, waited = (time.thread_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3
        Measured.deep -= 1
        if took > Measured.cpu:
            Measured.cpu, Measured.what = took, what()
            if profiler is not None and took > BUSY:
                Measured.kept.append((took, Measured.what, pstats.Stats(profiler)))
        Measured.wall = max(Measured.wall, waited)


class Driver:
    """The desktop, and how it is made to work."""

    def __init__(self, options: argparse.Namespace, app: Measured) -> None:
        from tokenpal.engine.engine import Engine
        from tokenpal.settings import Settings
        from tokenpal.ui import language
        from tokenpal.ui.desktop import Desktop, apply_look
        from tokenpal.ui.help import hints
        from tokenpal.ui.widgets.focus import FocusRing

        self.options, self.app = options, app
        places = inside(options.profile)
        self.settings = Settings.load(places.settings)
        self.settings.set("state.no_tray_said", True)
        self.settings.set("state.hints", list(hints.HINTS))
        language.speak(self.settings)
        apply_look(self.settings)
        self.engine = Engine(places, self.settings, home=options.logs, env={})
        self.desktop = Desktop(self.engine, self.settings)
        self.desktop.beforehand = True
        self.ring = FocusRing(app)
        self.desktop.begin(background=True)
        self.settle(2.0)

    def settle(self, patience: float = PATIENCE, quiet: int = QUIET) -> None:
        """Until no answer is awaited and nothing is being made for a while."""
        still, begun = 0, time.perf_counter()
        while still < quiet and (waited := time.perf_counter() - begun) < LONGEST:
            self.app.processEvents()
            made = not self.making()
            still = still + 1 if made and (self.desktop.bridge.idle or waited > patience) else 0
            time.sleep(0.004)

    def making(self) -> bool:
        """Whether work in slices is under way anywhere."""
        from tokenpal.ui.turns import Turns

        return any(turns.busy for face in (self.desktop, *self.app.topLevelWidgets()) for turns in face.findChildren(Turns))

    def rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.app.processEvents()
            time.sleep(0.004)

    def measure(
        self, page: str, action: str, act: Act, times: int = 1, rounds: int = 1, before: Callable[[], object] | None = None, pause: float = 0.0
    ) -> None:
        """The best of some rounds of the longest call in each. ``pause``: seconds after each time; ``before`` is not measured."""
        best: tuple[float, float, str] | None = None
        for _ in range(rounds):
            if before is not None:
                before()
            Measured.cpu = Measured.wall = 0.0
            Measured.what = ""
            Measured.kept.clear()
            for number in range(times):
                with timed(lambda: "the action itself"):
                    act(number)
                self.app.processEvents()
                self.rest(pause)
            self.settle()
            self.rest(0.3)
            if best is None or Measured.cpu < best[0]:
                best = (Measured.cpu, Measured.wall, Measured.what)
        assert best is not None
        print(json.dumps([page, action, round(best[0], 2), round(best[1], 2), best[2]]), flush=True)
        if Measured.profiler is not None and Measured.kept:
            took, what, stats = Measured.kept[-1]
            print(f"---- {page}: {action}: {took:.1f} ms {what}", file=sys.stderr)
            stats.stream = sys.stderr  # type: ignore[attr-defined]  # the stubs do not know it
            stats.sort_stats("cumtime").print_stats(28)

    def dialog(self) -> Any:
        return next((one for one in self.app.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()), None)

    def close_dialog(self, _: int = 0) -> None:
        if (one := self.dialog()) is not None:
            one.reject()


def drive(driver: Driver) -> None:
    """Every page and action."""
    from tests.benchmarks import gui_actions

    wanted = driver.options.only.split(",") if driver.options.only else None
    for name, function in gui_actions.ROOMS.items():
        if wanted is None or name in wanted or name == "window":
            function(driver)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profile", type=Path)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--calls", action="store_true", help="tell what the calls that take too long are made of")
    options = parser.parse_args()
    with time_machine.travel(NOW + 60, tick=True):
        app = Measured(["tokenpal"])
        if options.calls:
            Measured.profiler = cProfile.Profile()
        driver = Driver(options, app)
        writer = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.growing", str(options.logs)], stdin=subprocess.PIPE)
        try:
            drive(driver)
        finally:
            writer.terminate()
            writer.wait(20)
        driver.desktop.quit()
        driver.engine.stop()
    os._exit(0)  # all is said; a desktop that ends is another test's matter


if __name__ == "__main__":
    raise SystemExit(main())
