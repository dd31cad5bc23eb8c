"""What leaves for the operator's engines, read back from real ones: all weeks, right values, nothing below a window, no identity."""

from __future__ import annotations

import asyncio
import http.client
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.share.teams import PEOPLE, POLICY, SEEDS, TEAM, WEEK
from tests.team.endpoint import Endpoint
from tests.team.receivers import Sink, Victoria, rotel, wait_for
from tests.team.released import endpoint_with, release_weeks
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.share.protocol import epochs, estimate
from tokenpal.share.protocol.policy import encode_policy
from tokenpal.share.protocol.wire import b64, decode
from tokenpal.team import export, otlp
from tokenpal.team.database import sqlite_url
from tokenpal.team.figures import FAMILIES, Figure, figures
from tokenpal.team.storage import Storage, Team

WEEK_SECONDS = epochs.WEEK_SECONDS
FIRST_FULL = 12
"""Place of the first week whose window of thirteen is full."""
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\} (\S+)(?: (\d+))?')

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="the program is packaged for Linux")


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[tuple[Storage, Team]]:
    storage, team = endpoint_with(tmp_path)
    yield storage, team
    storage.close()


def policy_of(team: Team, *kinds: str) -> Team:
    return msgspec.structs.replace(team, policy=encode_policy(msgspec.structs.replace(POLICY, exports=kinds)))


def all_figures(storage: Storage, team: Team) -> tuple[Figure, ...]:
    with storage.reading() as rows:
        return export.all_weeks(rows, [team])


def ends(count: int) -> list[int]:
    """When the first so many weeks ended."""
    return [epochs.start(epochs.shifted(WEEK, ahead + 1)) for ahead in range(count)]


# ---------------------------------------------------------------------------------------------- what leaves


def test_figures_are_those_of_full_windows(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 20, without={epochs.shifted(WEEK, 15)})
    with storage.reading() as rows:
        weeks = figures(rows, team)
        sums = [estimate.Week(one["epoch"], one["n"], tuple(one["bins"])) for one in (decode(kept.body).body for kept in rows.releases(TEAM))]
    assert [week[0].at for week in weeks] == [at for place, at in enumerate(ends(20)) if place >= FIRST_FULL and place != 15]
    last = estimate.result(sums)
    assert last is not None
    shares = {one.labels: one.value for one in weeks[-1] if one.family == "tokenpal.team.share"}
    assert shares[("team", TEAM), ("question", "use"), ("answer", "most")] == last.questions[1].bars[2].percent / 100
    assert shares[("team", TEAM), ("question", "label"), ("answer", "exploration")] == last.questions[0].bars[0].percent / 100
    assert len(shares) == 7


def test_nothing_leaves_before_the_first_window_is_full(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, FIRST_FULL)
    assert all_figures(storage, team) == ()
    with storage.reading() as rows:
        assert export.scrape(rows) == b"# EOF\n"


def test_no_single_week_can_be_had_by_subtraction(endpoint: tuple[Storage, Team]) -> None:
    """Values are whole per cent of a window: what one report changes is lost in the rounding of six people over thirteen weeks."""
    storage, team = endpoint
    release_weeks(storage, 30)
    found = [one.value for one in all_figures(storage, team) if "share" in one.family]
    assert all(value == round(value, 2) for value in found)
    assert not any("bins" in family.name or "count" in family.name for family in FAMILIES)


def test_a_kind_that_the_policy_does_not_name_is_refused(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 14)
    with storage.reading() as rows:
        with pytest.raises(UsageError, match="names no export of the kind openmetrics"):
            export.all_weeks(rows, [policy_of(team, "otlp")])
        with pytest.raises(UsageError, match="names no export of the kind otlp"):
            otlp.all_weeks(rows, [policy_of(team, "openmetrics")])


def test_a_scrape_leaves_out_teams_whose_policy_says_no(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 14)
    with storage.reading() as rows:
        assert TEAM.encode() in export.scrape(rows)
    silent = policy_of(team, "otlp")
    with storage.writing(TEAM) as rows:
        rows.set_policy(TEAM, silent.policy, silent.policy_hash, silent.name)
    with storage.reading() as rows:
        assert export.scrape(rows) == b"# EOF\n"


# ---------------------------------------------------------------------------------------------- the text


def read_openmetrics(text: str) -> dict[tuple[str, str, int | None], float]:
    """A strict reading of what this exporter may write: families once, metadata before samples, times rising, # EOF last."""
    assert text.endswith("# EOF\n")
    found: dict[tuple[str, str, int | None], float] = {}
    family, families, before = "", set(), ("", 0)
    for line in text.splitlines()[:-1]:
        assert line
        assert line != "# EOF"
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert kind == "gauge"
            assert family not in families
            families.add(family)
            before = ("", 0)
        elif line.startswith("#"):
            what, name, rest = line[2:].split(" ", 2)
            assert name == family
            assert what in {"UNIT", "HELP"}
            assert what != "UNIT" or family.endswith(f"_{rest}")
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            name, labels, value, at = match.groups()
            assert name == family
            time = int(at) if at else None
            assert labels != before[0] or (time or 0) > before[1]
            assert labels == before[0] or (name, labels, time) not in found
            before = (labels, time or 0)
            found[name, labels, time] = float(value)
    return found


def test_openmetrics_text_is_whole_and_in_order(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 20)
    found = read_openmetrics(export.openmetrics(all_figures(storage, team)).decode())
    assert len(found) == len(all_figures(storage, team)) == 8 * (3 + 21)
    assert {at for _, _, at in found} == set(ends(20)[FIRST_FULL:])
    assert {name for name, _, _ in found} == {
        "tokenpal_team_share_ratio", "tokenpal_team_share_low_ratio", "tokenpal_team_share_high_ratio",
        "tokenpal_team_reports_fewest", "tokenpal_team_reports_most", "tokenpal_team_window_weeks",
    }  # fmt: skip


def test_a_scrape_has_the_newest_week_without_times(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 20)
    with storage.reading() as rows:
        found = read_openmetrics(export.scrape(rows).decode())
    assert {at for _, _, at in found} == {None}
    assert found["tokenpal_team_week_timestamp_seconds", f'team="{TEAM}"', None] == ends(20)[-1]
    assert export.CONTENT_TYPE == "application/openmetrics-text; version=1.0.0; charset=utf-8"


def test_label_values_are_escaped() -> None:
    hostile = Figure("tokenpal.team.share", (("team", 'a"b\\c\nd'),), 0, 0.5)
    line = export.openmetrics([hostile]).decode().splitlines()[-2]
    assert line == 'tokenpal_team_share_ratio{team="a\\"b\\\\c\\nd"} 0.5 0'
    assert SAMPLE.fullmatch(line)


# ---------------------------------------------------------------------------------------------- VictoriaMetrics


@only_linux
def test_two_years_of_weeks_come_back_from_victoriametrics(endpoint: tuple[Storage, Team], tmp_path: Path) -> None:
    storage, team = endpoint
    program = shutil.which("victoria-metrics")
    assert program, "apt-get install victoria-metrics (python3 dev.py does it)"
    release_weeks(storage, 104 + FIRST_FULL, first=epochs.shifted(WEEK, -120))
    found = all_figures(storage, team)
    times = sorted({one.at for one in found})
    assert len(times) == 104
    server = Victoria(program, tmp_path)
    try:
        for _ in range(2):  # sending again changes nothing
            assert asyncio.run(export.push(server.url, found)) == len(found) == 104 * 24
        server.ask("/internal/force_flush")
        wait_for(lambda: len(server.range("tokenpal_team_window_weeks", times[0], times[-1], WEEK_SECONDS)) == 1, "what was imported")
        for family in FAMILIES:
            name = export.metric_name(family)
            series = server.range(name, times[0], times[-1], WEEK_SECONDS)
            came = {(tuple(sorted(item for item in labels.items() if item[0] != "__name__")), at): value for labels, values in series for at, value in values.items()}
            assert came == {(tuple(sorted(one.labels)), one.at): one.value for one in found if one.family == family.name}, name
        names = set(server.ask("/api/v1/labels")["data"])
        assert names == {"__name__", "team", "question", "answer"}
    finally:
        server.stop()


def test_a_victoriametrics_that_refuses_is_told_of() -> None:
    sink = Sink(status=400)
    try:
        with pytest.raises(TokenpalError, match="answered 400"):
            asyncio.run(export.push(f"http://127.0.0.1:{sink.port}", []))
    finally:
        sink.stop()


@pytest.mark.parametrize(("url", "next_step"), [("http://127.0.0.1:1", "run it again"), ("http://victoria:8428", "--openmetrics")])
def test_a_push_that_finds_nobody_says_what_to_do(url: str, next_step: str) -> None:
    with pytest.raises(TokenpalError) as error:
        asyncio.run(export.push(url, []))
    assert next_step in error.value.next_step


# ---------------------------------------------------------------------------------------------- OTLP


def test_the_resource_is_empty_and_every_point_has_its_week(endpoint: tuple[Storage, Team], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "host.name=laptop-of-mira")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "somebody")
    storage, team = endpoint
    release_weeks(storage, 16)
    with storage.reading() as rows:
        found = otlp.all_weeks(rows, [team])
    sink = Sink()
    try:
        otlp.send(sink.url, found)
    finally:
        sink.stop()
    assert len(sink.requests) == 1
    assert_nothing_but_figures(sink)
    assert sink.points() == {(one.family, frozenset(one.labels), one.at): float(one.value) for one in found}


def assert_nothing_but_figures(sink: Sink) -> None:
    for request in sink.requests:
        for resource in request.resource_metrics:
            assert not resource.resource.attributes
            for scope in resource.scope_metrics:
                assert not scope.scope.attributes
                assert scope.scope.name in {"", "tokenpal.team"}
        wire = str(request) + str(sink.headers)
        for word in ("service.instance.id", "host.name", "laptop-of-mira", "somebody", "service.name", *(one.id for one in PEOPLE), *(b64(one.identity) for one in PEOPLE)):
            assert word not in wire


@only_linux
def test_a_real_collector_takes_it_and_hands_it_on(endpoint: tuple[Storage, Team], tmp_path: Path) -> None:
    spec = importlib.util.find_spec("rotel")
    assert spec is not None
    assert spec.origin, "rotel is a development dependency on Linux"
    storage, _ = endpoint
    release_weeks(storage, 16)
    sink = Sink()
    collector = rotel(str(Path(spec.origin).with_name("rotel-agent")), tmp_path, sink.url.removesuffix("/v1/metrics"))
    try:
        assert otlp.export_new(storage, f"http://127.0.0.1:{collector.port}/v1/metrics") == 4
        with storage.reading() as rows:
            expected = {(one.family, frozenset(one.labels), one.at): float(one.value) for one in otlp.all_weeks(rows, rows.teams())}
        wait_for(lambda: sink.points() == expected, "the figures")
        assert_nothing_but_figures(sink)
    finally:
        collector.stop()
        sink.stop()


def test_each_week_is_sent_once_to_each_target(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 14)
    one, other = Sink(), Sink()
    try:
        assert otlp.export_new(storage, one.url) == 2
        assert otlp.export_new(storage, one.url) == 0
        assert otlp.export_new(storage, other.url) == 2
        release_weeks(storage, 1, first=epochs.shifted(WEEK, 14))
        assert otlp.export_new(storage, one.url) == 1
        assert max(at for _, _, at in one.points()) == ends(15)[-1]
        assert len(one.requests) == 2
    finally:
        one.stop()
        other.stop()


@pytest.mark.logs_warnings
def test_what_a_collector_did_not_take_is_sent_again(endpoint: tuple[Storage, Team]) -> None:
    storage, _ = endpoint
    release_weeks(storage, 13)
    broken = Sink(status=400)
    try:
        with pytest.raises(TokenpalError, match="did not take"):
            otlp.export_new(storage, broken.url)
        with pytest.raises(TokenpalError, match="did not take"):
            otlp.export_new(storage, broken.url)
    finally:
        broken.stop()
    assert len(broken.requests) == 2


def test_a_team_whose_policy_does_not_name_otlp_is_passed_over(endpoint: tuple[Storage, Team]) -> None:
    storage, team = endpoint
    release_weeks(storage, 14)
    silent = policy_of(team, "openmetrics")
    with storage.writing(TEAM) as rows:
        rows.set_policy(TEAM, silent.policy, silent.policy_hash, silent.name)
    sink = Sink()
    try:
        assert otlp.export_new(storage, sink.url) == 0
    finally:
        sink.stop()
    assert sink.requests == []


# ---------------------------------------------------------------------------------------------- as the operator runs it


def test_a_running_endpoint_hands_on_and_can_be_scraped(tmp_path: Path) -> None:
    storage, _ = endpoint_with(tmp_path)
    release_weeks(storage, 16)
    with storage.reading() as rows:
        expected = {(one.family, frozenset(one.labels), one.at): float(one.value) for one in otlp.all_weeks(rows, rows.teams())}
    storage.close()
    sink = Sink()
    running = Endpoint(tmp_path, clock=ends(16)[-1], metrics_token="token-of-the-operator", otlp=sink.url)
    running.key_file.write_text(b64(SEEDS["endpoint"]))
    running.start()
    try:
        wait_for(lambda: sink.points() == expected, "the figures")
        assert_nothing_but_figures(sink)

        def scrape(headers: dict[str, str]) -> tuple[int, str, str]:
            connection = http.client.HTTPSConnection(running.url.removeprefix("https://"), context=running.tls(), timeout=60)
            try:
                connection.request("GET", "/metrics", headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.headers["content-type"], answer.read().decode()
            finally:
                connection.close()

        assert scrape({})[0] == 401
        assert scrape({"authorization": "Bearer token-of-the-operato"})[0] == 401
        status, kind, text = scrape({"authorization": "Bearer token-of-the-operator"})
        assert (status, kind) == (200, export.CONTENT_TYPE)
        assert len(read_openmetrics(text)) == 25
    finally:
        running.stop()
        sink.stop()


def test_the_command_writes_openmetrics_and_refuses_what_the_policy_does_not_name(endpoint: tuple[Storage, Team], tmp_path: Path) -> None:
    storage, team = endpoint
    release_weeks(storage, 15)
    env = {**os.environ, "TOKENPAL_TEAM_DATABASE": sqlite_url(tmp_path / "team.db")}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "tokenpal", "team", "export", *words], env=env, capture_output=True, text=True, timeout=120)

    done = command("--openmetrics")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.encode() == export.openmetrics(all_figures(storage, team))
    sink = Sink()
    try:
        done = command("--otlp", sink.url)
        assert done.returncode == 0, done.stderr
        assert len(sink.points()) == 3 * 24
        silent = policy_of(team)
        with storage.writing(TEAM) as rows:
            rows.set_policy(TEAM, silent.policy, silent.policy_hash, silent.name)
        for words in (("--openmetrics",), ("--otlp", sink.url), ("--victoria", f"http://127.0.0.1:{sink.port}")):
            done = command(team.name, *words)
            assert done.returncode == 2
            assert "names no export of the kind" in done.stderr
        assert len(sink.requests) == 1
    finally:
        sink.stop()
