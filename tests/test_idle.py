"""What an idle tray keeps in memory: the app itself, started as a person starts it, says what it has imported (issue 5).

A module that is imported stays for as long as tokenpal runs. What only a page, a dialog, a command or a provider needs is
imported where it is used; whoever adds one to this list's reach sees it here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tokenpal.sources import registry

SAYS = """
import json, os, signal, sys, threading, time

def say():
    same, before, end = 0, set(), time.monotonic() + 60
    while same < 15 and time.monotonic() < end:  # the menu is filled, the logs are read, and nothing new comes
        time.sleep(0.1)
        now = set(sys.modules)
        busy = "tokenpal.ui.menu" not in now or "tokenpal.store.ledger" not in now or any(one.name == "scan" for one in threading.enumerate())
        same, before = 0 if busy or now != before else same + 1, now
    import linecache
    lines = sum(len(entry[2]) for entry in linecache.cache.values() if len(entry) > 2)
    print(json.dumps({"modules": sorted(before), "lines": lines, "idle": same >= 15}), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=say, daemon=True).start()
from tokenpal.__main__ import main
sys.exit(main(["--background"]))
"""
NEVER = {
    "numpy", "pyqtgraph", "httpx", "httpcore", "anyio", "keyring", "platformdirs", "genai_prices", "cryptography", "pydantic", "opentelemetry", "email",
    "http", "xml", "babel", "PySide6.QtNetwork", "PySide6.QtSvg", "PySide6.QtOpenGL", "PySide6.QtTest",
}  # fmt: skip
PAGES = ("ui.pages", "ui.dialogs", "ui.charts", "ui.widgets", "ui.overview", "ui.tasks", "ui.checkins", "ui.accounts", "ui.settings", "ui.sharing", "ui.insights")
WINDOW = ("ui.window", "ui.page", "ui.glance", "ui.reflow", "ui.paint", "ui.noticelist", "ui.still", "ui.ahead")
ASKED = (
    "engine.commands", "engine.queries", "engine.insights", "engine.overview", "engine.weeks", "engine.prices", "engine.poll", "engine.enrol", "engine.listing",
    "engine.importing", "engine.sharing.page", "engine.sharing.preview", "engine.sharing.member", "engine.demo", "insight.insight_words", "insight.switching",
    "insight.why", "insight.effects", "insight.reconcile_words", "insight.marktext", "insight.series", "store.archive", "store.maintenance", "store.newcomers",
    "store.templates", "store.checkins", "store.finding", "store.pieces", "store.listing", "share.report", "share.preview", "system.net", "system.inbound", "cli",
)  # fmt: skip
MOST_MODULES = 230  # of tokenpal; 213 when this was written


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("idle")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "DBUS_", "TOKENPAL", "PYTHON"))}
    env |= {"HOME": str(home), "TOKENPAL_HOME": str(home / "data"), "TMPDIR": str(home), "QT_QPA_PLATFORM": "offscreen", "TZ": "UTC", "LANG": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", SAYS], env=env, cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["idle"]
    return said


def test_an_idle_tray_imports_nothing_of_pages_dialogs_and_providers(idle: dict[str, Any]) -> None:
    ours = [name.removeprefix("tokenpal.") for name in idle["modules"] if name.startswith("tokenpal.")]
    early = [name for name in ours for room in (*PAGES, *WINDOW, *ASKED) if name == room or name.startswith(f"{room}.")]
    assert early == [], "import it where it is used"
    assert sorted(NEVER.intersection(idle["modules"])) == []
    assert len(ours) <= MOST_MODULES


def module(source: Any) -> str:
    return str(source.__name__).split(".")[2]


def test_an_idle_tray_imports_the_sources_of_logs_only(idle: dict[str, Any]) -> None:
    there = {name.split(".")[2] for name in idle["modules"] if name.startswith("tokenpal.sources.")}
    others = {module(source) for source in registry.sources().values()} - {module(source) for source in registry.logs().values()}
    assert others <= registry.NO_LOGS, "name it in sources.registry.NO_LOGS: else every idle tray imports it"
    assert there & (others | registry.NO_LOGS) == set()


def test_the_registry_finds_one_source_without_the_others() -> None:
    for name, source in registry.sources().items():
        assert registry.source(name) is source
    assert set(registry.logs()) == {name for name, source in registry.sources().items() if source.INFO.kind == "log"}


def test_an_idle_tray_keeps_no_source_text(idle: dict[str, Any]) -> None:
    """PySide6 reads what is imported after it and Python keeps the lines: 75,000 of them before ``ui.unread``."""
    assert idle["lines"] < 10_000
