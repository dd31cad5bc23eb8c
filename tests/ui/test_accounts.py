"""Accounts in the window, against a provider on loopback: added, refused, tested, removed; and where the key goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox
from shiboken6 import isValid

from tests.provider_server import KEYS, ProviderServer
from tests.ui.conftest import App
from tokenpal.engine import providers, queries
from tokenpal.model.events import AccountState
from tokenpal.model.report import Query
from tokenpal.system.secrets import Secrets
from tokenpal.ui.sessions.words import agent_name

KEY = "sk-not-a-real-key-0123456789"
Keyring = dict[tuple[str, str], str]


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()


def button(app: App, where: Any, words: str) -> QAbstractButton:
    """The button with these words, once Qt has shown it: what a layout takes in is shown a moment later."""
    found: QAbstractButton = app.wait(
        lambda: next((one for one in where.findChildren(QAbstractButton) if one.text() == words and one.isVisible()), None), f"a button {words!r}"
    )
    return found


def fill(app: App, server: ProviderServer, key: str, name: str = "Gateway") -> Any:
    """The dialog with a LiteLLM account in it; returns it before "Test and add" is pressed."""
    app.page("accounts").add()
    dialog = app.dialog()
    dialog.provider.choose("litellm")
    dialog._choose("litellm")
    assert dialog.address.isVisible()
    dialog.address.setText(server.url("litellm"))
    QTest.keyClicks(dialog.name, name)
    dialog.key.setText(key)
    return dialog


def names(app: App) -> list[str]:
    return [row.name for row in app.ask(queries.accounts)]


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_an_account_is_added_read_and_removed_with_its_key(app: App, provider_server: ProviderServer, memory_keyring: Keyring) -> None:
    dialog = fill(app, provider_server, KEYS["litellm"])
    assert memory_keyring == {}
    assert provider_server.requests() == [], "nothing goes over the network before the button is pressed"
    dialog.add.click()
    page = app.page("accounts")
    app.wait(lambda: names(app) == ["Gateway"], "the account")
    app.wait(lambda: not isValid(dialog), "the dialog closes")
    assert list(memory_keyring.values()) == [KEYS["litellm"]]
    assert KEYS["litellm"].encode() not in everything_on_disk(app.folder)
    app.wait(lambda: page.card is not None and page.card.row.state == AccountState.OK.value, "it is read")
    assert page.card.row.name == "Gateway"
    button(app, page, "Test the key").click()
    app.wait(lambda: app.window.toasts.isVisible() and app.window.toasts._words.text() not in ("", "Asking the provider."), "the test's answer")
    app.settle()
    button(app, page, "Remove").click()
    asked = app.dialog()
    assert asked.windowTitle() == "Remove Gateway?"
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert names(app) == ["Gateway"]
    button(app, page, "Remove").click()
    button(app, app.dialog(), "Remove, keep its history").click()
    app.wait(lambda: names(app) == [], "removed")
    assert memory_keyring == {}, "its key goes in any case"
    app.settle()
    assert page._empty.isVisible()


@pytest.mark.parametrize(("key", "rule", "words"), [(KEY, {}, "key"), (KEYS["litellm"], {"status": 500, "headers": {"x-should-retry": "false"}}, ""), (KEYS["litellm"], {"html": True}, "")])
def test_a_key_that_does_not_work_leaves_nothing_behind(
    app: App, provider_server: ProviderServer, memory_keyring: Keyring, key: str, rule: dict[str, Any], words: str
) -> None:
    if rule:
        provider_server.rule(".*", **rule)
    dialog = fill(app, provider_server, key)
    dialog.add.click()
    app.wait(lambda: dialog.add.isEnabled() and dialog._answer.text() != "Asking the provider.", "the answer")
    assert dialog.isVisible(), "what was typed stays, to be corrected"
    assert dialog._answer.text().endswith(".")
    assert words in dialog._answer.text().lower()
    assert key not in dialog._answer.text()
    assert names(app) == []
    assert memory_keyring == {}
    assert app.window.banner.isHidden(), "it is said once, in the dialog"
    dialog.reject()


def test_a_form_that_is_not_filled_asks_nobody(app: App, provider_server: ProviderServer) -> None:
    dialog = fill(app, provider_server, "")
    dialog.add.click()
    assert dialog._answer.text() == "Paste a key first."
    dialog.key.setText(KEY)
    dialog.address.setText("llm.example.org")
    dialog.add.click()
    assert "https://" in dialog._answer.text()
    assert provider_server.requests() == []
    dialog.reject()


def test_a_refused_key_gets_a_banner_and_a_new_key_solves_it(app: App, provider_server: ProviderServer, memory_keyring: Keyring) -> None:
    fill(app, provider_server, KEYS["litellm"]).add.click()
    page = app.page("accounts")
    app.wait(lambda: page.card is not None and page.card.row.state == AccountState.OK.value, "it is read")
    provider_server.rule(".*", status=401)
    app.engine.refresh(page.card.row.id)
    app.wait(lambda: page._banner_shown is not None and "key refused" in page._banner_shown.sentence.text(), "the banner")
    assert page._banner_shown.consequence.text()
    app.wait(lambda: app.desktop.tray._state == "problem", "the tray says so")
    button(app, page, "Enter a new key").click()
    dialog = app.dialog()
    dialog.key.setText(KEY)
    dialog._test()
    app.wait(lambda: dialog._keep.isEnabled(), "refused again")
    assert dialog.isVisible()
    assert list(memory_keyring.values()) == [KEYS["litellm"]], "the old key stays until a new one works"
    provider_server.reset()
    dialog.key.setText(KEYS["litellm"])
    dialog._test()
    app.wait(lambda: page._banner_shown is None, "solved")
    app.wait(lambda: app.desktop.tray._state != "problem", "and the tray is quiet")


def test_what_counts_of_an_account_can_be_changed(sample: App) -> None:
    page = sample.page("accounts")
    rows = sample.ask(queries.accounts)
    page.show_item(next(row.id for row in rows if row.source == "openai"))
    sample.settle()
    assert page.card.row.source == "openai"
    page.card.findChild(QComboBox, "account-counts").activated.emit(2)
    sample.wait(lambda: next(row for row in sample.ask(queries.accounts) if row.source == "openai").counts == "none", "kept")
    page.show_item(next(row.id for row in rows if row.source == "openrouter"))
    sample.settle()
    assert "left · " in page.card._facts["Balance"].text()
    page.show_item(next(row.id for row in rows if row.name == "Claude Code, work"))
    sample.settle()
    said = [label.text() for label in page.card.findChildren(type(page.heading))]
    assert "ends in the middle of a record" in said
    assert any("byte 40960" in words for words in said)


def test_a_click_on_the_line_of_freshness_leads_to_the_accounts(sample: App) -> None:
    sample.page("overview")
    assert "1 problem" in sample.window.sidebar._foot.text()
    sample.window.sidebar.foot_clicked.emit()
    sample.settle()
    assert sample.window.page_key == "accounts"
    assert sample.page("accounts").card.row.state == "key refused"


def test_what_nobody_could_read_today_is_unknown_and_not_nothing(sample: App) -> None:
    page = sample.page("accounts")
    said = {}
    for name in ("Anthropic, side project", "OpenAI, team"):
        page.show_item(next(row.id for row in page._rows if row.name == name))
        sample.settle()
        said[name] = page.card._facts["Today"].text()
    assert said["Anthropic, side project"].startswith("unknown since ")
    assert not said["OpenAI, team"].startswith("unknown")


def test_without_a_credential_store_the_person_may_keep_the_key_for_the_session(make_app: Callable[..., App], provider_server: ProviderServer) -> None:
    app = make_app(secrets=Secrets(lambda: None))
    dialog = fill(app, provider_server, KEYS["litellm"])
    assert not dialog.session.isVisible()
    dialog.add.click()
    app.wait(lambda: dialog.session.isVisible(), "it is offered, not chosen")
    assert "no credential store" in dialog._answer.text()
    assert names(app) == []
    dialog.session.click()
    app.wait(lambda: names(app) == ["Gateway"], "the account")
    page = app.page("accounts")
    app.wait(lambda: page.card is not None and page.card.row.state == AccountState.OK.value, "it is read")
    assert KEYS["litellm"].encode() not in everything_on_disk(app.folder)
    button(app, page, "Enter a new key").click()
    dialog = app.dialog()
    dialog.key.setText(KEYS["litellm"])
    dialog._test()
    app.wait(lambda: dialog.session.isVisible(), "offered for another key too")
    dialog.session.click()
    app.wait(lambda: not isValid(dialog), "kept")


def test_a_provider_is_described_by_its_source_alone(sample: App, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sample.desktop, "open_page_in_browser", opened.append)
    page = sample.page("accounts")
    for row in sample.ask(queries.accounts):
        page.show_item(row.id)
        sample.settle()
        info = providers.info(row.source)
        if info is None:  # the sample's person also uses an agent that has no source yet
            assert page.card.findChild(QAbstractButton, "account-docs") is None
            continue
        page.card.findChild(QAbstractButton, "account-docs").click()
        assert opened[-1] == info.docs
        assert row.kind != "api" or any(label.text() == "Gateway" for label in page.card.findChildren(type(page.heading))) is info.gateway
        assert agent_name(row.source) == info.name
    assert agent_name("of tomorrow", "its account") == "its account"
    page.add()
    dialog = sample.dialog()
    dialog._docs.click()
    assert opened[-1] == providers.every()[dialog.provider.key()].docs
    dialog.reject()


# ---------------------------------------------------------------------------------------------- every provider in the dialog


def shown(dialog: Any) -> str:
    """All words of the provider's side that can be seen."""
    from PySide6.QtWidgets import QLabel

    return "\n".join(one.text() for one in dialog._scroll.widget().findChildren(QLabel) if one.isVisible())


def test_every_provider_says_its_key_its_limits_and_its_options(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Least scope, where to make it, what it tells and what not, fields for options, no key where none is needed, consent."""
    opened: list[str] = []
    monkeypatch.setattr(app.desktop, "open_page_in_browser", opened.append)
    app.page("accounts").add()
    dialog = app.dialog()
    for info in providers.accounts():
        dialog.provider.choose(info.id)
        dialog._choose(info.id)
        app.settle()
        words = shown(dialog)
        for said in (info.name, info.key, info.tells, info.silent, *([info.unofficial] if info.unofficial else [])):
            assert said in words, info.id
        assert dialog._page.isVisible() is bool(info.key_page)
        if info.key_page:
            dialog._page.click()
            assert opened[-1] == info.key_page
        assert dialog.address.isVisible() is info.needs_base_url
        assert dialog.key.isVisible() or not info.needs_key
        assert dialog.consent.isVisible() is bool(info.unofficial)
        assert list(dialog.form.options) == [option.id for option in info.options]
        for option in info.options:
            field = dialog.form.options[option.id]
            assert field.isVisible()
            assert field.accessibleName() == option.name
            assert option.help in words
            assert not option.choices or isinstance(field, QComboBox)
        dialog.add.click()
        asked_for = [info.needs_key, bool(info.unofficial), any(option.required and not option.choices for option in info.options)]
        assert dialog._answer.text() or not any(asked_for), "what is missing is said"
        if not any(asked_for):
            app.wait(lambda: dialog.add.isEnabled(), "the answer of nobody")
    dialog.reject()


def test_providers_without_a_way_are_listed_with_what_to_use_instead(app: App) -> None:
    app.page("accounts").add()
    dialog = app.dialog()
    listed = dialog.provider.names()
    assert [name for name in listed if name in {one.value for one in providers.Group}] == [heading.value for heading, _ in providers.grouped()]
    for place, one in enumerate(providers.none()):
        assert one.name in listed[listed.index("No usage API") :]
        dialog.provider.choose(f"none:{place}")
        dialog._choose(f"none:{place}")
        app.settle()
        assert {one.name, one.why, one.instead} <= set(shown(dialog).split("\n"))
        assert not dialog.add.isVisible()
        assert not dialog.key.isVisible()
    dialog.reject()


def test_the_list_narrows_while_one_types(app: App) -> None:
    app.page("accounts").add()
    dialog = app.dialog()
    assert dialog.focusWidget() is dialog.provider.search
    QTest.keyClicks(dialog.provider.search, "lite")
    app.settle()
    assert dialog.provider.key() == "litellm"
    assert dialog._title.text() == providers.every()["litellm"].name
    assert "Coding plans" not in dialog.provider.names()
    QTest.keyClick(dialog.provider.search, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.address
    dialog.provider.search.setFocus()
    QTest.keyClick(dialog.provider.search, Qt.Key.Key_Escape)
    assert dialog.isVisible(), "the first Escape clears the search"
    before = dialog.provider.key()
    QTest.keyClick(dialog.provider.search, Qt.Key.Key_Down)
    assert dialog.provider.key() not in {before, ""}
    QTest.keyClicks(dialog.provider.search, "no such provider at all")
    assert dialog.provider.names() == []
    assert dialog.provider.nothing.isVisible()
    dialog.reject()


def test_an_account_with_options_is_added_and_read(app: App, provider_server: ProviderServer, memory_keyring: Keyring) -> None:
    from tests.providers.xai import OPTIONS
    from tokenpal.engine import options

    number = app.engine.add_account("xai", "Grok", provider_server.url("xai"), KEYS["xai"], False, dict(OPTIONS)).result(60)
    assert app.ask(options.given, number) == OPTIONS
    app.wait(lambda: app.ask(queries.accounts)[0].state == AccountState.OK.value, "it is read")
    page = app.page("accounts")
    app.wait(lambda: page.card is not None and page.card.row.name == "Grok", "the card")
    app.wait(lambda: "team_1" in page.card._facts["Team id"].text(), "its options are on the card")
    assert not page.card._facts["Only these keys"].isVisible()
    everything = app.ask(queries.report, Query("UTC")).total.money
    button(app, page, "Change options").click()
    dialog = app.dialog()
    app.wait(lambda: dialog.rows.fields["team_id"].text() == "team_1", "filled in")
    dialog.rows.fields["team_id"].clear()
    dialog._keep.click()
    app.wait(lambda: dialog._keep.isEnabled(), "an answer")
    assert "team id" in dialog._answer.text()
    dialog.rows.fields["team_id"].setText("team_1")
    dialog.rows.fields["api_key_id"].setText("key_1")
    dialog._keep.click()
    app.wait(lambda: not isValid(dialog), "kept")
    app.wait(lambda: page.card._facts["Only these keys"].text() == "key_1", "on the card")
    app.wait(lambda: 0 < app.ask(queries.report, Query("UTC")).total.money[0].amount < everything[0].amount, "read anew, only one's own")


def test_an_unofficial_account_needs_the_tick(app: App, provider_server: ProviderServer) -> None:
    app.page("accounts").add()
    dialog = app.dialog()
    unofficial = [info for info in providers.accounts() if info.unofficial]
    for info in unofficial:
        dialog.provider.choose(info.id)
        dialog._choose(info.id)
        dialog.key.setText(KEY)
        dialog.add.click()
        assert "box" in dialog._answer.text()
    assert provider_server.requests() == []
    dialog.reject()
