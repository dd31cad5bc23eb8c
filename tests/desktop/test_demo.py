"""Sample data beside a person's own profile, where it lies by default: nothing of it is touched, and nothing stays behind."""

from __future__ import annotations

import hashlib
import sys

import pytest

from tests.desktop import agents_at_work
from tests.desktop.conftest import Desktop
from tests.desktop.keyboards import XKeyboard
from tests.desktop.life import Life
from tests.desktop.person import Person
from tests.desktop.screen import Screen
from tests.desktop.test_tray import seen

OTHERS = {"dconf", "fontconfig", "mesa_shader_cache", "mesa_shader_cache_db", "openbox", "gvfs-metadata", "keyrings", "at-spi"}
"""Folders that other programs of a desktop keep below the person's."""


@pytest.fixture
def own(desktop: Desktop) -> Desktop:
    """A person's profile in the usual places, with sessions, a label and a setting; the temporary folder is the desktop's own."""
    desktop.env.pop("TOKENPAL_HOME")
    desktop.env["TMPDIR"] = str(desktop.folder / "tmp")
    (desktop.folder / "tmp").mkdir()
    agents_at_work.write(desktop.folder / "home")
    for words in (["scan"], ["label", "last", "delivered", "--note", "mine"], ["task", "add", "My task"]):
        assert desktop.ended(desktop.spawn(sys.executable, "-m", "tokenpal", *words, log="own.log")) == 0, desktop.logs()
    return desktop


def everything(desktop: Desktop) -> dict[str, tuple[str, int]]:
    """Each file of the person's with its content and when it was changed."""
    found = {}
    for folder in ("home", "config", "data", "cache"):
        for path in sorted((desktop.folder / folder).rglob("*")):
            if path.is_file() and not OTHERS & set(path.relative_to(desktop.folder).parts):
                found[str(path.relative_to(desktop.folder))] = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
    return found


def test_sample_data_leaves_the_persons_own_alone(own: Desktop) -> None:
    before = everything(own)
    assert any(name.endswith("tokenpal.db") for name in before)
    life = Life(own)
    life.services()
    own.tray_host()
    app = own.app("--demo")
    screen = Screen(own.env["DBUS_SESSION_BUS_ADDRESS"])
    try:
        person = Person(XKeyboard(own), screen, life.say, life.log)
        edits(person)
        assert list((own.folder / "tmp").glob("tokenpal-demo-*/tokenpal.db")), "the sample lies in the temporary folder"
        person.press("Ctrl+Q")
        assert own.ended(app) == 0
    finally:
        screen.close()
    assert seen(own, "registered")
    assert everything(own) == before
    assert not list((own.folder / "tmp").glob("tokenpal-demo-*"))


def edits(person: Person) -> None:
    """A label, words of the week, a task and a setting: all go into the sample."""
    person.hears("Overview", "sample data")
    person.is_back()
    person.press("Ctrl+2")
    person.hears("What was it?")
    person.press("Ctrl+L")
    person.hears("1 of 44")
    person.press("D")
    person.hears("2 of 44")
    person.press("Esc")
    person.press("Ctrl+4")
    person.goes_to("Learned", "text")
    person.write("Only a sample")
    person.press("Ctrl+S")
    person.hears("Saved on this machine")
    person.press("Ctrl+3")
    person.hears("New task")
    person.press("Ctrl+N")
    person.is_at("Name", "text")
    person.write("A sample task")
    person.press("Return")
    person.is_back()
    person.hears("A sample task added.")
    person.press("Ctrl+7")
    person.hears("Search settings")
    person.press("Ctrl+F")
    person.write("Reduce motion")
    person.goes_to("Reduce motion", "check box")
    person.press("Space")
    person.hears("Reduce motion: back to the default")


def test_the_samples_words_at_the_command_line_touch_nothing(own: Desktop) -> None:
    before = everything(own)
    said = own.run("env", "-u", "DISPLAY", sys.executable, "-m", "tokenpal", "--demo")
    assert "sessions to label" in said  # on whatever day; what was used today may be little
    assert everything(own) == before
    assert not list((own.folder / "tmp").iterdir())
