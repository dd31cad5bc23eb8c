"""Takes the metrics that agents on this machine send, while the setting says so (agent-logs 9, product 2.5).

Off by default: then no socket is opened and none of this is imported. Each agent's figures go to an account of their own, which
counts only for what its logs do not cover. A request is answered once its figures are stored, so that what was not answered
may be sent again; the cursor in the same transaction knows what was counted.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokenpal.engine import loop
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import StoreError, TokenpalError
from tokenpal.model.events import AccountHealth, AccountState, Changed
from tokenpal.sources.base import ANY_PROVIDER, Reply
from tokenpal.store import accounts as account_rows, ledger

if TYPE_CHECKING:
    from tokenpal.engine.shared import Shared
    from tokenpal.sources.otlp import Figure
    from tokenpal.store.database import Store
    from tokenpal.system.inbound import Asked, Inbound, Said

log = logging.getLogger(__name__)
METRICS: Final = "/v1/metrics"
OTHERS: Final = {"/v1/logs": "logs", "/v1/traces": "traces"}
ENDPOINT: Final = "metrics"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
BIG: Final = 64 * 1024  # understood in a thread
TITLE: Final = "The receiver could not start"
NAMES: Final = {"claude-code": "Claude Code metrics", "codex": "Codex metrics", "gemini-cli": "Gemini CLI metrics", "gen-ai": "Other programs' metrics"}


class Receiver:
    """All its methods belong to the loop."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._server: Inbound | None = None
        self._wanted = 0
        self._switching = asyncio.Lock()
        self._reading = asyncio.Lock()  # large requests take memory
        self._writing = asyncio.Lock()  # one request after the other: each builds on the state that the one before left

    @property
    def port(self) -> int:
        """Where it listens; 0 = it does not."""
        return self._server.port if self._server is not None else 0

    async def follow(self) -> None:
        """Be as the settings say. What goes wrong is told, and tried again when the settings change."""
        settings = self._shared.settings
        async with self._switching:
            wanted = int(settings.get("receiver.port")) if settings.get("receiver.on") else 0
            if wanted == self._wanted and bool(wanted) == (self._server is not None):
                return
            await self._stop()
            self._wanted = wanted
            if wanted:
                await self._start(wanted)

    async def stop(self) -> None:
        async with self._switching:
            await self._stop()

    async def _start(self, port: int) -> None:
        from tokenpal.system.inbound import Inbound

        server = Inbound(self.answer)
        try:
            await server.start(port)
        except TokenpalError as problem:
            self._shared.tell(problem.title, problem.sentence, problem.next_step)
            return
        except OSError as problem:
            self._shared.tell(TITLE, f"Port {port} could not be opened: {problem.strerror or 'unknown error'}.", "Choose another port in the settings.")
            return
        self._server = server
        log.info("receiving metrics on port %d of this machine", server.port)

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    # ------------------------------------------------------------------ requests

    async def answer(self, asked: Asked) -> Said:
        """One request. Everything but token metrics is refused in words."""
        from tokenpal.system.inbound import Said

        if asked.path in OTHERS:
            return Said(404, f"tokenpal takes metrics only, at {METRICS}: it keeps no {OTHERS[asked.path]}. Turn their exporter off.\n".encode())
        if asked.path != METRICS:
            return Said(404, f"tokenpal takes OpenTelemetry metrics at {METRICS}.\n".encode())
        if asked.method != "POST":
            return Said(405, b"POST metrics here.\n")
        kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {JSON, PROTOBUF}:
            return Said(415, f"Send {PROTOBUF} or {JSON}.\n".encode())
        from tokenpal.sources import otlp

        try:
            if len(asked.body) < BIG:
                found, left_out = otlp.figures(asked.body, protobuf=kind == PROTOBUF)
            else:
                async with self._reading:
                    found, left_out = await loop.in_thread(lambda: otlp.figures(asked.body, protobuf=kind == PROTOBUF), "metrics")
        except otlp.Unreadable:
            return Said(400, b"This is no OTLP metrics request.\n")
        try:
            await self.store(found)
        except StoreError as problem:
            self._shared.tell(problem.title, problem.sentence, problem.next_step)
            return Said(503, b"The data file cannot be written now. Send it again.\n")
        return _accepted(kind, left_out)

    async def store(self, found: list[Figure]) -> None:
        """Count these figures; each account's in one transaction. Raises StoreError."""
        agents: dict[str, list[Figure]] = {}
        for figure in found:
            agents.setdefault(figure.agent.partition(":")[0], []).append(figure)
        if not agents:
            return
        shared = self._shared
        rules = await loop.in_thread(shared.rulebook, "rules")
        async with self._writing:
            changed = new = False
            for agent, figures in agents.items():
                records, made = await shared.do(take, agent, figures, rules, shared.now())
                changed, new = changed or records > 0, new or made
        if changed or new:
            shared.publish(Changed(frozenset({"usage", "accounts"} if new else {"usage"})))


def take(store: Store, agent: str, figures: list[Figure], rules: Any, now: int) -> tuple[int, bool]:
    """Put an agent's figures into its account: new or changed records, and whether the account is new."""
    from tokenpal.sources import otlp

    with store.transaction():
        account, made = _account(store, agent)
        if account is None:
            return 0, False  # the person removed it
        cursors = account_rows.cursors(store, account)
        state = _state(cursors.get(ENDPOINT))
        reply = Reply(Cursor(ENDPOINT), ENDPOINT, b"", now, context=figures)
        state, items = otlp.parse(state, reply)
        cursor = Cursor(ENDPOINT, state=msgspec.msgpack.encode(state))
        applied = ledger.apply(store, ledger.Batch(account, items, (cursor,)), rules.of(otlp))
        account_rows.set_health(store, AccountHealth(account, AccountState.OK, last_success=now))
        return applied.records, made


def _account(store: Store, agent: str) -> tuple[int | None, bool]:
    for row in account_rows.accounts(store, removed=True):
        if (row.source, row.root) == ("otlp", agent):
            return (None if row.removed else row.id), False
    provider = {"claude-code": "anthropic", "codex": "openai", "gemini-cli": "google"}.get(agent, ANY_PROVIDER)
    taken = {row.name for row in account_rows.accounts(store, removed=True)}
    name = NAMES[agent] if NAMES[agent] not in taken else f"{NAMES[agent]} (received)"
    return account_rows.add_account(store, "otlp", name, provider, kind="inbox", root=agent, counts="remainder"), True


def _state(cursor: Cursor | None) -> Any:
    from tokenpal.sources import otlp

    if cursor is None or not cursor.state:
        return None
    try:
        return msgspec.msgpack.decode(cursor.state, type=otlp.State)
    except msgspec.MsgspecError:
        log.warning("the receiver's memory could not be read; it begins anew")
        return None


def _accepted(kind: str, left_out: int) -> Said:
    """The answer of the specification: points that were not taken are told, and not to be sent again."""
    from tokenpal.system.inbound import Said

    words = "tokenpal keeps increasing counts with a kind and a time only"
    if kind == JSON:
        partial = {"partialSuccess": {"rejectedDataPoints": str(left_out), "errorMessage": words}} if left_out else {}
        return Said(200, msgspec.json.encode(partial), JSON)
    if not left_out:
        return Said(200, b"", PROTOBUF)
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsPartialSuccess, ExportMetricsServiceResponse

    partial_success = ExportMetricsPartialSuccess(rejected_data_points=left_out, error_message=words)
    return Said(200, ExportMetricsServiceResponse(partial_success=partial_success).SerializeToString(), PROTOBUF)
