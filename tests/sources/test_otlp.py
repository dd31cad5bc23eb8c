"""Metrics of agents: both temporalities, restarts and resets, overlapping kinds, and nothing kept that is not on the list."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as some

from tokenpal.model.cursors import Cursor
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Problem, Quality, UsageRecord
from tokenpal.sources import otlp
from tokenpal.sources.base import Reply

SAMPLE = Path(__file__).parent.parent / "data" / "otlp" / "claude-code.json"
NOW = 1_790_000_000
NANO = 1_000_000_000
DELTA, CUMULATIVE = 1, 2


def attribute(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def point(value: Any, at: float, start: float | None = None, **said: str) -> dict[str, Any]:
    found = {"attributes": [attribute(key.replace("__", "."), text) for key, text in said.items()], "timeUnixNano": str(int(at * NANO)), "asInt": str(value)}
    return found | ({} if start is None else {"startTimeUnixNano": str(int(start * NANO))})


def request(metric: str, *points: dict[str, Any], temporality: Any = DELTA, service: str = "x", shape: str = "sum", **resource: str) -> dict[str, Any]:
    data = {"aggregationTemporality": temporality, "dataPoints": list(points)} | ({"isMonotonic": True} if shape == "sum" else {})
    about = [attribute("service.name", service), *(attribute(key, value) for key, value in resource.items())]
    return {"resourceMetrics": [{"resource": {"attributes": about}, "scopeMetrics": [{"metrics": [{"name": metric, shape: data}]}]}]}


class Taker:
    """An account: state through msgpack after each request, the ledger's rule for the same key."""

    def __init__(self) -> None:
        self.state: Any = None
        self.records: dict[bytes, UsageRecord] = {}
        self.problems: list[Problem] = []

    def take(self, *requests: dict[str, Any], now: int = NOW) -> Taker:
        for each in requests:
            body = json.dumps(each).encode()
            self.state, items = otlp.parse(self.state, Reply(Cursor("metrics"), "metrics", body, now))
            self.state = msgspec.msgpack.decode(msgspec.msgpack.encode(self.state), type=otlp.State)
            for item in items:
                if isinstance(item, UsageRecord):
                    known = self.records.get(item.key)
                    self.records[item.key] = item if known is None or item.precedence >= known.precedence else known
                elif isinstance(item, Problem):
                    self.problems.append(item)
        return self

    @property
    def tokens(self) -> Tokens:
        return sum((record.tokens for record in self.records.values()), Tokens())


def claude(kind: str, value: int, at: float, start: float | None = None, session: str = "s", **more: str) -> dict[str, Any]:
    return point(value, at, start, type=kind, model="claude-sonnet-4-5", session__id=session, **more)


CLAUDE = "claude_code.token.usage"


def test_the_sample() -> None:
    taker = Taker().take(json.loads(SAMPLE.read_text()))
    (record,) = taker.records.values()
    assert record.tokens == Tokens(12, 3000, output=310)
    assert (record.session, record.provider, record.model, record.grain, record.requests) == ("otlp:claude-code:s-1", "anthropic", "claude-sonnet-4-5", Grain.HOUR, None)
    assert record.at % 3600 == 0
    kept = msgspec.json.encode([taker.state, list(taker.records.values()), taker.problems])
    assert b"planted" not in kept


def test_delta_points_count_once_however_often_they_are_sent() -> None:
    first = request(CLAUDE, claude("output", 5, NOW - 60, NOW - 120), claude("cacheCreation", 7, NOW - 60, NOW - 120))
    second = request(CLAUDE, claude("output", 6, NOW, NOW - 60))
    taker = Taker().take(first, first, second, first, second)
    assert taker.tokens == Tokens(0, 0, 0, 0, 7, 11)


def test_series_that_differ_only_in_what_is_dropped_add_up() -> None:
    same = request(CLAUDE, *(claude("output", 5, NOW, NOW - 60, skill__name=name) for name in "ab"), claude("output", 1, NOW, NOW - 60, query_source="subagent"))
    assert Taker().take(same, same).tokens.output == 11


def test_cumulative_points_count_what_is_new() -> None:
    def at(value: int, time: int, start: int = NOW - 5000) -> dict[str, Any]:
        return request(CLAUDE, claude("output", value, time, start), temporality="AGGREGATION_TEMPORALITY_CUMULATIVE")

    taker = Taker().take(at(10, NOW - 300), at(10, NOW - 240), at(25, NOW - 180), at(10, NOW - 300))
    assert taker.tokens.output == 25
    taker.take(at(4, NOW - 60, NOW - 100))  # the program began again
    assert taker.tokens.output == 29
    taker.take(at(30, NOW - 30))  # while the other still runs
    assert taker.tokens.output == 34
    taker.take(at(2, NOW - 10, NOW - 100))  # a reset without a new start
    assert taker.tokens.output == 36


def test_a_series_without_a_start_is_one_series() -> None:
    taker = Taker()
    for value, time in ((10, 5), (12, 4), (3, 3), (4, 2)):
        taker.take(request(CLAUDE, claude("output", value, NOW - time), temporality=CUMULATIVE))
    assert taker.tokens.output == 12 + 4


def test_codex_kinds_overlap_in_a_histogram() -> None:
    def turn(kind: str, total: float) -> dict[str, Any]:
        found = point(0, NOW, NOW - 60, token_type=kind, model="gpt-5.2-codex")
        del found["asInt"]
        return found | {"sum": total, "count": "1", "bucketCounts": ["1"], "explicitBounds": []}

    counts = {"input": 1000, "cached_input": 700, "cache_write_input": 100, "output": 50, "reasoning_output": 20, "total": 1050}
    taker = Taker()
    for part in (("input", "output"), ("cached_input", "total"), ("cache_write_input", "reasoning_output")):  # in any pieces
        taker.take(request("codex.turn.token_usage", *(turn(kind, counts[kind]) for kind in part), shape="histogram"))
    assert taker.tokens == Tokens(200, 700, 0, 0, 100, 50, 20)
    (record,) = taker.records.values()
    assert (record.provider, record.requests) == ("openai", None)


def test_gemini_and_its_general_metric() -> None:
    kinds = {"input": 100, "cache": 60, "tool": 5, "output": 30, "thought": 12}
    own = request("gemini_cli.token.usage", *(point(n, NOW, NOW - 60, type=kind, model="gemini-2.5-pro") for kind, n in kinds.items()), service="gemini-cli")
    general = request("gen_ai.client.token.usage", point(105, NOW, NOW - 60, gen_ai__token__type="input", gen_ai__request__model="gemini-2.5-pro"), service="gemini-cli")
    taker = Taker().take(own, general)
    assert taker.tokens == Tokens(45, 60, output=42, reasoning=12)
    assert {record.provider for record in taker.records.values()} == {"google"}


def test_another_program_with_the_general_metric() -> None:
    said = {"gen_ai__request__model": "mistral-large", "gen_ai__provider__name": "Mistral AI", "gen_ai__operation__name": "chat"}
    points = [point(0, NOW, NOW - 60, gen_ai__token__type=kind, **said) for kind in ("input", "output")]
    for each, total in zip(points, (400, 90), strict=True):
        del each["asInt"]
        each |= {"sum": total, "count": 3}
    taker = Taker().take(request("gen_ai.client.token.usage", *points, service="my-bot", shape="histogram"))
    (record,) = taker.records.values()
    assert (record.tokens, record.requests, record.provider, record.quality) == (Tokens(400, output=90), 3, "mistral-ai", Quality.INFERRED)
    assert record.session.startswith("otlp:gen-ai:my-bot:hour-")


def test_what_is_no_increasing_count_is_left_out() -> None:
    gauge = request(CLAUDE, claude("output", 5, NOW))
    gauge["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["isMonotonic"] = False
    unspecified = request(CLAUDE, claude("output", 5, NOW), temporality=0)
    other = request("claude_code.session.count", claude("output", 5, NOW))
    assert Taker().take(gauge, unspecified, other).records == {}
    bad = request(CLAUDE, claude("output", -5, NOW), claude("output", 10**15, NOW), claude("output", 5, 12), point(5, NOW, model="x"), claude("output", 1, NOW))
    taker = Taker().take(bad)
    assert taker.tokens.output == 1
    assert taker.problems[0].count == 4


def test_late_points_and_clocks_that_are_ahead_are_counted_and_marked() -> None:
    taker = Taker().take(request(CLAUDE, claude("output", 5, NOW - 9 * 3600, NOW - 9 * 3600 - 60)), request(CLAUDE, claude("output", 6, NOW + 7 * 3600)))
    taker.take(request(CLAUDE, claude("output", 5, NOW - 9 * 3600 + 60, NOW - 9 * 3600)))
    assert taker.tokens.output == 16
    assert all(record.quality is Quality.INFERRED and NOW - 7 * 3600 <= record.at <= NOW for record in taker.records.values())


def test_the_memory_stays_small() -> None:
    taker = Taker()
    for hour in range(60):
        now = NOW + hour * 3600
        taker.take(*(request(CLAUDE, claude("output", 1, now - n, session=f"{hour}-{n}")) for n in range(20)), now=now)
    assert taker.tokens.output == 1200
    assert len(taker.state.series) < 20 * 9
    assert len(taker.state.open) < 20 * 9


@given(some.randoms(use_true_random=False))
def test_any_order_of_programs_restarts_and_repeats_counts_everything_once(chance: random.Random) -> None:
    """Programs run side by side, begin again, send things twice; each point arrives in the order of its own program."""
    taker, truth = Taker(), 0
    queues: list[list[dict[str, Any]]] = []
    for program in range(3):
        temporality, queue, start, value = chance.choice([DELTA, CUMULATIVE]), [], NOW - 4000 + program, 0
        for step in range(6):
            time, used = NOW - 3000 + step * 60 + program, chance.randrange(50)
            truth += used
            if chance.random() < 0.2:
                start, value = time - 30, 0
            value += used
            said = {"session": f"s{chance.randrange(2) if temporality == DELTA else program}"}
            sent = claude("output", used, time, time - 60, **said) if temporality == DELTA else claude("output", value, time, start, **said)
            queue += [request(CLAUDE, sent, temporality=temporality)] * chance.choice([1, 1, 2])
        queues.append(queue)
    while any(queues):
        taker.take(chance.choice([queue for queue in queues if queue]).pop(0))
    assert taker.tokens.output == truth


def test_protobuf_says_the_same_as_json() -> None:
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    found = json.loads(SAMPLE.read_text())
    body = ParseDict(found, ExportMetricsServiceRequest()).SerializeToString()
    as_json, as_protobuf = otlp.figures(SAMPLE.read_bytes(), protobuf=False), otlp.figures(body, protobuf=True)
    assert as_protobuf == as_json
    assert len(as_json[0]) == 3
    chance = random.Random(7)
    for _ in range(300):
        broken = bytearray(body)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            for figure in otlp.figures(bytes(broken[: chance.randrange(len(broken) + 1)]), protobuf=True)[0]:
                assert 0 <= figure.value <= 10**13
        except otlp.Unreadable:
            pass


SCRAP = some.recursive(some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9), lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3), max_leaves=5)


@given(some.data())
def test_any_value_anywhere(data: some.DataObject) -> None:
    found = json.loads(SAMPLE.read_text())
    for _ in range(data.draw(some.integers(1, 4))):
        place: Any = found
        while place:
            key = data.draw(some.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
            if isinstance(place[key], dict | list) and data.draw(some.integers(0, 3)):
                place = place[key]
                continue
            place[key] = data.draw(SCRAP)
            break
    for record in Taker().take(found).records.values():
        assert all(0 <= count <= 10**14 for count in msgspec.structs.astuple(record.tokens))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff" * 50, b"[" * 10_000])
def test_a_body_that_is_no_request(body: bytes) -> None:
    for protobuf in (False, True):
        if protobuf and not body:
            continue  # an empty protobuf message is an empty request
        with pytest.raises(otlp.Unreadable):
            otlp.figures(body, protobuf=protobuf)
