"""The tray on a real display: docked by a real host, clicked, its menu used, and everything without one."""

from __future__ import annotations

import json
import signal
import sys

from tests.desktop.conftest import Desktop, wait_for


def seen(desktop: Desktop, key: str, log: str = "host.jsonl") -> list[object]:
    return [line[key] for raw in desktop.text(log).splitlines() if raw.startswith("{") and key in (line := json.loads(raw))]


def windows(desktop: Desktop) -> str:
    return desktop.run("xdotool", "search", "--onlyvisible", "--name", "^tokenpal")


def test_the_icon_docks_and_its_menu_opens_the_window(desktop: Desktop) -> None:
    desktop.tray_host("--click", "Open tokenpal")
    app = desktop.app("--background")
    wait_for(lambda: seen(desktop, "clicked"), what="menu entry chosen")
    assert seen(desktop, "item") == ["tokenpal"]
    assert {16, 22, 24, 32, 48, 64} <= set(seen(desktop, "sizes")[0])
    menu = seen(desktop, "menu")[0]
    assert menu[0] == "Open tokenpal", "some desktops open the menu on every click"
    assert {"Refresh now", "Settings", "Quit"} <= set(menu)
    wait_for(lambda: windows(desktop), what="window")
    app.send_signal(signal.SIGTERM)
    assert app.wait(10) == 0


def test_a_click_opens_the_glance(desktop: Desktop) -> None:
    desktop.tray_host("--activate")
    desktop.app("--background")
    wait_for(lambda: windows(desktop), what="glance window")


def test_quit_from_the_menu_ends_the_process(desktop: Desktop) -> None:
    desktop.tray_host("--click", "Quit")
    app = desktop.app("--background")
    assert app.wait(30) == 0
    assert "Traceback" not in desktop.text("app.log")


def test_a_host_that_comes_late_still_gets_the_icon(desktop: Desktop) -> None:
    app = desktop.app("--background")
    wait_for(lambda: (desktop.folder / "tokenpal" / "data" / "tokenpal.db").exists() or list((desktop.folder / "tokenpal").rglob("tokenpal.db")))
    desktop.tray_host()
    wait_for(lambda: seen(desktop, "registered"), what="registration with the late host")
    assert app.poll() is None


def test_without_a_tray_the_window_is_the_app(desktop: Desktop) -> None:
    app = desktop.app()
    found = str(wait_for(lambda: windows(desktop) or (app.poll() is not None and "ended"), what="window")).split()[0]
    assert found != "ended", desktop.text("app.log")
    desktop.run("xdotool", "windowfocus", "--sync", found, "key", "ctrl+w")
    assert app.wait(20) is not None, "closing the only window must not leave a process that nobody can reach"


def test_a_second_start_shows_the_first(desktop: Desktop) -> None:
    desktop.tray_host()
    first = desktop.app("--background")
    wait_for(lambda: seen(desktop, "registered"))
    assert not windows(desktop)
    second = desktop.app(log="second.log")
    assert second.wait(30) == 0
    wait_for(lambda: windows(desktop), what="window of the first")
    assert first.poll() is None


def test_exit_after_tray_imports_nothing_heavy(desktop: Desktop) -> None:
    code = (
        "import sys, tokenpal.__main__ as m; code = m.main(['--exit-after-tray']); "
        "heavy = {'numpy', 'pyqtgraph', 'httpx', 'keyring', 'pydantic', 'genai_prices', 'asyncio'} & set(sys.modules); "
        "print('code', code, 'heavy', sorted(heavy))"
    )
    desktop.tray_host()
    process = desktop.spawn(sys.executable, "-c", code, log="exit.log")
    assert process.wait(30) == 0
    assert "code 0 heavy []" in desktop.text("exit.log")
