"""The settings file: only what differs, nothing unknown lost, never a reason not to start."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tokenpal
from tokenpal.model.errors import UsageError
from tokenpal.settings import BY_KEY, GROUPS, SETTINGS, Setting, SettingKind, Settings, fits, week_start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def written(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_line_of_the_table_is_complete(setting: Setting) -> None:
    assert fits(setting, setting.default)
    assert setting.label
    assert setting.hidden or setting.group != "state"
    assert setting.hidden or setting.group in GROUPS
    assert bool(setting.choices) == (setting.kind is SettingKind.CHOICE)
    assert not setting.label.endswith(".")
    assert not setting.help or setting.help.endswith(".")


def test_everything_on_the_page_is_read_somewhere() -> None:
    """A switch that does nothing is a lie: a setting waits, hidden, for the part that reads it."""
    room = Path(tokenpal.__file__).parent
    program = "".join(file.read_text("utf-8") for file in room.rglob("*.py") if file.name != "settings.py" or file.parent != room)
    shown = [setting.key for setting in SETTINGS if not setting.hidden]
    unread = [key for key in shown if f'"{key}"' not in program]
    assert unread == []


def test_keys_are_unique() -> None:
    assert len(BY_KEY) == len(SETTINGS)


def test_without_a_file_all_is_default_and_nothing_is_written(path: Path) -> None:
    settings = Settings.load(path)
    assert {key: settings.get(key) for key in BY_KEY} == {key: setting.default for key, setting in BY_KEY.items()}
    assert settings.problem == ""
    assert not path.exists()


def test_only_what_differs_is_in_the_file(path: Path) -> None:
    settings = Settings.load(path)
    settings.set("appearance.theme", "dark")
    settings.set("advanced.near_limit", 90)
    assert written(path) == {"appearance": {"theme": "dark"}, "advanced": {"near_limit": 90}}
    settings.set("appearance.theme", "system")
    assert written(path) == {"advanced": {"near_limit": 90}}
    settings.reset("advanced.near_limit")
    assert written(path) == {}
    assert Settings.load(path).get("advanced.near_limit") == 85


def test_values_survive(path: Path) -> None:
    values = {
        "general.zone": "Asia/Kathmandu", "notifications.quiet": True, "notifications.quiet_from": "22:30",
        "advanced.roots": {"claude-code": ["/mnt/a \"quoted\" folder", "D:\\logs"]}, "advanced.agents_off": ["codex"], "appearance.text_size": 130,
    }
    settings = Settings.load(path)
    for key, value in values.items():
        settings.set(key, value)
    again = Settings.load(path)
    assert {key: again.get(key) for key in values} == values
    assert again.problem == ""


def test_unknown_keys_are_kept(path: Path) -> None:
    """A newer version's settings survive a visit by this one."""
    path.parent.mkdir()
    path.write_text('schema = 9\n[appearance]\ntheme = "light"\nglow = 3\n[future]\nthing = [1, 2]\n', "utf-8")
    settings = Settings.load(path)
    assert settings.problem == ""
    settings.set("appearance.theme", "dark")
    assert written(path) == {"schema": 9, "appearance": {"theme": "dark", "glow": 3}, "future": {"thing": [1, 2]}}


@pytest.mark.parametrize("damage", [b"[appearance\ntheme = 'dark'", b"\xff\xfe\x00", b'[appearance]\ntheme = "dark"\n[appearance]\n'])
def test_a_damaged_file_is_kept_aside(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    settings = Settings.load(path)
    assert settings.get("appearance.theme") == "system"
    assert "settings.broken.toml" in settings.problem
    assert path.with_name("settings.broken.toml").read_bytes() == damage
    settings.set("appearance.theme", "light")
    assert Settings.load(path).get("appearance.theme") == "light"
    path.write_bytes(damage + b"2")
    assert "settings.broken-2.toml" in Settings.load(path).problem
    assert path.with_name("settings.broken.toml").read_bytes() == damage


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[appearance]\ntheme = "purple"', "appearance.theme"),
        ("[appearance]\ntheme = 3", "appearance.theme"),
        ("[appearance]\ntext_size = 100.0", "appearance.text_size"),
        ("[appearance]\nreduce_motion = 1", "appearance.reduce_motion"),
        ("[advanced]\nnear_limit = 0", "advanced.near_limit"),
        ("[advanced]\nnear_limit = true", "advanced.near_limit"),
        ('[general]\nzone = "Mars/Olympus"', "general.zone"),
        ('[general]\nzone = "../../etc/passwd"', "general.zone"),
        ('[general]\nzone = "America"', "general.zone"),
        ("[general]\nzone = 1", "general.zone"),
        ('[notifications]\nquiet_from = "24:00"', "notifications.quiet_from"),
        ('[notifications]\nquiet_from = "9:00"', "notifications.quiet_from"),
        ("[advanced]\nroots = ['/logs']", "advanced.roots"),
        ("[advanced.roots]\ncodex = '/logs'", "advanced.roots"),
        ("[advanced]\nagents_off = [1]", "advanced.agents_off"),
    ],
)
def test_a_value_that_does_not_fit_is_told_and_kept(path: Path, text: str, key: str) -> None:
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    settings = Settings.load(path)
    assert settings.get(key) == BY_KEY[key].default
    assert key in settings.problem
    settings.set("general.week_start", "sunday")
    group, _, name = key.partition(".")
    assert written(path)[group][name] == tomllib.loads(text)[group][name]


def test_a_group_that_is_no_table(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("appearance = 3", "utf-8")
    settings = Settings.load(path)
    assert settings.get("appearance.theme") == "system"
    settings.set("appearance.theme", "dark")
    assert written(path) == {"appearance": {"theme": "dark"}}


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("appearance.theme", "purple", "system, light, dark"), ("advanced.near_limit", 101, "1 to 100"), ("general.zone", "Nowhere", "Europe/Berlin"),
        ("notifications.quiet", "yes", "true or false"), ("notifications.quiet_from", "noon", "08:00"),
        ("advanced.roots", [], ""),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_a_next_step(path: Path, key: str, value: object, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.load(path).set(key, value)
    assert hint in caught.value.next_step
    assert not path.exists()


def test_the_system_keeps_start_at_login(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("[general]\nstart_at_login = true", "utf-8")
    settings = Settings.load(path)
    assert settings.get("general.start_at_login") is False
    with pytest.raises(UsageError):
        settings.set("general.start_at_login", True)


def test_a_key_that_does_not_exist_is_a_mistake_of_the_program(path: Path) -> None:
    settings = Settings.load(path)
    with pytest.raises(KeyError):
        settings.get("general.zoom")
    with pytest.raises(KeyError):
        settings.set("general.zoom", 1)


def test_two_processes_do_not_undo_one_another(path: Path) -> None:
    window, command = Settings.load(path), Settings.load(path)
    window.set("appearance.theme", "dark")
    command.set("general.week_start", "sunday")
    assert written(path) == {"appearance": {"theme": "dark"}, "general": {"week_start": "sunday"}}
    assert window.get("general.week_start") == "monday"
    assert Settings.load(path).get("general.week_start") == "sunday"


def test_what_is_handed_out_is_a_copy(path: Path) -> None:
    settings = Settings.load(path)
    settings.get("advanced.roots")["codex"] = ["/x"]
    roots = {"codex": ["/y"]}
    settings.set("advanced.roots", roots)
    roots["codex"].append("/z")
    settings.get("advanced.roots")["codex"].append("/w")
    assert settings.get("advanced.roots") == {"codex": ["/y"]}


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings()
    settings.set("appearance.theme", "dark")
    assert settings.get("appearance.theme") == "dark"
    assert not list(tmp_path.glob("**/*.toml"))


def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(path)
    settings.set("appearance.theme", "dark")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        settings.set("appearance.theme", "light")
    assert written(path) == {"appearance": {"theme": "dark"}}
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_a_file_that_cannot_be_read_is_not_written_over(path: Path) -> None:
    path.mkdir(parents=True)  # a folder of that name: reading fails for root too
    settings = Settings.load(path)
    assert "could not be read" in settings.problem
    assert settings.get("appearance.theme") == "system"
    with pytest.raises(UsageError):
        settings.set("appearance.theme", "dark")
    assert path.is_dir()


def test_a_damaged_file_that_cannot_be_moved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_text("[", "utf-8")

    def refuse(self: Path, target: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", refuse)
    settings = Settings.load(path)
    assert "left where it is" in settings.problem
    assert path.read_text("utf-8") == "["


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits of this kind")
def test_the_file_is_the_persons_own(path: Path) -> None:
    Settings.load(path).set("appearance.theme", "dark")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_weeks_start_as_ranges_count_them() -> None:
    assert [week_start(value) for value, _ in BY_KEY["general.week_start"].choices] == [0, 5, 6]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=5))
def test_fits_never_raises(value: object) -> None:
    for setting in SETTINGS:
        assert fits(setting, value) in {True, False}
