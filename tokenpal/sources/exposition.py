"""Prometheus text as self-hosted servers write it: which counters of it matter, and what they say (provider-apis 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tokenpal.model.usage import Problem
from tokenpal.sources.numbers import number, text

ENDPOINT: Final = "metrics"
STARTED: Final = "process_start_time_seconds"
MAX_SERIES: Final = 5_000
MAX_LINES: Final = 4 * MAX_SERIES  # of counters that are wanted
LONGEST: Final = 8_192  # characters of a line: reading escaped quotes takes the square of it
MOST: Final = 1 << 62
FIELDS: Final = ("prompt", "cached", "output", "requests")


class Meter(msgspec.Struct, frozen=True):
    """Which counters of a server mean what. Of several names the first that the server has is read."""

    prefix: str  # of all its metrics: "vllm:"
    prompt: tuple[str, ...]
    output: tuple[str, ...]
    cached: tuple[str, ...] = ()  # part of prompt
    requests: tuple[str, ...] = ()
    model: str = "model_name"  # label
    ranks: tuple[str, ...] = ()  # labels of workers that count the same tokens again


class Scrape(msgspec.Struct, frozen=True):
    """What one text says. ``series``: field, model and other labels -> (rank, count)."""

    series: dict[tuple[str, str, str], tuple[str, int]]
    started: float | None
    problems: tuple[Problem, ...] = ()


def scraped(body: bytes, meter: Meter) -> Scrape:
    """The counters in a text. Total: a line that cannot be read is a Problem and stands for nothing."""
    from prometheus_client.parser import text_string_to_metric_families  # it brings a web server along

    content = unquoted(body).decode("utf-8", "replace")
    lines = content.split("\n")
    wanted, started = chosen(lines[:-1], meter), None  # the last line ends with a line feed, or was cut in the middle
    series: dict[tuple[str, str, str], tuple[str, int]] = {}
    problems: list[Problem] = []
    read = 0
    for position, line in enumerate(lines[:-1], 1):
        name = line.split("{", 1)[0].split(" ", 1)[0]
        if name not in wanted and name != STARTED:
            continue
        read += 1
        if read > MAX_LINES:
            problems.append(Problem(ENDPOINT, "lines", "too many counters; the rest was left out"))
            break
        try:
            if len(line) > LONGEST:
                raise ValueError
            sample = next(one for family in text_string_to_metric_families(line + "\n") for one in family.samples)
            labels, found = sample.labels, number(sample.value)
        except (ValueError, KeyError, IndexError, StopIteration):
            labels, found = {}, None
        if found is None or not 0 <= found < MOST:
            problems.append(Problem(ENDPOINT, f"line {position}", "a counter cannot be read; it was left out"))
        elif name == STARTED:
            started = float(found)
        elif len(series) >= MAX_SERIES:
            problems.append(Problem(ENDPOINT, "labels", "too many counters; the rest was left out"))
            break
        else:
            noted(series, meter, wanted[name], labels, int(found))
    return Scrape(series, started, tuple(problems))


def chosen(lines: list[str], meter: Meter) -> dict[str, str]:
    """Metric name -> field: of each field's names the first that this server has."""
    there = {line.split("{", 1)[0].split(" ", 1)[0] for line in lines if line.startswith(meter.prefix)}
    found = {}
    for field in FIELDS:
        for name in getattr(meter, field):
            if name in there:
                found[name] = field
                break
    return found


def noted(series: dict[Any, tuple[str, int]], meter: Meter, field: str, labels: Mapping[str, str], count: int) -> None:
    """Sum over all labels but the model; of ranks that count the same the lowest is kept."""
    rest = sorted((name, value) for name, value in labels.items() if name not in {meter.model, *meter.ranks})
    key = (field, model_name(labels.get(meter.model, "")), ",".join(f"{name}={value}" for name, value in rest))
    rank = "/".join(labels.get(name, "").rjust(6, "0") for name in meter.ranks)
    if key not in series or rank <= series[key][0]:
        series[key] = (rank, count)


def model_name(raw: str) -> str:
    """The model; of a path only its last part: folders are nobody's business."""
    name = text(raw).strip()
    if name.startswith(("/", "~", ".")) or "\\" in name or name[1:3] == ":/":
        name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name


def unquoted(body: bytes) -> bytes:
    """Some llama.cpp builds sent the text as one JSON string (provider-apis 9)."""
    if not body.lstrip().startswith(b'"'):
        return body
    try:
        return msgspec.json.decode(body, type=str).encode()
    except (msgspec.DecodeError, UnicodeError):
        return body
