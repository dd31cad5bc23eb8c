"""The tray on a real display: docked by a real host, clicked, its menu used, and everything without one."""

from __future__ import annotations

import json
import signal
import sys

from tests.desktop.conftest import Desktop


def seen(desktop: Desktop, key: str, log: str = "host.jsonl") -> list[object]:
    return [line[key] for raw in desktop.text(log).splitlines() if raw.startswith("{") and key in (line := json.loads(raw))]


def windows(desktop: Desktop) -> str:
    return desktop.run("xdotool", "search", "--onlyvisible", "--name", "^tokenpal")


def test_the_icon_docks_and_its_menu_opens_the_window(desktop: Desktop) -> None:
    desktop.tray_host("--click", "Open tokenpal")
    app = desktop.app("--background")
    desktop.until(lambda: seen(desktop, "clicked"), "menu entry chosen")
    assert seen(desktop, "item") == ["tokenpal"]
    assert {16, 22, 24, 32, 48, 64} <= set(seen(desktop, "sizes")[0])
    menu = seen(desktop, "menu")[0]
    assert menu[0] == "Open tokenpal", "some desktops open the menu on every click"
    assert {"Refresh now", "Settings", "Quit"} <= set(menu)
    desktop.until(lambda: windows(desktop), "window")
    app.send_signal(signal.SIGTERM)
    assert desktop.ended(app) == 0, desktop.logs()


def test_a_click_opens_the_glance(desktop: Desktop) -> None:
    desktop.tray_host("--activate")
    desktop.app("--background")
    desktop.until(lambda: windows(desktop), "glance window")


def test_quit_from_the_menu_ends_the_process(desktop: Desktop) -> None:
    desktop.tray_host("--click", "Quit")
    app = desktop.app("--background")
    assert desktop.ended(app) == 0, desktop.logs()
    assert "Traceback" not in desktop.text("app.log")


def test_an_entry_read_before_the_menu_changed_can_still_be_chosen(desktop: Desktop) -> None:
    desktop.tray_host("--click", "Pause > For 1 hour", "--click", "Quit", "--until", "Go on reading")
    app = desktop.app("--background")
    assert desktop.ended(app) == 0, desktop.logs()
    desktop.until(lambda: seen(desktop, "clicked") == ["Pause > For 1 hour", "Quit"], "both chosen")
    assert seen(desktop, "appeared") == ["Go on reading"], "the menu changed in between"


def test_quit_said_before_the_event_loop_runs_is_heard(desktop: Desktop) -> None:
    code = (
        "import os, signal, sys, tokenpal.__main__ as m; from tokenpal.ui.desktop import Desktop; begin = Desktop.begin; "
        "Desktop.begin = lambda *a, **k: (begin(*a, **k), os.kill(os.getpid(), signal.SIGTERM)); "
        "sys.exit(m.main(['--background']))"
    )
    app = desktop.spawn(sys.executable, "-c", code, log="app.log")
    assert desktop.ended(app) == 0, desktop.logs()
    assert "Traceback" not in desktop.text("app.log")


def test_a_host_that_comes_late_still_gets_the_icon(desktop: Desktop) -> None:
    app = desktop.app("--background")
    desktop.until(lambda: list((desktop.folder / "tokenpal").rglob("tokenpal.db")), "the app is under way")
    desktop.tray_host()
    desktop.until(lambda: seen(desktop, "registered"), "registration with the late host")
    assert app.poll() is None


def test_without_a_tray_the_window_is_the_app(desktop: Desktop) -> None:
    app = desktop.app()
    found = str(desktop.until(lambda: windows(desktop) or (app.poll() is not None and "ended"), "window")).split()[0]
    assert found != "ended", desktop.logs()
    desktop.run("xdotool", "windowfocus", "--sync", found, "key", "ctrl+w")
    assert desktop.ended(app) == 0, "closing the only window must not leave a process that nobody can reach"


def test_a_second_start_shows_the_first(desktop: Desktop) -> None:
    desktop.tray_host()
    first = desktop.app("--background")
    desktop.until(lambda: seen(desktop, "registered"), "the icon of the first")
    assert not windows(desktop)
    second = desktop.app(log="second.log")
    assert desktop.ended(second) == 0, desktop.logs()
    desktop.until(lambda: windows(desktop), "window of the first")
    assert first.poll() is None


def test_exit_after_tray_imports_nothing_heavy(desktop: Desktop) -> None:
    code = (
        "import sys, tokenpal.__main__ as m; code = m.main(['--exit-after-tray']); "
        "heavy = {'numpy', 'pyqtgraph', 'httpx', 'keyring', 'pydantic', 'genai_prices', 'asyncio'} & set(sys.modules); "
        "print('code', code, 'heavy', sorted(heavy))"
    )
    desktop.tray_host()
    process = desktop.spawn(sys.executable, "-c", code, log="exit.log")
    assert desktop.ended(process) == 0, desktop.logs()
    assert "code 0 heavy []" in desktop.text("exit.log")


def test_when_the_tray_dies_the_window_comes_and_the_icon_returns_with_the_next_tray(desktop: Desktop) -> None:
    host = desktop.tray_host()
    app = desktop.app("--background")
    desktop.until(lambda: seen(desktop, "registered"), "the icon")
    assert not windows(desktop)
    host.terminate()
    host.wait()
    desktop.until(lambda: windows(desktop), "a window in place of the tray")
    assert app.poll() is None
    desktop.tray_host(log="again.jsonl")
    desktop.until(lambda: seen(desktop, "registered", "again.jsonl"), "the icon in the new tray")
    desktop.run("xdotool", "windowfocus", "--sync", windows(desktop).split()[0], "key", "ctrl+w")
    desktop.until(lambda: not windows(desktop), "the window is closed")
    assert app.poll() is None, "there is a tray again, so closing the window ends nothing"


def test_a_panel_that_is_started_anew_brings_no_window(desktop: Desktop) -> None:
    host = desktop.tray_host()
    app = desktop.app("--background")
    desktop.until(lambda: seen(desktop, "registered"), "the icon")
    host.terminate()
    host.wait()
    desktop.tray_host("--click", "Quit", log="again.jsonl")
    assert desktop.ended(app) == 0, desktop.logs()
    assert seen(desktop, "clicked", "again.jsonl") == ["Quit"]


def test_an_old_tray_that_dies_is_noticed_too(desktop: Desktop) -> None:
    trayer = desktop.spawn("trayer", "--edge", "bottom", "--widthtype", "pixel", "--width", "200", "--height", "28", log="trayer.log")
    code = "import sys, tokenpal.ui.tray as t; t.CARE_MS, t.LOST_MS = 200, 400; import tokenpal.__main__ as m; sys.exit(m.main(['--background']))"
    app = desktop.spawn(sys.executable, "-c", code, log="app.log")
    desktop.until(lambda: "trayer" in desktop.run("xdotool", "search", "--class", "trayer", "getwindowname"), "the old tray")
    desktop.until(lambda: list((desktop.folder / "tokenpal").rglob("tokenpal.db")), "the app is under way")
    desktop.until(lambda: icons_in(desktop), "the icon lies in the tray")
    trayer.terminate()
    trayer.wait()
    desktop.until(lambda: windows(desktop), "a window in place of the tray")
    assert app.poll() is None


def icons_in(desktop: Desktop) -> list[str]:
    """Windows of the app that are there at all: an icon in an old tray is one."""
    return desktop.run("xdotool", "search", "--class", "tokenpal").split()
