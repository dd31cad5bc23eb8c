"""What an edit keeps for undo: the same rows come back, few or many, and many take little room."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings, strategies as st

from tokenpal.store.records import MANY, Place, Row, dump, load

values = st.none() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["", 0, 1])
COLUMNS = {"annotation": ("session", "label", "note"), "hand": ("session", "task"), "session_tag": ("session", "tag")}


@st.composite
def edit(draw: st.DrawFn) -> tuple[dict[Place, Row | None], dict[Place, Row | None]]:
    before: dict[Place, Row | None] = {}
    after: dict[Place, Row | None] = {}
    common = {table: dict.fromkeys(columns, draw(values)) for table, columns in COLUMNS.items()}
    for number in range(draw(st.sampled_from([0, 1, 3, MANY - 1, MANY, MANY + 7]))):
        table = draw(st.sampled_from(sorted(COLUMNS)))
        for side in (before, after):
            row: dict[str, Any] | None = None if draw(st.booleans()) else common[table] | {"session": f"s{number}"}
            if row is not None and draw(st.booleans()):
                row[COLUMNS[table][1]] = draw(values)
            side[table, (f"s{number}",)] = row
    return before, after


@settings(max_examples=60)
@given(edit())
def test_what_was_dumped_comes_back(sides: tuple[dict[Place, Row | None], dict[Place, Row | None]]) -> None:
    before, after = sides
    old, new = load(*dump(before, after, list(before)))
    assert (old, new) == (before, after)
    assert [(type(v), v) for row in new.values() for v in (row or {}).values()] == [(type(v), v) for place in new for v in (after[place] or {}).values()]


def test_a_hundred_thousand_rows_take_little_room() -> None:
    places: list[Place] = [("annotation", (f"claude-code:{number:032x}",)) for number in range(100_000)]
    before: dict[Place, Row | None] = dict.fromkeys(places)
    after: dict[Place, Row | None] = {place: {"session": place[1][0], "label": "waste", "reason": "loop", "label_at": 1_795_000_000, "note": ""} for place in places}
    old, new = dump(before, after, places)
    assert len(old) + len(new) < 1_500_000
    assert load(old, new) == (before, after)
