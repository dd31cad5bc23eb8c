"""Released figures to the operator's own collector, by OTLP over HTTP, with an empty resource (sharing-protocol 4).

The SDK's usual resource holds a random id of the process, which would link everything one endpoint sends; so none is made.
Each point carries the end of its week as its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import Gauge, Metric, MetricExportResult, MetricsData, NumberDataPoint, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.share.protocol.epochs import epoch_of
from tokenpal.share.protocol.wire import digest
from tokenpal.team.figures import FAMILIES, OTLP, Family, Figure, allow, figures, of_family
from tokenpal.team.storage import Rows, Storage, Team

SCOPE: Final = "tokenpal.team"
TIMEOUT_SECONDS: Final = 30


def all_weeks(rows: Rows, teams: Iterable[Team]) -> tuple[Figure, ...]:
    """Every full window of these teams. Raises UsageError for a team whose policy does not name this export."""
    found: list[Figure] = []
    for team in teams:
        allow(team, OTLP)
        found += [figure for week in figures(rows, team) for figure in week]
    return tuple(found)


def send(url: str, found: Sequence[Figure]) -> None:
    """Send figures to ``url``, the whole address of the collector's metrics path (``https://collector:4318/v1/metrics``).

    Raises TokenpalError when the collector did not take them.
    """
    if not found:
        return
    exporter = OTLPMetricExporter(endpoint=url, timeout=TIMEOUT_SECONDS)
    try:
        taken = exporter.export(metrics_data(found)) is MetricExportResult.SUCCESS
    finally:
        exporter.shutdown()
    if not taken:
        raise TokenpalError("The collector did not take the figures.", "Check its address, which ends in /v1/metrics, and that it takes OTLP over HTTP.")


def export_new(storage: Storage, url: str) -> int:
    """Send what this target was not given yet, and remember it; returns how many weeks were sent. For after each release and at start.

    Weeks below a full window and teams whose policy does not name ``otlp`` are passed over in silence. Raises TokenpalError
    when the collector does not take them: nothing is remembered then, and the next call tries again.
    """
    target = f"{OTLP} {digest(url.encode())[:32]}"
    with storage.reading() as rows:
        pending: dict[str, set[str]] = {}
        for number, kept in rows.not_exported(target):
            pending.setdefault(number, set()).add(kept.epoch)
        known = [(team, figures(rows, team)) for team in rows.teams() if team.team in pending and _allowed(team)]
    weeks = 0
    for team, full in known:
        fresh = [week for week in full if _epoch(week) in pending[team.team]]
        send(url, [figure for week in fresh for figure in week])
        weeks += len(fresh)
        with storage.writing(team.team) as rows:
            for epoch in sorted(pending[team.team]):
                rows.mark_exported(target, team.team, epoch)
    return weeks


def metrics_data(found: Sequence[Figure]) -> MetricsData:
    """Gauges with the weeks' own times, under an empty resource."""
    metrics = [_metric(family, of_family(family, found)) for family in FAMILIES]
    scope = ScopeMetrics(InstrumentationScope(SCOPE), [one for one in metrics if one.data.data_points], "")
    return MetricsData([ResourceMetrics(Resource({}), [scope], "")])


def _metric(family: Family, samples: Sequence[Figure]) -> Metric:
    points = [NumberDataPoint(dict(one.labels), 0, one.at * 1_000_000_000, one.value) for one in samples]
    return Metric(family.name, family.help, _unit(family), Gauge(points))


def _unit(family: Family) -> str:
    """UCUM, as OTLP has it: collectors turn ``1`` of a gauge into ``_ratio``, and leave out what stands in braces."""
    return {"ratio": "1", "weeks": "{week}"}.get(family.unit, "{report}")


def _allowed(team: Team) -> bool:
    try:
        allow(team, OTLP)
    except UsageError:
        return False
    return True


def _epoch(week: Sequence[Figure]) -> str:
    return epoch_of(week[0].at - 1)
