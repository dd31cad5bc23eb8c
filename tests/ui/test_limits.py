"""The same words of windows and balances everywhere: command line, Overview, Accounts, glance, tray; one word per crossing."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from tests.ui.conftest import App
from tokenpal.cli import limits as command
from tokenpal.engine import limits, queries
from tokenpal.insight.limit_words import balance_words, limit_words
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.store import readings
from tokenpal.store.database import Store
from tokenpal.ui.widgets.meters import BalanceLine, LineMeter, Meter
from tokenpal.ui.widgets.text import Text


def printed(app: App, now: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Name -> words, as ``tokenpal limits --json`` says them at this moment."""
    monkeypatch.setenv("TOKENPAL_HOME", str(app.folder))
    monkeypatch.setattr(time, "time", lambda: float(now))
    command.run(argparse.Namespace(tz=None, json=True))
    said = json.loads(capsys.readouterr().out)
    return {f"{one['account']} {one['name']}": one["words"] for kind in ("windows", "balances") for one in said[kind]}


def test_all_faces_say_the_same(sample: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    app = sample
    now = app.engine.now()
    app.engine.now = lambda: now  # all faces look at the same second
    app.desktop.desk = app.desktop.desk.__class__(app.desktop.bridge, app.settings, app.desktop.zone, lambda: now, app.desktop)
    overview = app.page("overview")
    monkeypatch.setattr(overview.limits, "_desk", app.desktop.desk)
    overview.refresh(frozenset({"limits"}))
    app.settle()
    words = printed(app, now, monkeypatch, capsys)
    assert len(words) >= 5
    shown = [meter.accessibleName() for meter in overview.limits.findChildren(Meter) if meter.isVisible()]
    shown += [line.accessibleName() for line in overview.limits.findChildren(BalanceLine) if line.isVisible()]
    shown = [said for said in shown if said.partition(": ")[0] in words]  # budgets are told beside them
    assert len(shown) >= 3
    for said in shown:
        name, _, rest = said.partition(": ")
        assert words[name] == rest
    accounts = app.page("accounts")
    told = []
    for row in app.ask(queries.accounts):
        accounts.show_item(row.id)
        app.settle()
        card = accounts.card
        monkeypatch.setattr(card, "_desk", app.desktop.desk)
        accounts._ask_more()
        app.settle()
        for fact in ("Limits", "Balance"):
            told += [f"{row.name} {line}" for line in card._facts[fact].text().split("\n") if line]
    assert len(told) == len(words)
    named = {name.casefold(): said.split(" · ") for name, said in words.items()}
    for line in told:  # the pace is told on hover there
        name, _, rest = line.partition(": ")
        assert set(rest.split(" · ")) <= set(named[name.casefold()])
    app.desktop.toggle_glance()
    glance: Any = app.desktop.glance
    glance.setProperty("keep", True)
    monkeypatch.setattr(glance, "_desk", app.desktop.desk)
    glance.refresh()
    app.settle()
    for meter in glance.findChildren(LineMeter):
        name, _, rest = meter.accessibleName().partition(": ")
        assert words[name] == rest
    outlook = glance._outlook.text()
    assert any(outlook.startswith(name) and outlook.removeprefix(f"{name} ") in said for name, said in words.items())
    glance.hide()


def put(store: Store, account: int, used: float, left: str, at: int) -> None:
    with store.transaction():
        readings.note_limits(store, account, [LimitReading("5 hours", used, at, at + 9000, 300)])
        readings.note_balances(store, account, [Balance("credits", Money.of(MoneyKind.CREDITS, left), at)])


def test_one_notification_for_each_crossing(sample: App) -> None:
    app = sample
    said: list[tuple[str, str]] = []
    app.settle()
    app.desktop.standing.notable.connect(lambda what: said.append((what.title, what.sentence)) if what.kind == "limits" else None)
    account = next(row.id for row in app.ask(queries.accounts) if row.name == "Claude Code, work")
    now = app.engine.now()

    def tell(used: float, left: str, later: int) -> list[str]:
        said.clear()
        app.ask(put, account, used, left, now + later)
        app.desktop.standing.ask()
        app.settle()
        return [title.replace("\u202f", " ").partition(", resets")[0] for title, _ in said]

    tell(50, "90", 1)
    assert tell(84, "60", 2) == []
    assert tell(86, "59", 3) == ["Claude Code, work 5 hours 86 % used"]
    assert said[0][1].endswith("Nothing was stopped.")
    assert tell(84, "58", 4) == [], "it wobbles"
    assert tell(87, "57", 5) == []
    assert tell(60, "56", 6) == []
    assert tell(90, "3", 7) == ["Claude Code, work 5 hours 90 % used", "Claude Code, work credits: $3.00 credit left"]
    assert tell(91, "2", 8) == []
    assert tell(91, "40", 9) == []
    assert tell(91, "1", 10) == ["Claude Code, work credits: $1.00 credit left"]


def test_a_window_that_is_over_and_none_at_all(sample: App) -> None:
    app = sample
    page = app.page("overview")
    found = app.ask(limits.standing, "UTC")
    later = app.engine.now() + 40 * 86_400
    for view in found.windows:
        said = limit_words(view, later, app.desktop.zone())
        assert (said.share, said.used) == (None, "not known since its reset")
    assert all(balance_words(view, later, app.desktop.zone()).line for view in found.balances)
    page.limits.set_around(page.limits and app.ask(_empty))
    assert [label.text() for label in page.limits.findChildren(QLabel) if isinstance(label, Text) and label.isVisible() and "No plan limit" in label.text()]


def _empty(store: Store) -> Any:
    import msgspec

    from tokenpal.engine.overview import around

    return msgspec.structs.replace(around(store, "UTC"), limits=(), balances=(), budgets=())


def test_the_status_line_is_put_in_and_taken_out_in_the_window(make_app: Callable[..., App], tmp_path: Path) -> None:
    """Asked first, by a dialog that names the file; the file is as it was afterwards."""
    from tests.engine.logs import write

    home = tmp_path / "me"
    write(home, 1, 2)
    settings = home / ".claude" / "settings.json"
    settings.write_text('{"statusLine": {"type": "command", "command": "~/mine.sh"}}')
    before = settings.read_bytes()
    app = make_app(None, home)
    page = app.page("accounts")
    app.wait(lambda: page.findChild(QAbstractButton, "account-statusline"), "the logs are found")
    said: list[str] = []
    page.toast.connect(lambda words, _: said.append(words))

    def press(answer: str) -> None:
        QTest.mouseClick(app.wait(lambda: page.findChild(QAbstractButton, "account-statusline")), Qt.MouseButton.LeftButton)
        dialog = app.dialog()
        told = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert str(settings) in told
        assert "~/mine.sh" in told
        assert dialog.findChild(QAbstractButton, "leave").isDefault()
        count = len(said)
        dialog.findChild(QAbstractButton, answer).click()
        if answer != "leave":
            app.wait(lambda: len(said) > count, "it is said")
        app.settle()

    press("leave")
    assert settings.read_bytes() == before
    press("answer-install")
    assert "--then" in json.loads(settings.read_bytes())["statusLine"]["command"]
    assert said[-1].endswith("from its next answer on.")
    press("answer-remove")
    assert settings.read_bytes() == before
    settings.write_text("{")
    QTest.mouseClick(page.findChild(QAbstractButton, "account-statusline"), Qt.MouseButton.LeftButton)
    dialog = app.dialog()
    assert dialog.findChild(QAbstractButton, "answer-install") is None
    dialog.reject()
