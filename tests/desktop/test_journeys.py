"""The main journeys by keyboard alone: the real app on a real display, with a tray, notifications and a credential store.

Keys come from the X server, what is on the screen is heard over AT-SPI, and the command line says what was kept. Wayland is a
weston in a window of the X server that nobody sees: of its headless backend nothing can press a key. Issue 5, done when 2 and 3.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.desktop import agents_at_work, story
from tests.desktop.conftest import Desktop
from tests.desktop.keyboards import Keyboard
from tests.desktop.life import Life, everything_below
from tests.desktop.person import Person
from tests.desktop.screen import Screen
from tests.desktop.test_tray import seen, windows
from tests.provider_server import KEYS, ProviderServer

KEY = KEYS["litellm"]
LATE = 3.0  # seconds after the app
WESTON = "[shell]\nclose-animation=none\nstartup-animation=none\nfocus-animation=none\nanimation=none\npanel-position=none\nlocking=false\n"


@pytest.fixture
def life(desktop: Desktop) -> Life:
    """Before the first start: agents have worked here."""
    return Life(desktop, agents_at_work.write(desktop.folder / "home"))


@contextmanager
def at_work(life: Life) -> Iterator[Person]:
    """The person at the display with all that belongs to it."""
    life.services()
    screen = Screen(life.desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    life.person = Person(Keyboard(life.desktop), screen, life.say, life.log)
    try:
        yield life.person
    finally:
        screen.close()


def a_day(life: Life, server: ProviderServer, *, meanwhile: Callable[[], None] | None = None, budget: bool = False) -> None:
    """From the first start to the archive; ``meanwhile`` is when something happens to the desktop."""
    desktop, person = life.desktop, life.person
    server.set(days=3)
    story.comes_in(person, life.total)
    story.adds_an_account(person, "litellm", server.url("litellm"), KEY, "Team server")
    assert KEY in life.keys_kept()
    story.labels_ten(person)
    if meanwhile is not None:
        meanwhile()
    story.makes_a_rule(person, "Checkout", "pay/*")
    story.writes_a_checkin(person, "Ask for it in the review", desktop.folder / "week.md")
    if budget:
        goes_over_a_budget(life)
    story.exports_everything(person, desktop.folder / "all.zip")


def goes_over_a_budget(life: Life) -> None:
    """A budget a little above what was used; then the agent works on, twice. That is told once, outside the window."""
    month = f"{datetime.now(UTC):%Y-%m-01}"
    used = sum(row["total"] for row in life.person.told("report", "--by", "month", "--since", month)["rows"])
    story.sets_a_budget(life.person, str(used + 1000))
    assert not life.told_outside()
    for number, tokens in enumerate((2000, 3000), 1):
        agents_at_work.works_on(life.desktop.folder / "home", number, tokens)
        used += tokens
        life.person.press("F5")
        life.person.until(lambda: any(row["total"] >= used for row in life.person.told("report", "--by", "month", "--since", month)["rows"]), "it is read")  # noqa: B023
    life.desktop.until(life.told_outside, "the budget is passed, and the daemon told")


def check(life: Life, budgets: int = 0) -> None:
    """What the day left behind, by the command line and in the files."""
    desktop, person = life.desktop, life.person
    counted = story.labels(person)
    assert (counted["delivered"], counted["exploration"], counted["waste"]) == (6, 3, 1)
    assert [one["reason"] for one in person.told("sessions", "--label", "waste")] == ["missing context"]
    assert {one["task"] for one in person.told("sessions") if "pay/" in str(one)} == {"Checkout"}
    page = (desktop.folder / "week.md").read_text()
    assert f"{story.NOTE}  \nAsk for it in the review" in page
    assert "- Checkout: " in page
    assert sum("budget" in one.lower() for one in life.told_outside()) == budgets, life.told_outside()
    assert KEY.encode() not in everything_below(desktop.folder / "tokenpal")
    assert KEY.encode() not in (desktop.folder / "all.zip").read_bytes()


def the_same_elsewhere(life: Life, start: Callable[..., subprocess.Popen[str]]) -> None:
    """The archive goes into a profile that knows nothing, by keyboard, and then both say the same."""
    desktop, person = life.desktop, life.person
    before = life.say("export", "-")
    figures = story.figures(life.say)
    app = start(log="other.log", **life.elsewhere)
    story.imports(person, desktop.folder / "all.zip")
    person.press("Ctrl+Q")
    assert desktop.ended(app) == 0
    assert life.say_elsewhere("export", "-") == before
    assert story.figures(life.say_elsewhere) == figures


def test_with_a_tray(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        desktop.tray_host()
        app = desktop.app()
        a_day(life, provider_server, budget=True)
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        assert seen(desktop, "registered")
        check(life, budgets=1)
        the_same_elsewhere(life, desktop.app)


def test_without_a_tray(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        app = desktop.app()
        a_day(life, provider_server)
        person.press("Ctrl+W")  # nobody could reach it without its window
        assert desktop.ended(app) == 0
        check(life)


def test_with_a_tray_that_comes_late(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        app, begun = desktop.app(), time.monotonic()

        def comes() -> None:
            desktop.until(lambda: time.monotonic() > begun + LATE, "it is late")
            desktop.tray_host()
            desktop.until(lambda: seen(desktop, "registered"), "the icon in the late tray")

        a_day(life, provider_server, meanwhile=comes)
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        check(life)


def test_with_a_tray_that_dies_and_comes_back(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        host, app = desktop.tray_host(), desktop.app()

        def comes_back() -> None:
            desktop.until(lambda: seen(desktop, "registered"), "the icon")
            host.terminate()
            host.wait()
            desktop.tray_host(log="again.jsonl")
            desktop.until(lambda: seen(desktop, "registered", "again.jsonl"), "the icon in the new tray")

        a_day(life, provider_server, meanwhile=comes_back)
        person.press("Ctrl+W")
        desktop.until(lambda: not windows(desktop), "the window is closed")
        assert app.poll() is None, "it stays in the tray"
        assert desktop.ended(desktop.app(log="second.log")) == 0
        desktop.until(lambda: windows(desktop), "the window, from the tray")
        person.hears("Settings")
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        check(life)


def test_under_wayland(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        (desktop.folder / "weston.ini").write_text(WESTON)
        weston = desktop.spawn(
            "weston", "--backend=x11-backend.so", "--socket=tokenpal-test", "--width=1400", "--height=860", "--use-pixman", "--idle-time=0",
            f"--config={desktop.folder / 'weston.ini'}", log="weston.log",
        )  # fmt: skip
        desktop.until(lambda: (desktop.folder / "run" / "tokenpal-test").exists() or weston.poll() is not None, "weston")
        desktop.tray_host()

        def start(log: str = "app.log", **extra: str) -> subprocess.Popen[str]:
            return desktop.app(log=log, WAYLAND_DISPLAY="tokenpal-test", QT_QPA_PLATFORM="wayland", DISPLAY="", **extra)

        app = start()
        a_day(life, provider_server, budget=True)
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        assert seen(desktop, "registered")
        check(life, budgets=1)
        the_same_elsewhere(life, start)
