"""An agent with the real OpenTelemetry SDK: sends token counts to an address, in a process of its own.

    python -m tests.engine.otlp_sender PORT delta|cumulative json-list-of-steps

Each step is a list of [metric, kind of instrument, amount, attributes]; after each step everything is exported. Prints one line a step.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource


def main(port: str, temporality: str, service: str, steps: list[list[list[Any]]]) -> int:
    wanted = AggregationTemporality.DELTA if temporality == "delta" else AggregationTemporality.CUMULATIVE
    exporter = OTLPMetricExporter(
        endpoint=f"http://127.0.0.1:{port}/v1/metrics", compression=Compression.Gzip, preferred_temporality={Counter: wanted, Histogram: wanted}, timeout=20
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    about = {"service.name": service, "host.name": "planted-host", "user.email": "planted@example.com", "process.command_line": "planted --key"}
    provider = MeterProvider([reader], resource=Resource.create(about))
    meter = provider.get_meter("test")
    instruments: dict[str, Any] = {}
    for step in steps:
        for name, kind, amount, attributes in step:
            if name not in instruments:
                instruments[name] = meter.create_counter(name) if kind == "counter" else meter.create_histogram(name)
            if kind == "counter":
                instruments[name].add(amount, attributes)
            else:
                instruments[name].record(amount, attributes)
        print("sent" if provider.force_flush(30_000) else "failed", flush=True)
        sys.stdin.readline()  # the test says when to go on
    provider.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])))
