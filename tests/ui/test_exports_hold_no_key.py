"""Whatever leaves tokenpal as a file or on the clipboard, from the window or the command line, holds no key of an account."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog

from tests.cli.runner import Machine
from tests.provider_server import KEYS, ProviderServer
from tests.test_privacy import all_files, forms
from tests.ui.conftest import App
from tokenpal.model.ranges import iso_week_days
from tokenpal.ui.overview.flip import FlipCard
from tokenpal.ui.settings.about import AboutCard
from tokenpal.ui.settings.data import DataActions

NAMES: Final = {"openai": "Mine", "litellm": "Gateway"}
PRINTED: Final = (
    ["export"], ["report", "--by", "model", "--csv"], ["report", "--by", "account", "--json"], ["sessions", "--json"], ["sessions"],
    ["reconcile", "--since", "2020-01-01", "--csv"], ["reconcile", "--since", "2020-01-01", "--json"], ["limits", "--json"], ["accounts", "list", "--json"],
    ["accounts", "list"], ["checkin", "--markdown"], ["checkin", "--text"], ["checkin", "--json"], ["checkin", "--since", "2020-W01"], ["insights", "--json"],
    ["prices", "list", "--json"], ["budget", "list", "--json"], ["task", "list", "--json"], ["share", "preview"], ["doctor"], ["doctor", "--json"], ["statusline"], [],
)  # fmt: skip


@pytest.fixture
def keyed(tmp_path: Path, sample_profile: Path, provider_server: ProviderServer) -> Machine:
    """The sample with two accounts of the person's own that were asked, so that their keys were in use."""
    machine = Machine(tmp_path / "home", tmp_path / "keyed")
    shutil.copytree(sample_profile, machine.profile)
    (machine.profile / "settings.toml").write_text('[advanced]\nlog_level = "debug"\n')
    for provider, name in NAMES.items():
        done = machine.run("accounts", "add", provider, "--name", name, "--base-url", provider_server.url(provider), stdin=f"{KEYS[provider]}\n")
        assert done.code == 0, done.err
    machine.run("poll", "--json")  # the sample's own accounts have no key
    assert {name for name in NAMES.values() if name in machine.run("accounts", "list").out} == set(NAMES.values())
    return machine


def told(data: bytes) -> list[str]:
    """The providers whose key is in it, in any spelling; what is packed is looked into."""
    held = [provider for provider in NAMES for form in forms(KEYS[provider]) if form in data]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            held += [one for name in packed.namelist() for one in told(packed.read(name))]
    if data[:2] == b"\x1f\x8b":
        held += told(gzip.decompress(data))
    return sorted(set(held))


def test_what_is_printed_and_written_by_commands(keyed: Machine, tmp_path: Path) -> None:
    assert told(json.dumps({"a": KEYS["openai"]}).encode()) == ["openai"]
    for words in PRINTED:
        done = keyed.run(*words, env={"TMPDIR": str(tmp_path)})
        assert done.code in {0, 1}, f"{words}: {done.err}"
        assert done.out + done.err, words
        assert told((done.out + done.err).encode()) == [], words
    for name in ("all.zip", "all.jsonl"):
        assert keyed.run("export", str(tmp_path / name)).code == 0
    assert keyed.run("backup").code == 0
    files = [path for path in all_files(keyed.profile) if path.suffix != ".sock"]
    assert any("backup" in str(path) for path in files)
    for path in (tmp_path / "all.zip", tmp_path / "all.jsonl", *files):
        assert told(path.read_bytes()) == [], path


def test_what_leaves_the_window(
    keyed: Machine, make_app: Callable[..., App], memory_keyring: dict[tuple[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, secret in json.loads((keyed.profile.parent / "test-keys.json").read_text()).items():
        service, _, user = name.partition("/")
        memory_keyring[service, user] = secret
    assert set(memory_keyring.values()) >= {KEYS[one] for one in NAMES}
    app = make_app(keyed.profile)
    target = tmp_path / "out"
    target.mkdir()
    copied: list[bytes] = []
    for number, (where, act) in enumerate(ways_out(app)):
        before = len(list(target.iterdir()))
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *said, number=number: (str(target / f"{number}-{Path(str(said[2])).name}"), ""))
        QGuiApplication.clipboard().clear()
        act()
        app.wait(lambda before=before: len(list(target.iterdir())) > before or clipboard(), f"something left by {where}")
        app.settle()
        app.wait(lambda: not any(isinstance(one, QDialog) and one.isVisible() for one in QGuiApplication.instance().topLevelWidgets()), "it is written")
        copied.append(clipboard())
    written = sorted(target.iterdir())
    assert {path.suffix for path in written} >= {".zip", ".jsonl", ".csv", ".png", ".svg", ".md"}
    assert sum(bool(one) for one in copied) >= 6
    for path in written:
        assert path.stat().st_size > 0
        assert told(path.read_bytes()) == [], path
    assert [told(one) for one in copied if told(one)] == []


def ways_out(app: App) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything in the window that writes a file or fills the clipboard."""
    page = app.page("overview")
    for ending in ("png", "svg", "csv"):
        yield f"the chart as {ending}", lambda ending=ending: page.export_to(Path(QFileDialog.getSaveFileName(None, "", f"chart.{ending}")[0]))
    for how in ("picture", "table"):
        yield f"the chart as a {how}", lambda how=how: page._take_chart(how)
    for card in page.findChildren(FlipCard):
        if card.isVisible():
            yield f"{card.title.text()} as a table", lambda card=card: page._take(card.exhibit(), "table")
            yield f"{card.title.text()} to a file", lambda card=card: page._take(card.exhibit(), "save")
    sessions = app.page("sessions")
    yield "sessions as CSV", sessions._export_listed
    yield "sessions copied", sessions.copy
    yield "tasks as CSV", app.page("tasks")._export
    week = app.page("check-in")
    yield "a week copied", week._copy
    yield "a week to a file", lambda: week._to_file([week._week], "week.md", "")
    yield "months to a file", lambda: week._export_period("month", iso_week_days(week._week)[0], False)
    accounts = app.page("accounts")
    accounts.show_item(next(row.id for row in accounts._rows if row.source == "openai" and row.name != NAMES["openai"]))
    app.settle()
    accounts.compare()
    app.settle()
    yield "a comparison copied", accounts.pane._copy
    settings = app.page("settings")
    data = settings.findChild(DataActions)
    for name in ("all.zip", "all.jsonl"):
        yield f"everything as {name}", lambda name=name: data.export_to(QFileDialog.getSaveFileName(None, "", name)[0])
    yield "version and places", settings.findChild(AboutCard)._copy_all


def clipboard() -> bytes:
    """All that is on it, in every form it is offered in."""
    held: QMimeData | None = QGuiApplication.clipboard().mimeData()
    if held is None:
        return b""
    return b"\n".join(bytes(held.data(form)) for form in held.formats()) + (b"picture" if held.hasImage() else b"")


def test_the_search_finds_a_key_that_is_packed(tmp_path: Path) -> None:
    """In an archive, in a data file, encoded: none is overlooked."""
    key = KEYS["openai"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.jsonl", f'{{"key": "{key}"}}')
    store = sqlite3.connect(tmp_path / "a.db")
    store.execute("CREATE TABLE t AS SELECT ? AS x", (key,))
    store.commit()
    store.close()
    assert told((tmp_path / "a.zip").read_bytes()) == ["openai"]
    assert "openai" in told((tmp_path / "a.db").read_bytes())
    assert "openai" in told(gzip.compress(key.encode()))
