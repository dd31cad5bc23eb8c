"""Settings files that somebody, or something, wrote badly: every row of the table at once, in the real window and at the command line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import tomli_w

from tests.attack.conftest import Victim
from tests.attack.test_window import opened
from tokenpal.settings import SETTINGS, Setting, SettingKind as Kind, Settings, fits

CONTROLS: Final = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x08\x08\x7f\x9b1m\u202eetacs\u2066\r\nsecond\tline\x00end"
LONG: Final = 30_000

WRONG: Final[dict[Kind, Any]] = {
    Kind.SWITCH: "yes", Kind.CHOICE: ["dark"], Kind.NUMBER: "many", Kind.TEXT: 3.5, Kind.TIME: datetime(2026, 11, 20, tzinfo=UTC), Kind.ZONE: {"name": "UTC"},
    Kind.NAMES: "codex", Kind.ROOTS: 7,
}  # fmt: skip
HUGE: Final[dict[Kind, Any]] = {
    Kind.SWITCH: 10**40, Kind.CHOICE: "x" * LONG, Kind.NUMBER: -(10**40), Kind.TEXT: "x" * LONG, Kind.TIME: "12:00" * LONG, Kind.ZONE: "Europe/" * LONG,
    Kind.NAMES: ["x" * 300] * 500, Kind.ROOTS: {f"agent-{n}": ["/" + "x" * 300] * 20 for n in range(60)},
}  # fmt: skip
STRANGE: Final[dict[Kind, Any]] = {
    Kind.SWITCH: CONTROLS, Kind.CHOICE: CONTROLS, Kind.NUMBER: float("nan"), Kind.TEXT: CONTROLS, Kind.TIME: CONTROLS, Kind.ZONE: CONTROLS,
    Kind.NAMES: [CONTROLS, ""], Kind.ROOTS: {CONTROLS: [CONTROLS], "codex": ["", CONTROLS.replace("\0", "")], "": []},
}  # fmt: skip
SHAPES: Final = {
    "a table for each value": lambda one: {"value": one.default},
    "a list of lists": lambda _: [[[[]]]],
    "true": lambda _: True,
    "an empty text": lambda _: "",
}


def put(victim: Victim, value: Callable[[Setting], Any]) -> dict[str, Any]:
    """Write a file with a value for every row, and give it as it is read."""
    told: dict[str, Any] = {}
    for one in SETTINGS:
        group, _, name = one.key.partition(".")
        told.setdefault(group, {})[name] = value(one)
    victim.profile.mkdir(exist_ok=True)
    file = victim.profile / "settings.toml"
    file.write_text(tomli_w.dumps(told), "utf-8")
    return tomllib.loads(file.read_text("utf-8"))


def lives_with_it(victim: Victim, told: dict[str, Any]) -> None:
    """The window opens every page, what was not understood is one sentence, commands work, and what was written stays."""
    unfit = {one.key for one in SETTINGS if one.stored and not fits(one, told[one.key.partition(".")[0]][one.key.partition(".")[2]])}
    assert opened(victim)["settings"]
    problem = Settings.load(victim.profile / "settings.toml").problem
    assert bool(unfit) is bool(problem)
    assert len(problem) < 300, "one sentence, whatever is in the file"
    assert victim.run("scan").code == 0
    for words in (["doctor"], ["report", "--by", "day"], ["limits"], ["task", "add", "a task"]):
        done = victim.run(*words)
        assert done.code in {0, 1}, done.err
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.out + done.err), words
    told.pop("state")  # what the app itself remembers it may write anew
    after = tomllib.loads((victim.profile / "settings.toml").read_text("utf-8"))
    assert repr({group: after[group] for group in told}) == repr(told), "a value that this version does not understand may be another version's"


@pytest.mark.parametrize("values", [WRONG, HUGE, STRANGE], ids=["wrong types", "huge", "control characters"])
def test_a_bad_value_in_every_row(victim: Victim, values: dict[Kind, Any]) -> None:
    lives_with_it(victim, put(victim, lambda one: values[one.kind]))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_bad_shape_in_every_row(victim: Victim, shape: Callable[[Setting], Any]) -> None:
    lives_with_it(victim, put(victim, shape))


def test_groups_that_are_no_tables(victim: Victim) -> None:
    victim.profile.mkdir()
    groups = sorted({one.group for one in SETTINGS})
    (victim.profile / "settings.toml").write_text("".join(f"{group} = 3\n" for group in groups[::2]) + "".join(f"[[{group}]]\nx = 1\n" for group in groups[1::2]))
    assert opened(victim)["settings"]
    assert victim.run("doctor").code in {0, 1}
