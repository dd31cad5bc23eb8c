"""What takes exported figures, run for real: VictoriaMetrics, a rotel collector, and a sink that keeps OTLP as it came."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse

PATIENCE: Final = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not come in {PATIENCE:g} s"
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A server process that listens on a loopback port and writes to a file."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.port = port
        self._log = log.open("wb")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, cwd=log.parent)
        wait_for(lambda: listens(port) or self._process.poll() is not None, command[0])
        assert self._process.poll() is None, log.read_text(errors="replace")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Victoria(Program):
    """VictoriaMetrics with an empty store that keeps five years."""

    def __init__(self, program: str, folder: Path) -> None:
        port = free_port()
        super().__init__(
            [program, f"-storageDataPath={folder / 'victoria'}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=60", "-search.latencyOffset=0s"],
            port, folder / "victoria.log",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, **query: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}")
            answer = connection.getresponse()
            data = answer.read()
            assert answer.status == 200, data
            return json.loads(data) if data else None
        finally:
            connection.close()

    def range(self, query: str, start: int, end: int, step: int) -> list[tuple[dict[str, str], dict[int, float]]]:
        """(labels, time -> value) of each series."""
        found = self.ask("/api/v1/query_range", query=query, start=start, end=end, step=step, nocache=1)["data"]["result"]
        return [(one["metric"], {int(at): float(value) for at, value in one["values"]}) for one in found]


class Sink:
    """Takes OTLP over HTTP and keeps every request, decoded; answers with ``status``."""

    def __init__(self, status: int = 200) -> None:
        self.requests: list[ExportMetricsServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-encoding"] == "gzip":
                    data = gzip.decompress(data)
                sink.headers.append({name.lower(): value for name, value in self.headers.items()})
                sink.requests.append(ExportMetricsServiceRequest.FromString(data))
                self.send_response(status)
                self.send_header("content-type", "application/x-protobuf")
                self.end_headers()
                self.wfile.write(ExportMetricsServiceResponse().SerializeToString())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/metrics"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def points(self) -> dict[tuple[str, frozenset[tuple[str, str]], int], float]:
        """(metric, attributes, epoch seconds) -> value, of everything that came."""
        return {
            (metric.name, frozenset((one.key, one.value.string_value) for one in point.attributes), point.time_unix_nano // 1_000_000_000):
                point.as_double if point.HasField("as_double") else float(point.as_int)
            for request in self.requests for resource in request.resource_metrics for scope in resource.scope_metrics
            for metric in scope.metrics for point in metric.gauge.data_points
        }  # fmt: skip


def rotel(program: str, folder: Path, to: str) -> Program:
    """A rotel collector that takes OTLP over HTTP at ``.port`` and hands it on to ``to`` (a base address)."""
    port = free_port()
    return Program(
        [
            program, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{free_port()}", "--otlp-http-endpoint", f"127.0.0.1:{port}",
            "--exporter", "otlp", "--otlp-exporter-endpoint", to, "--otlp-exporter-protocol", "http", "--batch-timeout", "100ms",
        ],
        port, folder / "rotel.log",
    )  # fmt: skip
