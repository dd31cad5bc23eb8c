"""Released figures as text: OpenMetrics for files and scrapes, Prometheus lines with the weeks' own times for VictoriaMetrics.

A scrape stamps *now*, so ``/metrics`` gives the newest week only; engines that take old times get all weeks
(sharing-protocol 4). A policy that does not name ``openmetrics`` among its exports gets neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.system.net import Fault, Http, NetError
from tokenpal.team.figures import FAMILIES, OPENMETRICS, Family, Figure, allow, figures, of_family
from tokenpal.team.storage import Rows, Team

CONTENT_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
VICTORIA_PATH: Final = "/api/v1/import/prometheus"
WEEK: Final = Family("tokenpal.team.week.timestamp.seconds", "seconds", "When the newest week with these figures ended.")


def all_weeks(rows: Rows, teams: Iterable[Team]) -> tuple[Figure, ...]:
    """Every full window of these teams. Raises UsageError for a team whose policy does not name this export."""
    found: list[Figure] = []
    for team in teams:
        allow(team, OPENMETRICS)
        found += [figure for week in figures(rows, team) for figure in week]
    return tuple(found)


def scrape(rows: Rows) -> bytes:
    """``/metrics``: the newest full window of each team whose policy allows it, without times."""
    found: list[Figure] = []
    for team in rows.teams():
        if team.retired:
            continue
        try:
            allow(team, OPENMETRICS)
        except UsageError:
            continue
        weeks = figures(rows, team)
        if weeks:
            found += weeks[-1]
            found.append(Figure(WEEK.name, (("team", team.team),), weeks[-1][0].at, weeks[-1][0].at))
    return openmetrics(found, times=False)


def openmetrics(found: Iterable[Figure], *, times: bool = True) -> bytes:
    """OpenMetrics 1.0 text. Times are in seconds, as that format has them."""
    lines = []
    known = tuple(found)
    for family in (*FAMILIES, WEEK):
        samples = of_family(family, known)
        if not samples:
            continue
        name = metric_name(family)
        lines += [f"# TYPE {name} gauge"]
        lines += [f"# UNIT {name} {family.unit}"] if family.unit else []
        lines += [f"# HELP {name} {escaped(family.help)}"]
        lines += [f"{_series(name, one)} {_number(one.value)}{f' {one.at}' if times else ''}" for one in samples]
    return "\n".join((*lines, "# EOF", "")).encode()


def prometheus(found: Iterable[Figure]) -> bytes:
    """Prometheus text with times in milliseconds, which is what VictoriaMetrics imports."""
    known = tuple(found)
    lines = [f"{_series(metric_name(family), one)} {_number(one.value)} {one.at * 1000}" for family in FAMILIES for one in of_family(family, known)]
    return "".join(f"{line}\n" for line in lines).encode()


async def push(url: str, found: Iterable[Figure], http: Http | None = None) -> int:
    """Send all weeks to VictoriaMetrics at ``url``; returns how many figures. Sending again changes nothing there.

    Raises TokenpalError when it cannot be reached or does not take them.
    """
    body = prometheus(found)
    try:
        async with http or Http() as client:
            answer = await client.post(url.rstrip("/") + VICTORIA_PATH, body, {"content-type": "text/plain; charset=utf-8"})
    except NetError as error:
        other = "Use https or an address written as numbers, or hand the text of --openmetrics to a program of your own."
        raise TokenpalError(error.sentence, other if error.fault is Fault.ADDRESS else "Check the address and run it again.") from None
    if answer.status not in {200, 204}:
        raise TokenpalError(f"VictoriaMetrics answered {answer.status} and took nothing.", f"Check that the address is its base address, without {VICTORIA_PATH}.")
    return body.count(b"\n")


def metric_name(family: Family) -> str:
    """``tokenpal_team_share_ratio``: with the unit last, as OpenMetrics asks and as collectors make it of the OTLP name."""
    name = family.name.replace(".", "_")
    return name if not family.unit or name.endswith(f"_{family.unit}") else f"{name}_{family.unit}"


def escaped(text: str) -> str:
    """A label's value or a help line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _series(name: str, figure: Figure) -> str:
    return name + "{" + ",".join(f'{key}="{escaped(value)}"' for key, value in figure.labels) + "}"


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
