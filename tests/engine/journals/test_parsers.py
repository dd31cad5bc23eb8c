"""Journals of other tools: what they hold, in UTC, whatever the zone and however damaged the file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from tokenpal.engine.journals import base, jrnl, known, timewarrior, toggl
from tokenpal.engine.journals.base import Entry, Interval

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
TIMEW = """[
{"id":3,"start":"20261116T080000Z","end":"20261116T093000Z","tags":["pay","review"],"annotation":"second pass"},
{"id":2,"start":"20261116T100000Z","end":"20261116T101500Z","tags":["with space"]},
{"id":1,"start":"20261116T110000Z","tags":["pay"]}
]
"""
TIMEW_DATA = """inc 20261116T080000Z - 20261116T093000Z # pay review # "second pass"
inc 20261116T100000Z - 20261116T101500Z # "with space"
exc 20261116T000000Z - 20261117T000000Z
inc 20261116T110000Z # pay
inc nonsense
"""
TOGGL_CSV = """\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags,Amount ()
Me,me@example.org,ACME,Payments,,"Retry, second try",No,2026-11-16,09:00:00,2026-11-16,10:30:00,01:30:00,"code, deep",
Me,me@example.org,ACME,,,No project,No,2026-10-25,01:30:00,2026-10-25,03:30:00,03:00:00,,
Me,me@example.org,,Payments,,broken,No,2026-11-16,99:00:00,2026-11-16,10:30:00,01:30:00,,
"""
ENTRIES = [
    {"id": 1, "workspace_id": 2, "project_id": 7, "description": "Retry", "start": "2026-11-16T09:00:00+01:00", "stop": "2026-11-16T09:30:00Z", "duration": 5400, "tags": ["a"]},
    {"id": 2, "workspace_id": 2, "project_name": "Search", "description": "Runs", "start": "2026-11-16T12:00:00Z", "stop": None, "duration": -1700000000},
]
JRNL_TEXT = """[2026-11-16 09:30] Borrow checker, second try. *
Arena works; lifetimes still fight back.

More of it.
[2026-11-17 02:05:09 PM] A title only
"""
JRNL_JSON = {"tags": {"@x": 1}, "entries": [{"title": "Borrow checker.", "body": "Arena works.", "date": "2026-11-16", "time": "09:30", "tags": ["@x"], "starred": True}]}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_timewarrior_export_and_data_file_say_the_same() -> None:
    exported, data = timewarrior.parse(TIMEW.encode(), BERLIN), timewarrior.parse(TIMEW_DATA.encode(), BERLIN)
    assert exported.intervals == data.intervals
    first, second = exported.intervals
    assert (first.start, first.end) == (at("2026-11-16T08:00:00Z"), at("2026-11-16T09:30:00Z"))
    assert (first.tags, first.words) == (("pay", "review"), "second pass")
    assert second.tags == ("with space",)
    assert (exported.running, data.running) == (1, 1)
    assert not exported.problems
    assert [(one.position, one.count) for one in data.problems] == [("line 5", 1)]


def test_a_hash_in_a_quoted_tag_is_no_annotation() -> None:
    found = timewarrior.parse(b'inc 20261116T080000Z - 20261116T083000Z # "C# \\"api\\"" x # note # more', BERLIN)
    assert found.intervals[0].tags == ('C# "api"', "x")
    assert found.intervals[0].words == "note # more"


def test_toggl_csv_is_read_in_the_persons_zone_and_its_duration_bends_to_no_clock_change() -> None:
    found = toggl.parse(TOGGL_CSV.encode(), BERLIN)
    night, retry = found.intervals
    assert retry == Interval(at("2026-11-16T08:00:00Z"), at("2026-11-16T09:30:00Z"), ("code", "deep"), "Payments", "", "Retry, second try")
    assert (night.end - night.start, night.project) == (3 * 3600, "ACME")
    assert night.start == at("2026-10-24T23:30:00Z")
    assert sum(one.count for one in found.problems) == 1
    assert toggl.parse(TOGGL_CSV.encode(), UTC_ZONE).intervals[1].start == at("2026-11-16T09:00:00Z")


@pytest.mark.parametrize("day", ["2026-11-16", "11/16/2026", "16.11.2026"])
@pytest.mark.parametrize("clock", ["14:05:00", "2:05:00 PM", "14:05", "2:05 pm"])
def test_toggl_dates_and_clocks_as_a_profile_can_be_set(day: str, clock: str) -> None:
    text = f"Start date,Start time,End date,End time,Duration\n{day},{clock},{day},{clock},00:10:00\n"
    assert toggl.parse(text.encode(), UTC_ZONE).intervals[0].start == at("2026-11-16T14:05:00Z")


def test_toggl_json_of_three_kinds() -> None:
    found = toggl.parse(json.dumps(ENTRIES).encode(), BERLIN)
    assert found.intervals == (Interval(at("2026-11-16T08:00:00Z"), at("2026-11-16T09:30:00Z"), ("a",), "Toggl project 7", "", "Retry"),)
    assert found.running == 1
    times = [{"id": 1, "seconds": 60, "start": "2026-11-16T09:00:00+00:00", "stop": "2026-11-16T09:01:00+00:00"}] * 2
    grouped = toggl.parse(json.dumps([{"user_id": 1, "project_name": "P", "description": "d", "time_entries": times}]).encode(), BERLIN)
    assert [one.project for one in grouped.intervals] == ["P", "P"]
    old = toggl.parse(json.dumps({"data": [{"pid": 1, "project": "Q", "dur": 60_000, "start": "2026-11-16T09:00:00+01:00", "end": "2026-11-16T09:01:00+01:00"}]}).encode(), BERLIN)
    assert old.intervals[0].project == "Q"


def test_jrnl_text_and_json_in_the_persons_zone() -> None:
    found = jrnl.parse(JRNL_TEXT.encode(), BERLIN)
    assert found.entries == (
        Entry(at("2026-11-16T08:30:00Z"), "Borrow checker, second try.\nArena works; lifetimes still fight back.\n\nMore of it."),
        Entry(at("2026-11-17T13:05:09Z"), "A title only"),
    )
    exported = jrnl.parse(json.dumps(JRNL_JSON).encode(), BERLIN)
    assert exported.entries == (Entry(at("2026-11-16T08:30:00Z"), "Borrow checker.\nArena works."),)
    bare = jrnl.parse(b"2026-11-16 09:30 An old one\nwith a body, 2026-11-16 09:31 in it\n", BERLIN)
    assert [one.text for one in bare.entries] == ["An old one\nwith a body, 2026-11-16 09:31 in it"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(TIMEW, "timewarrior"), (TIMEW_DATA, "timewarrior"), (TOGGL_CSV, "toggl"), (json.dumps(ENTRIES), "toggl"), (JRNL_TEXT, "jrnl"), (json.dumps(JRNL_JSON), "jrnl"),
     ("hello", ""), ("", ""), ('{"is":"tokenpal-usage/1"}', ""), ("a,b\n1,2\n", ""), ('{"type": "daily", "data": []}', ""), ("[]", "")],
)  # fmt: skip
def test_a_file_is_known_by_what_it_holds(data: str, kind: str) -> None:
    assert known.kind_of(data.encode()) == kind


@pytest.mark.parametrize("kind", [*known.KINDS])
@pytest.mark.parametrize(
    "data",
    [b"", b"[", b"{}", b"[[[[", b"[" * 100_000, b"\xff\xfe\x00", b"\x00" * 100, b'[{"start": 1e999}]', b'[{"start": {"a": 1}, "end": []}]', b'{"entries": [null, 3, {"title": 4}]}',
     b'[{"start":"20261116T080000Z","end":"20061116T080000Z"}]', b'[{"start":"20061116T080000Z","end":"20261116T080000Z"}]', b"inc " + b"x" * 100_000, b'"' * 50_000,
     b"Start date,Start time\n" + b"1," * 10_000, b'{"time_entries": {}}', b"[2026-13-45 99:99] no day", b"[0001-01-01 00:00] before time", b'{"data": 3}'],
)  # fmt: skip
def test_nothing_in_a_file_makes_a_parser_raise(kind: str, data: bytes) -> None:
    found = known.parser(kind)(data, BERLIN)
    assert not found.intervals
    assert not found.entries


@given(st.binary(max_size=400), st.sampled_from([*known.KINDS]))
def test_random_bytes_are_no_journal_and_no_crash(data: bytes, kind: str) -> None:
    known.kind_of(data)
    known.parser(kind)(data, BERLIN)


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["20261116T080000Z", "2026-11-16T09:00:00Z", "2026-11-16", "x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["start", "end", "stop", "tags", "duration", "time_entries", "data", "entries", "date", "time", "title", "body", "annotation", "project_id"]), inner, max_size=6),
    max_leaves=20,
)


@given(Json, st.sampled_from([*known.KINDS]))
def test_any_document_is_read_or_left_out(document: Any, kind: str) -> None:
    found = known.parser(kind)(json.dumps(document).encode(), BERLIN)
    assert all(base.EARLIEST <= one.start < one.end <= base.LATEST for one in found.intervals)


words = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters='"\\#'), min_size=1, max_size=12).filter(lambda text: text.isprintable())
spans = st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 86_400), st.lists(words, unique=True, max_size=3)), max_size=8)


@given(spans, st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"]))
def test_what_timewarrior_writes_is_read_back(some: list[tuple[int, int, list[str]]], zone: str) -> None:
    def stamp(seconds: int) -> str:
        return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")

    rows = [{"id": n, "start": stamp(start), "end": stamp(start + length), "tags": tags} for n, (start, length, tags) in enumerate(some)]
    lines = [f"inc {row['start']} - {row['end']}" + (" # " + " ".join(f'"{tag}"' for tag in row["tags"]) if row["tags"] else "") for row in rows]
    exported = timewarrior.parse(json.dumps(rows).encode(), ZoneInfo(zone))
    assert len(exported.intervals) == len(some)
    assert exported.intervals == timewarrior.parse("\n".join(lines).encode(), ZoneInfo(zone)).intervals
    assert sum(one.end - one.start for one in exported.intervals) == sum(length for _, length, _ in some)


@given(st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata"]))
def test_a_clock_is_read_as_the_zone_has_it(clock: datetime, zone: str) -> None:
    clock = clock.replace(second=0, microsecond=0)
    found = jrnl.parse(f"[{clock:%Y-%m-%d %H:%M}] x".encode(), ZoneInfo(zone))
    back = datetime.fromtimestamp(found.entries[0].at, ZoneInfo(zone)).replace(tzinfo=None)
    assert back == clock or abs(back - clock) <= timedelta(hours=2)  # a clock that was skipped


def test_intervals_are_named_by_what_names_most_of_the_time() -> None:
    some = toggl.parse(TOGGL_CSV.encode(), BERLIN).intervals
    assert base.choices(some)[0] == "project"
    assert set(base.groups(some, "project")) == {"Payments", "ACME"}
    timed = timewarrior.parse(TIMEW.encode(), BERLIN).intervals
    assert base.choices(timed)[0] == "tag"
    assert set(base.groups(timed, "tags")) == {"pay, review", "with space"}
