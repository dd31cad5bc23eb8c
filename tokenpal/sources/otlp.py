"""OTLP metrics that agents send to the receiver on this machine (agent-logs 9, opentelemetry.io/docs/specs/otlp).

``figures`` takes what one request says, in JSON or protobuf, and keeps of it only what is on the list below; ``parse`` turns
figures into records of an hour, session and model. Delta points are added once, whatever is sent again; cumulative points
count what is new since the last one, and from zero after a restart or a reset. Each agent's own metric counts; the general
``gen_ai.client.token.usage`` of an agent that has one of its own says the same again and is left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from tokenpal.model.names import maker, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Problem, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Raw, Reply, SourceInfo
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import MAX_COUNT, fields, number, rows

INFO: Final = SourceInfo(
    id="otlp",
    name="Received metrics",
    kind=Kind.INBOX,
    provider=ANY_PROVIDER,
    docs="https://opentelemetry.io/docs/specs/otlp/",
    tells="Token counts that agents on this machine send as OpenTelemetry metrics: by hour, session and model.",
    silent="Use while the receiver was off, folders and branches, and whatever has no token metric. Agents' logs count first.",
    needs_key=False,
)

AGENTS: Final = {  # metric -> agent, its provider
    "claude_code.token.usage": ("claude-code", "anthropic"),
    "codex.turn.token_usage": ("codex", "openai"),
    "gemini_cli.token.usage": ("gemini-cli", "google"),
    "gen_ai.client.token.usage": ("gen-ai", ""),
}
OWN_METRIC: Final = ("claude", "codex", "gemini")  # services whose gen_ai metric repeats their own
GENERAL: Final = "gen_ai.client.token.usage"
TYPE: Final = ("type", "token_type", "gen_ai.token.type")
MODEL: Final = ("model", "gen_ai.response.model", "gen_ai.request.model")
SESSION: Final = ("session.id", "conversation.id", "gen_ai.conversation.id")
SELLER: Final = ("gen_ai.provider.name", "gen_ai.system")
APART: Final = ("query_source", "agent.name", "effort", "speed", "gen_ai.operation.name", "tmp_mem_enabled")
"""Attributes that tell two series of one model and session apart; kept as a hash only. Everything else is dropped at once."""
HOUR: Final = 3600
NANO: Final = 1_000_000_000
MONOTONIC_DELTA, CUMULATIVE = 1, 2
SEEN: Final = 32  # of the newest points of a series, to know one that is sent again
FORGET_SECONDS: Final = 14 * 86_400
OPEN_SECONDS: Final = 6 * HOUR
MOST_SERIES: Final = 20_000
IDLE_SECONDS: Final = 86_400  # a series may be forgotten after this for a new one, where there are too many
MOST_OPEN: Final = 10_000  # hours, sessions and models at once
OLDEST: Final = 1_500_000_000


class Figure(msgspec.Struct, frozen=True, array_like=True):
    """One data point, as far as it is kept."""

    agent: str
    provider: str
    session: str
    model: str
    kind: str  # "input", "cacheRead" …
    apart: str  # hash of what else tells its series apart
    start: int  # nanoseconds; 0 = not said
    time: int
    value: int
    calls: int  # of a histogram
    cumulative: bool


class Series(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one series."""

    at: int = 0  # newest point, epoch seconds
    value: int = 0  # of a cumulative one
    calls: int = 0
    time: int = 0  # of a cumulative one, nanoseconds
    seen: tuple[str, ...] = ()  # of a delta one: its newest points


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """The sums of an hour, session and model so far, by kind of token; ``revision`` grows with each change."""

    revision: int = 0
    late: bool = False
    counts: dict[str, int] = {}
    calls: int = 0


class State(msgspec.Struct, frozen=True):
    """Kept with the account's cursor, saved with the records it covers: a restart adds nothing twice."""

    series: dict[str, Series] = {}
    open: dict[str, Bucket] = {}


# ---------------------------------------------------------------------------------------------- what a request says


class Unreadable(ValueError):
    """The body is no OTLP metrics request."""


def figures(body: bytes, *, protobuf: bool) -> tuple[list[Figure], int]:
    """Token figures of one request, and how many points of them were no use. Raises Unreadable."""
    found = _of_protobuf(body) if protobuf else document(body)
    if not isinstance(found, dict):
        raise Unreadable
    left_out = 0
    kept: dict[tuple[Any, ...], Figure] = {}
    for service, metric, point, cumulative in _points(found):
        figure = _figure(service, metric, point, cumulative)
        if figure is None:
            left_out += 1
            continue
        # Attributes that are dropped may have told these apart: they are one series to us.
        key = (*msgspec.structs.astuple(figure)[:8], figure.cumulative)
        known = kept.get(key)
        kept[key] = figure if known is None else msgspec.structs.replace(known, value=known.value + figure.value, calls=known.calls + figure.calls)
    return list(kept.values()), left_out


def _of_protobuf(body: bytes) -> Any:
    """The same shape as JSON, which has the names of the specification."""
    from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # ships no types
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # the same
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    request = ExportMetricsServiceRequest()
    try:
        request.ParseFromString(body)
        return MessageToDict(request)
    except (DecodeError, ValueError, RecursionError) as problem:
        raise Unreadable from problem


def _points(found: Any) -> Iterator[tuple[str, str, Mapping[str, Any], bool]]:
    """(service, metric, point, cumulative?) of the metrics that are known; increasing sums and histograms only."""
    for resource in map(fields, rows(found.get("resourceMetrics"))):
        service = _attributes(fields(resource.get("resource")), ("service.name",)).get("service.name", "").lower()
        for scope in map(fields, rows(resource.get("scopeMetrics"))):
            for metric in map(fields, rows(scope.get("metrics"))):
                name = metric.get("name")
                if not isinstance(name, str) or name not in AGENTS or (name == GENERAL and any(word in service for word in OWN_METRIC)):
                    continue
                for shape in ("sum", "histogram", "exponentialHistogram"):
                    data = fields(metric.get(shape))
                    temporality = _temporality(data.get("aggregationTemporality"))
                    if not temporality or (shape == "sum" and data.get("isMonotonic") is not True):
                        continue
                    for point in map(fields, rows(data.get("dataPoints"))):
                        yield service, name, point, temporality == CUMULATIVE


def _temporality(value: Any) -> int:
    names = {"AGGREGATION_TEMPORALITY_DELTA": MONOTONIC_DELTA, "AGGREGATION_TEMPORALITY_CUMULATIVE": CUMULATIVE}
    return names.get(value, 0) if isinstance(value, str) else value if type(value) is int and value in {1, 2} else 0


def _figure(service: str, metric: str, point: Mapping[str, Any], cumulative: bool) -> Figure | None:
    agent, provider = AGENTS[metric]
    said = _attributes(point, (*TYPE, *MODEL, *SESSION, *SELLER, *APART))
    kind = _first(said, TYPE)
    value = next((point[name] for name in ("asInt", "asDouble", "sum") if point.get(name) is not None), None)
    amount, time, start = number(value), _nanos(point.get("timeUnixNano")), _nanos(point.get("startTimeUnixNano"))
    if not kind or amount is None or not 0 <= amount <= MAX_COUNT or not OLDEST * NANO <= time < (1 << 62):
        return None
    calls = number(point.get("count")) or 0
    model = _first(said, MODEL)
    if metric == GENERAL:
        agent, provider = f"{agent}:{service or 'unnamed'}", provider_id(_first(said, SELLER)) or maker(model)
    apart = stable_key("\n".join(f"{name}={said[name]}" for name in APART if name in said)).hex()[:12]
    return Figure(agent, provider, _first(said, SESSION), model, kind, apart, start, time, int(amount), int(min(calls, MAX_COUNT)) if calls > 0 else 0, cumulative)


def _attributes(found: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, str]:
    """The attributes on the list; everything else is not even looked at."""
    kept: dict[str, str] = {}
    for each in map(fields, rows(found.get("attributes"))):
        key, value = each.get("key"), fields(each.get("value"))
        if isinstance(key, str) and key in wanted:
            text = value.get("stringValue", value.get("intValue"))
            if isinstance(text, str | int):
                kept[key] = plain(str(text)[:300])
    return kept


def _first(said: Mapping[str, str], names: Iterable[str]) -> str:
    return next((said[name] for name in names if said.get(name)), "")


def _nanos(value: Any) -> int:
    found = number(value)
    return int(found) if found is not None and 0 < found < (1 << 62) else 0


# ---------------------------------------------------------------------------------------------- what it means


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """The figures of one account. ``raw.context`` holds them; without, the body is JSON as an agent sends it."""
    made = State() if state is None else State(dict(state.series), dict(state.open))
    if not isinstance(raw, Reply):
        return made, []
    items: list[Item] = []
    found = raw.context
    if found is None:
        try:
            found, left_out = figures(raw.body, protobuf=False)
        except Unreadable:
            return made, [Problem(raw.endpoint, "request", "is no OTLP metrics request; it was left out")]
        if left_out:
            items.append(Problem(raw.endpoint, "request", "a data point has no kind, time or sensible count; it was left out", left_out))
    changed: dict[str, Figure] = {}
    too_many = 0
    if len(made.series) >= MOST_SERIES:
        made = State({name: each for name, each in made.series.items() if each.at >= raw.at - IDLE_SECONDS}, made.open)
    for figure in found:
        if _name(figure) not in made.series and len(made.series) >= MOST_SERIES:
            too_many += 1  # nobody who sends without end makes us forget the others: their totals would count anew
            continue
        value, calls, late = _new(made, figure, raw.at)
        if not value and not calls:
            continue
        # What comes hours late is booked in the oldest hour that is still open, and a clock that is ahead in this one.
        said = (figure.time - 1) // NANO
        at = min(max(said, raw.at - OPEN_SECONDS + HOUR), raw.at)
        key = "\n".join((str(at - at % HOUR), figure.agent, figure.provider, figure.session, figure.model))
        before = made.open.get(key, Bucket())
        if (not before.revision and len(made.open) >= MOST_OPEN) or before.counts.get(figure.kind, 0) + value > MAX_COUNT:
            too_many += 1
            continue
        made.open[key] = Bucket(
            before.revision + 1, before.late or late or at != said, {**before.counts, figure.kind: before.counts.get(figure.kind, 0) + value},
            before.calls + (calls if figure.kind == "input" else 0),
        )  # fmt: skip
        changed[key] = figure
    if too_many:
        items.append(Problem(raw.endpoint, "request", "too many sessions at once, or an impossible count; it was left out", too_many))
    items += [_record(key, figure, made.open[key]) for key, figure in changed.items()]
    return _tidy(made, raw.at), items


def _name(figure: Figure) -> str:
    start = figure.start if figure.cumulative else 0
    return stable_key("\n".join((figure.agent, figure.session, figure.model, figure.kind, figure.apart, str(start)))).hex()


def _new(state: State, figure: Figure, now: int) -> tuple[int, int, bool]:
    """Tokens and calls that were not counted yet; and whether they may lie hours back. Notes the point in ``state``."""
    name = _name(figure)
    known = state.series.get(name, Series())
    at = max(known.at, min(figure.time // NANO, now))  # a clock that is ahead makes no series last for ever
    if not figure.cumulative:
        point = stable_key(f"{figure.start}:{figure.time}").hex()[:12]
        if point in known.seen:
            return 0, 0, False
        state.series[name] = Series(at, seen=(*known.seen[-SEEN + 1 :], point))
        return figure.value, figure.calls, figure.time - (figure.start or figure.time) > HOUR * NANO
    if figure.time <= known.time:  # sent again, or overtaken
        return 0, 0, False
    state.series[name] = Series(at, figure.value, figure.calls, figure.time)
    late = figure.time - (known.time or figure.start or figure.time) > HOUR * NANO
    if figure.value < known.value:  # it began again
        return figure.value, figure.calls, late
    return figure.value - known.value, max(0, figure.calls - known.calls), late


def _record(key: str, figure: Figure, bucket: Bucket) -> UsageRecord:
    hour = int(key.partition("\n")[0])
    general = figure.agent.startswith("gen-ai")
    return UsageRecord(
        key=stable_key(f"otlp:{key}"),
        session=f"otlp:{figure.agent}:{figure.session or f'hour-{hour}'}",
        at=hour,
        model=figure.model,
        tokens=tokens(figure.agent, bucket.counts),
        requests=bucket.calls if general and bucket.calls else None,
        grain=Grain.HOUR,
        precedence=bucket.revision,
        quality=Quality.INFERRED if bucket.late or general else Quality.AGGREGATE,
        endpoint="metrics",
        provider=figure.provider,
    )


def tokens(agent: str, counts: Mapping[str, int]) -> Tokens:
    """The agent's kinds of tokens as disjoint classes (agent-logs 9): Claude's are, the others overlap."""
    def of(name: str) -> int:
        return counts.get(name, 0)

    if agent == "claude-code":
        return Tokens(of("input"), of("cacheRead"), 0, 0, of("cacheCreation"), of("output"))
    if agent == "codex":
        read = min(of("cached_input"), of("input"))
        written = min(of("cache_write_input"), of("input") - read)
        return Tokens(of("input") - read - written, read, 0, 0, written, of("output"), min(of("reasoning_output"), of("output")))
    if agent == "gemini-cli":
        return Tokens(max(0, of("input") - of("cache")) + of("tool"), of("cache"), output=of("output") + of("thought"), reasoning=of("thought"))
    return Tokens(of("input"), output=of("output"))


def _tidy(state: State, now: int) -> State:
    """Hours that are over take no more points; series that nobody continues are forgotten: delta ones soon, as what they
    remember is only good against a request sent again, others long after their program ended.
    """
    open_ = {key: bucket for key, bucket in state.open.items() if int(key.partition("\n")[0]) >= now - OPEN_SECONDS}
    series = {
        name: each for name, each in state.series.items() if each.at >= now - (OPEN_SECONDS if each.seen else FORGET_SECONDS)
    }
    return State(series, open_)


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """Nothing: agents send by themselves."""
    for _ in ():
        yield _
