"""The main journeys by keyboard alone: the real app on a real display, with a tray, notifications and a credential store.

Keys come from the X server, what is on the screen is heard over AT-SPI, and the command line says what was kept. Wayland is a
headless weston whose keys are pressed on the glass it shares its screen with (``glass``). Every step is played on every desktop.
Issue 5, done when 2 and 3.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.desktop import agents_at_work, story
from tests.desktop.conftest import HERE, Desktop
from tests.desktop.keyboards import GlassKeyboard, Keyboard, XKeyboard
from tests.desktop.life import Life, everything_below
from tests.desktop.person import Person
from tests.desktop.screen import Screen
from tests.desktop.test_tray import seen, windows
from tests.provider_server import KEYS, ProviderServer

pytestmark = pytest.mark.timeout(900)  # a person's whole day, on a machine that may be busy
KEY = KEYS["litellm"]
WESTON = """[core]
modules=screen-share.so
[shell]
close-animation=none
startup-animation=none
focus-animation=none
animation=none
panel-position=none
locking=false
[keyboard]
repeat-delay=60000
[screen-share]
command={python} {glass} {address}
start-on-startup=true
"""


@pytest.fixture
def life(desktop: Desktop) -> Life:
    """Before the first start: agents have worked here."""
    return Life(desktop, agents_at_work.write(desktop.folder / "home"))


@contextmanager
def at_work(life: Life, keyboard: Keyboard | None = None) -> Iterator[Person]:
    """The person at the display with all that belongs to it."""
    life.services()
    screen = Screen(life.desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    life.person = Person(keyboard or XKeyboard(life.desktop), screen, life.say, life.log)
    try:
        yield life.person
    finally:
        screen.close()


def a_day(life: Life, server: ProviderServer, *, meanwhile: Callable[[], None] | None = None) -> None:
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
    goes_over_a_budget(life)
    story.exports_everything(person, desktop.folder / "all.zip")


def goes_over_a_budget(life: Life) -> None:
    """A budget a little above what was used; then the agent works on, twice. That is told once, outside the window."""
    month = f"{datetime.now(UTC):%Y-%m-01}"

    def used() -> int:
        return sum(row["total"] for row in life.person.told("report", "--by", "month", "--since", month)["rows"])

    before = used()
    story.sets_a_budget(life.person, str(before + 1000))
    assert not about_budgets(life)
    for number, tokens in enumerate((2000, 3000), 1):
        agents_at_work.works_on(life.desktop.folder / "home", number, tokens)
        before += tokens
        life.person.until(lambda now=before: used() >= now, "what the agent did is read by itself")
    life.desktop.until(lambda: about_budgets(life), "the budget is passed, and the daemon told")


def about_budgets(life: Life) -> list[str]:
    """What the notification daemon was told of budgets; of the tray it may hear, too."""
    return [one for one in life.told_outside() if "budget" in one.lower()]


def check(life: Life) -> None:
    """What the day left behind, by the command line and in the files."""
    desktop, person = life.desktop, life.person
    counted = story.labels(person)
    assert (counted["delivered"], counted["exploration"], counted["waste"]) == (6, 3, 1)
    assert [one["reason"] for one in person.told("sessions", "--label", "waste")] == ["missing context"]
    assert {one["task"] for one in person.told("sessions") if "pay/" in str(one)} == {"Checkout"}
    page = (desktop.folder / "week.md").read_text()
    assert f"{story.NOTE}  \nAsk for it in the review" in page
    assert "- Checkout: " in page
    assert len(about_budgets(life)) == 1, life.told_outside()
    assert KEY.encode() not in everything_below(desktop.folder / "tokenpal")
    assert KEY.encode() not in (desktop.folder / "all.zip").read_bytes()


def the_same_elsewhere(life: Life, start: Callable[..., subprocess.Popen[str]], leave: str = "Ctrl+Q") -> None:
    """The archive goes into a profile that knows nothing, by keyboard, and then both say the same."""
    desktop, person = life.desktop, life.person
    before = life.say("export", "-")
    figures = story.figures(life.say)
    app = start(log="other.log", **life.elsewhere)
    story.imports(person, desktop.folder / "all.zip")
    person.press(leave)
    assert desktop.ended(app) == 0
    assert life.say_elsewhere("export", "-") == before
    assert story.figures(life.say_elsewhere) == figures


def test_with_a_tray(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        desktop.tray_host()
        app = desktop.app()
        a_day(life, provider_server)
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        assert seen(desktop, "registered")
        check(life)
        the_same_elsewhere(life, desktop.app)


def test_without_a_tray(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        app = desktop.app()
        a_day(life, provider_server)
        person.press("Ctrl+W")  # nobody could reach it without its window
        assert desktop.ended(app) == 0
        check(life)
        the_same_elsewhere(life, desktop.app, leave="Ctrl+W")


def test_with_a_tray_that_comes_late(desktop: Desktop, life: Life, provider_server: ProviderServer) -> None:
    with at_work(life) as person:
        app = desktop.app()

        def comes() -> None:
            assert app.poll() is None
            desktop.tray_host()
            desktop.until(lambda: seen(desktop, "registered"), "the icon in the late tray")

        a_day(life, provider_server, meanwhile=comes)
        person.press("Ctrl+Q")
        assert desktop.ended(app) == 0
        check(life)
        the_same_elsewhere(life, desktop.app)


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
        the_same_elsewhere(life, desktop.app)


@pytest.mark.parametrize("with_a_tray", [True, False], ids=["with a tray", "without a tray"])
def test_under_headless_wayland(desktop: Desktop, life: Life, provider_server: ProviderServer, with_a_tray: bool) -> None:
    glass = desktop.folder / "glass"
    (desktop.folder / "weston.ini").write_text(WESTON.format(python=sys.executable, glass=HERE / "glass.py", address=glass))
    weston = desktop.spawn(
        "weston", "--backend=headless-backend.so", "--socket=tokenpal-test", "--width=1400", "--height=860", "--use-pixman", "--idle-time=0",
        f"--config={desktop.folder / 'weston.ini'}", log="weston.log",
    )  # fmt: skip
    desktop.until(lambda: glass.exists() or weston.poll() is not None, "weston shares its screen")

    def start(log: str = "app.log", **extra: str) -> subprocess.Popen[str]:
        return desktop.app(log=log, WAYLAND_DISPLAY="tokenpal-test", QT_QPA_PLATFORM="wayland", DISPLAY="", **extra)

    with at_work(life, GlassKeyboard(glass)) as person:
        if with_a_tray:
            desktop.tray_host()
        app = start()
        a_day(life, provider_server)
        assert not windows(desktop), "nothing of it is on the X display"
        leave = "Ctrl+Q" if with_a_tray else "Ctrl+W"
        person.press(leave)
        assert desktop.ended(app) == 0
        assert bool(seen(desktop, "registered")) is with_a_tray
        check(life)
        the_same_elsewhere(life, start, leave)
