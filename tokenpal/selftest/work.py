"""The part of the self-test that puts the program to work without a window: an import, the receiver, a sealed report."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tokenpal.selftest.parts import Check, need
from tokenpal.system.paths import inside

SECONDS: Final = 60.0
PAUSE: Final = 0.02
KNOWN_TIME: Final = 1_796_000_000  # 2026-11-29
SERVER: Final = b'vllm:prompt_tokens_total{model_name="m"} 30\nvllm:generation_tokens_total{model_name="m"} 12\n'
TEAM: Final = 6


def handed_over(folder: Path) -> str:
    """A file of usage lines is recognised and counted, and the same file again changes nothing."""
    from tokenpal.engine import importing
    from tokenpal.engine.files import Given
    from tokenpal.engine.scan import here
    from tokenpal.store import maintenance
    from tokenpal.store.database import Store

    file = folder / "usage.jsonl"
    line = {"is": "tokenpal-usage/1", "id": "one", "at": "2026-11-21T10:00:00Z", "provider": "openai", "model": "gpt-5", "fresh_input": 1200, "output": 300}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with Store.open(folder / "imported.db") as store:
        maintenance.set_zone(store, "UTC")
        taken = [importing.take(here(store), Given.file(str(file))) for _ in range(2)]
        (tokens,) = store.execute("SELECT SUM(fresh_input + output) FROM by_segment").fetchone()
    need([one.records for one in taken] == [1, 0], f"imported {[one.records for one in taken]} records instead of 1 and then none")
    need(tokens == 1500, f"{tokens} tokens count instead of 1,500")
    return f"{taken[0].what}, once"


def exposition(_: Path) -> str:
    """The counters of a self-hosted server are read."""
    from tokenpal.sources import vllm
    from tokenpal.sources.exposition import scraped

    counts = sorted(count for _, count in scraped(SERVER, vllm.METER).series.values())
    need(counts == [12, 30], f"read {counts} instead of 12 and 30")
    return "metrics text"


def receiver(folder: Path) -> str:
    """The engine listens on this machine, takes a metric as an agent sends it, and counts it."""
    from tokenpal.engine.engine import Engine
    from tokenpal.settings import Settings

    places = inside(folder / "receiver")
    places.make()
    settings = Settings.load(places.settings)
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings.set("receiver.port", port)
    settings.set("receiver.on", True)
    engine = Engine(places, settings, home=places.data, env={})
    engine.start(lambda _: None)
    try:
        _wait(lambda: _listens(port), "the receiver listens")
        status = _sent(port, _metric())
        need(status == 200, f"the receiver answered {status}")
        (tokens,) = engine.ask(lambda store: store.execute("SELECT SUM(output) FROM by_segment").fetchone()).result(SECONDS)
    finally:
        ended = engine.stop()
    need(ended, "the engine did not end in time")
    need(tokens == 40, f"{tokens} tokens count instead of 40")
    return "a metric of an agent was sent, taken and counted"


def _metric() -> bytes:
    """40 output tokens of Claude Code, as its exporter sends them (agent-logs 9)."""
    request = import_module("opentelemetry.proto.collector.metrics.v1.metrics_service_pb2").ExportMetricsServiceRequest()
    said = {"type": "output", "model": "claude-sonnet-4-5", "session.id": "self-test"}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in said.items()]
    point = {"attributes": attributes, "timeUnixNano": str(KNOWN_TIME * 10**9), "startTimeUnixNano": str((KNOWN_TIME - 60) * 10**9), "asInt": "40"}
    counter = {"name": "claude_code.token.usage", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [point]}}
    shaped = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [counter]}]}]}
    body: bytes = import_module("google.protobuf.json_format").ParseDict(shaped, request).SerializeToString()
    return body


def _sent(port: int, body: bytes) -> int:
    """The status of the answer."""
    head = f"POST /v1/metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as agent, agent.makefile("rb") as answer:
        agent.sendall(head.encode() + body)
        words = answer.readline().split()
        answer.read()
    return int(words[1]) if len(words) > 1 else 0


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _wait(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        need(time.monotonic() < end, f"{what} within {SECONDS:.0f} s: it does not")
        threading.Event().wait(PAUSE)


def sharing(_: Path) -> str:
    """A report is sealed by one library and opened by the other; the members' sums give its answers back (sharing-protocol 5.5)."""
    from tokenpal.share.protocol import shamir
    from tokenpal.share.protocol.keys import sealing_public, signing_key, signing_public
    from tokenpal.share.protocol.questions import one_hot
    from tokenpal.share.protocol.sealing import envelope, open_share, well_formed
    from tokenpal.share.protocol.wire import b64, digest, member_id, verified

    keys = {member_id(signing_public(bytes([n, 1] * 16))): bytes([n, 2] * 16) for n in range(TEAM)}
    to = [(member, sealing_public(key)) for member, key in keys.items()]
    bound = {"team": b64(bytes(16)), "epoch": "2026-W47", "head": digest(b"head"), "policy": digest(b"policy")}
    answers = {"label": 2, "use": 1}
    signed = envelope(answers, to, 4, bytes(32), signing_key(bytes([0, 1] * 16)), **bound)
    need(well_formed(signed, TEAM) and verified(signed, signing_public(bytes([0, 1] * 16))), "the envelope is not what it should be")
    opened = {x: open_share(signed, member, keys[member], x) for x, member in enumerate(sorted(keys), 1)}
    need(len(set(opened.values())) == TEAM, "the shares are not different")
    told = shamir.combine([(x, opened[x]) for x in (1, 3, 4, 6)], 4)
    need(told == one_hot(answers), f"the shares say {told}")
    return f"sealed to {TEAM}, opened, told by four"


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("import", handed_over),
    ("self-hosted servers", exposition),
    ("receiver at work", receiver),
    ("sharing", sharing),
)
