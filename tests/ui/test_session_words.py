"""How a session of a provider's report is named: the day of one key is told from that of another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tokenpal.model.report import Measures, SessionRow
from tokenpal.ui.sessions import words

NOON = 1_795_262_400


@pytest.mark.parametrize(
    ("id_", "grain", "part"),
    [
        ("openai:1:key_laptop:2026-11-20", "day", "key_laptop"), ("anthropic:2:wrkspc_1:2026-11-20", "hour", "wrkspc_1"),
        ("anthropic:2:no-key:2026-11-20", "hour", ""), ("openrouter:3:all-keys:2026-11-20", "day", ""), ("codex:a:b:c", "request", ""), ("codex:a", "request", ""),
    ],
)  # fmt: skip
def test_a_days_key(id_: str, grain: str, part: str) -> None:
    row = SessionRow(id_, "openai", "Work", NOON, NOON, "", "", (), Measures(), grain=grain)
    assert words.part(row) == part
    line = words.second_line(row, lambda at: datetime.fromtimestamp(at, UTC), NOON + 86_400)
    assert (part in line.split(" · ")) is bool(part)
    assert words.title(row) == "Work"
