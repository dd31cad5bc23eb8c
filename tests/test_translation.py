"""The way to a sentence in another language: what is found, what is filled in, and that nothing missing or broken is fatal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenpal import translation
from tokenpal.translation import PSEUDO, mark, pseudo, tr, trc, trn, use


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


def test_english_is_the_source() -> None:
    assert use("en_GB") == "en"
    assert tr("Read {age}", age="3 h ago") == "Read 3 h ago"
    assert tr("{literal}") == "{literal}"
    assert trn("{n} session", "{n} sessions", 1) == "1 session"
    assert trn("{n} session", "{n} sessions", 1204, shown="1,204") == "1,204 sessions"
    assert trc("field", "Failed") == mark("Failed") == "Failed"


def test_a_value_is_never_a_pattern() -> None:
    assert tr("On {branch}", branch="{0}{evil}") == "On {0}{evil}"


def test_pseudo_is_longer_and_keeps_values() -> None:
    use(PSEUDO)
    said = tr("Show {count} sessions", count="{x}")
    assert said.startswith("‹")
    assert said.endswith("›")
    assert "{x}" in said
    assert "sessions" not in said
    assert len(said) > len("Show {x} sessions") * 1.25
    assert pseudo("  ") == "  "
    assert tr("") == ""


@pytest.mark.parametrize("code", ["xx", "", "C", "posix", "zh_CN"])
def test_an_unknown_language_is_english(code: str) -> None:
    assert use(code) == "en"


def test_a_damaged_catalogue_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de.mo").write_bytes(b"\xde\x12\x04\x95 nothing of use")
    monkeypatch.setattr(translation, "folder", lambda: tmp_path)
    assert use("de") == "en"
    assert tr("Settings") == "Settings"
