"""Made-up logs of known truth: how big and how odd published corpora are (performance, Method), from a seed.

File sizes are log-normal (median 105 kB, one in a hundred above 5.4 MB). Three quarters of the Claude bytes and nine tenths
of the Codex bytes are on lines without usage; half of the usage lines repeat a response. Every trap can be left out alone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

FIRST: Final = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp())
SPAN: Final = 390 * 86_400
CLAUDE_MODELS: Final = ("claude-sonnet-5", "claude-opus-4-7", "claude-haiku-4-5-20251001")
CODEX_MODELS: Final = ("gpt-5.5", "gpt-5.2-codex")
TRAPS: Final = (
    "streamed", "no-request-id", "resumed", "sub-agents", "replays", "nested", "synthetic", "quoted", "torn", "null-inputs",
    "re-emitted", "null-info", "forks", "response-ids", "estimates", "compactions",
)  # fmt: skip
Tokens = tuple[int, int, int, int, int, int, int]
"""fresh, cache read, 5 minutes, 1 hour, other writes, output, reasoning."""


class Truth(msgspec.Struct):
    """What a correct reader finds: calls and tokens by agent, UTC day and model."""

    calls: dict[str, int] = {}
    rows: dict[str, list[int]] = {}  # "claude-code 2026-01-31 claude-sonnet-5" -> Tokens
    usage_lines: int = 0
    files: int = 0
    bytes: int = 0

    def add(self, agent: str, at: int, model: str, tokens: Tokens) -> None:
        self.calls[agent] = self.calls.get(agent, 0) + 1
        row = self.rows.setdefault(f"{agent} {datetime.fromtimestamp(at, UTC):%Y-%m-%d} {model}", [0] * 7)
        for index, count in enumerate(tokens):
            row[index] += count


class Corpus(msgspec.Struct):
    """A home folder with both agents' logs."""

    home: Path
    truth: Truth

    @property
    def claude(self) -> Path:
        return self.home / ".claude"

    @property
    def codex(self) -> Path:
        return self.home / ".codex"


def make(home: Path, *, claude_mb: float, codex_mb: float, seed: int = 1, traps: frozenset[str] = frozenset(TRAPS), small_files: bool = False) -> Corpus:
    """Write the logs, or take those that the same call wrote before."""
    recipe = json.dumps([claude_mb, codex_mb, seed, sorted(traps), small_files, 6])
    said = home / "truth.json"
    if said.is_file() and (found := json.loads(said.read_text()))["recipe"] == recipe:
        return Corpus(home, msgspec.convert(found["truth"], Truth))
    for agent in (".claude", ".codex"):
        shutil.rmtree(home / agent, ignore_errors=True)
    truth = Truth()
    _Claude(home / ".claude" / "projects", truth, traps, random.Random(f"claude {seed}"), small_files).write(int(claude_mb * 1e6))
    _Codex(home / ".codex" / "sessions", truth, traps, random.Random(f"codex {seed}"), small_files).write(int(codex_mb * 1e6))
    said.write_text(json.dumps({"recipe": recipe, "truth": msgspec.to_builtins(truth)}))
    return Corpus(home, truth)


def stamp(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


class _Writer:
    """What both agents have in common: files of the right sizes, filler, and their truth."""

    def __init__(self, root: Path, truth: Truth, traps: frozenset[str], chance: random.Random, small_files: bool) -> None:
        self.root, self.truth, self.traps, self.chance = root, truth, traps, chance
        self.median = 24_000 if small_files else 105_000
        words = ["the", "function", "returns", "parser", "file", "line", "\\n", "\\\"name\\\"", "value", "error:", "0x1f", "def", "class", "é", "{", "}"]
        self.filler = " ".join(self.chance.choice(words) for _ in range(120_000))
        self.quoted = '{\\"type\\":\\"assistant\\",\\"message\\":{\\"usage\\":{\\"input_tokens\\":9999,\\"output_tokens\\":9999}},\\"token_count\\":1}'
        self.written = 0

    def has(self, trap: str, share: float) -> bool:
        return trap in self.traps and self.chance.random() < share

    def text(self, size: float) -> str:
        """Filler inside a JSON string: already escaped, cut at a space."""
        at = self.chance.randrange(0, 400_000)
        cut = self.filler[at : at + max(1, int(size))].strip().rstrip("\\")
        cut = cut.partition(" ")[2].rpartition(" ")[0]
        return f"{self.quoted} {cut}" if self.has("quoted", 0.02) else cut

    def sizes(self, budget: int) -> Iterator[int]:
        left = budget
        while left > 0:
            size = int(min(self.chance.lognormvariate(0, 1.69), 150) * self.median)
            yield max(2_000, size)
            left = budget - self.written

    def save(self, path: Path, lines: list[str], at: int, *, end: str = "\n") -> None:
        data = ("\n".join(lines) + end).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (at, at))
        self.written += len(data)
        self.truth.files += 1
        self.truth.bytes += len(data)

    def moment(self) -> int:
        return (FIRST + self.chance.randrange(SPAN)) * 1000 + self.chance.randrange(1000)

    def identity(self) -> str:
        return f"{self.chance.getrandbits(32):08x}-{self.chance.getrandbits(16):04x}-4{self.chance.getrandbits(12):03x}-8{self.chance.getrandbits(12):03x}-{self.chance.getrandbits(48):012x}"


class _Claude(_Writer):
    def write(self, budget: int) -> None:
        for number, size in enumerate(self.sizes(budget)):
            self.session(number, size)

    def session(self, number: int, size: int) -> None:
        session, project = self.identity(), f"-home-dev-project-{number % 40}"
        cwd, at = f"/home/dev/project-{number % 40}", self.moment()
        keyed = not self.has("no-request-id", 0.12)
        lines = [json.dumps({"type": "summary", "summary": "x", "leafUuid": self.identity()})] if number % 5 == 0 else []
        common = f'"sessionId":"{session}","cwd":"{cwd}","version":"2.1.{number % 200}","gitBranch":"feature/PAY-{number % 300}","userType":"external"'
        calls: list[tuple[str, str, int]] = []
        at = self.turns(lines, common, at, size, keyed, sidechain=False, calls=calls)
        if self.has("torn", 0.05):
            end = f'\n{{"type":"assistant","timestamp":"{stamp(at)}",{common},"message":{{"id":"msg_torn","usage":{{"input_tok'
        else:
            end = "\n"
        path = self.root / project / f"{session}.jsonl"
        self.save(path, lines, at // 1000, end=end)
        if calls and self.has("resumed", 0.03):
            # A resumed or forked session repeats what was said so far under a new session id.
            other = self.identity()
            fork = f',"forkedFrom":{{"sessionId":"{session}","messageUuid":"x"}}' if self.chance.random() < 0.5 else ""
            copied = [line.replace(session, other).replace(',"cwd"', f'{fork},"cwd"', 1) for line in lines[: len(lines) // 2]]
            if not keyed:
                pass
            elif self.chance.random() < 0.3:  # builds that leave the request id out
                copied = [_without_request(line) for line in copied]
            self.truth.usage_lines += sum('"usage"' in line for line in copied)
            more: list[str] = []
            self.turns(more, common.replace(session, other), at + 3_600_000, size // 4, keyed, sidechain=False, calls=[])
            self.save(self.root / project / f"{other}.jsonl", copied + more, at // 1000 + 4000)
        if self.has("sub-agents", 0.25):
            sub: list[str] = []
            if calls and self.has("replays", 0.25):
                identity, usage, when = self.chance.choice(calls)
                sub.append(_assistant(common, when, identity, f"req_{self.chance.getrandbits(60):x}", "claude-sonnet-5", usage.replace('"cache_read_input_tokens":', '"cache_read_input_tokens":9'), "", True, "end_turn"))
                self.truth.usage_lines += 1
            self.turns(sub, common, at + 60_000, size // 5, keyed, sidechain=True, calls=[])
            self.save(self.root / project / session / "subagents" / f"agent-{self.chance.getrandbits(32):08x}.jsonl", sub, at // 1000)

    def turns(self, lines: list[str], common: str, at: int, size: int, keyed: bool, *, sidechain: bool, calls: list[tuple[str, str, int]]) -> int:
        written = 0
        chance = self.chance
        side = str(sidechain).lower()
        while written < size:
            at += chance.randrange(3_000, 90_000)
            new = len(lines)
            text = self.text(chance.expovariate(1 / 2500))
            lines.append(f'{{"parentUuid":null,"isSidechain":{side},"type":"user",{common},"message":{{"role":"user","content":"{text}"}},"uuid":"{chance.getrandbits(64):x}","timestamp":"{stamp(at)}"}}')
            if self.has("synthetic", 0.01):
                lines.append(f'{{"type":"assistant","isApiErrorMessage":true,{common},"timestamp":"{stamp(at)}","message":{{"id":"{chance.getrandbits(60):x}","model":"<synthetic>","content":[],"usage":{{"input_tokens":0,"output_tokens":0}}}}}}')
                self.truth.usage_lines += 1
            at += chance.randrange(800, 20_000)
            self.response(lines, common, at, keyed, sidechain, calls)
            if chance.random() < 0.8:
                result = self.text(chance.expovariate(1 / 9000))
                lines.append(f'{{"parentUuid":"x","isSidechain":{side},"type":"user",{common},"message":{{"role":"user","content":[{{"tool_use_id":"toolu_{chance.getrandbits(60):x}","type":"tool_result","content":"{result}"}}]}},"uuid":"{chance.getrandbits(64):x}","timestamp":"{stamp(at + 900)}","toolUseResult":{{"stdout":"{result[: len(result) // 3].rpartition(" ")[0]}"}}}}')
            written += sum(len(line) for line in lines[new:])
        return at

    def response(self, lines: list[str], common: str, at: int, keyed: bool, sidechain: bool, calls: list[tuple[str, str, int]]) -> None:
        chance = self.chance
        identity, model = f"msg_01{chance.getrandbits(90):x}", chance.choices(CLAUDE_MODELS, (6, 3, 1))[0]
        request = f"req_011{chance.getrandbits(80):x}" if keyed else ""
        short, long = chance.randrange(0, 6000), chance.choice([0, 0, 0, chance.randrange(9000)])
        fresh, read, output = chance.randrange(1, 40), chance.randrange(0, 180_000), chance.randrange(5, 2500)
        thinking = chance.choice([0, output // 3])
        self.truth.add("claude-code", at // 1000, model, (fresh, read, short, long, 0, output, thinking))

        def usage(out: int, thought: int) -> str:
            return (
                f'{{"input_tokens":{fresh},"cache_creation_input_tokens":{short + long},"cache_read_input_tokens":{read},"output_tokens":{out},'
                f'"cache_creation":{{"ephemeral_5m_input_tokens":{short},"ephemeral_1h_input_tokens":{long}}},"service_tier":"standard",'
                f'"output_tokens_details":{{"thinking_tokens":{thought}}}}}'
            )

        nested = sidechain and self.has("nested", 0.1)
        blocks = chance.choice([1, 2, 2, 3])
        for block in range(blocks):
            last = block == blocks - 1
            early = not last and self.has("streamed", 0.3)
            body = self.text(chance.expovariate(1 / 1200))
            if self.has("null-inputs", 0.01):
                content = f'{{"type":"tool_use","id":"toolu_{chance.getrandbits(60):x}","name":"Edit","input":{{"id":null,"file":"x","text":"{body}"}}}}'
            else:
                content = f'{{"type":"text","text":"{body}"}}'
            said = usage(max(1, output // 7), 0) if early else usage(output, thinking)
            line = _assistant(common, at + block * 400, identity, request, model, said, content, sidechain, "end_turn" if last else None)
            if nested:
                line = _nested(common, at + block * 400, identity, request, model, said, content)
            lines.append(line)
            self.truth.usage_lines += 1
        if keyed and not sidechain:
            calls.append((identity, usage(output, thinking), at))


def _assistant(common: str, at: int, identity: str, request: str, model: str, usage: str, content: str, sidechain: bool, stop: str | None) -> str:
    asked = f'"requestId":"{request}",' if request else ""
    reason = f'"{stop}"' if stop else "null"
    return (
        f'{{"parentUuid":"{at & 0xFFFFFFFF:08x}-0000-4000-8000-000000000000","isSidechain":{str(sidechain).lower()},{common},"message":{{"model":"{model}","id":"{identity}","type":"message","role":"assistant",'
        f'"content":[{content}],"stop_reason":{reason},"stop_sequence":null,"usage":{usage}}},{asked}"type":"assistant","uuid":"{at & 0xFFFFFFFF:08x}-1111-4111-8111-{at:012x}","timestamp":"{stamp(at)}"}}'
    )


def _nested(common: str, at: int, identity: str, request: str, model: str, usage: str, content: str) -> str:
    asked = f'"requestId":"{request}",' if request else ""
    return (
        f'{{"type":"progress",{common},"data":{{"message":{{"timestamp":"{stamp(at)}",{asked}"isSidechain":true,"message":{{"model":"{model}","id":"{identity}",'
        f'"content":[{content}],"usage":{usage}}}}}}}}}'
    )


def _without_request(line: str) -> str:
    start = line.find('"requestId":"')
    return line if start < 0 else line[:start] + line[line.index('",', start) + 2 :]


class _Codex(_Writer):
    def write(self, budget: int) -> None:
        for number, size in enumerate(self.sizes(budget)):
            self.thread(number, size)

    def name(self, at: int, thread: str) -> Path:
        day = datetime.fromtimestamp(at // 1000, UTC)
        return self.root / f"{day:%Y/%m/%d}" / f"rollout-{day:%Y-%m-%dT%H-%M-%S}-{thread}.jsonl"

    def thread(self, number: int, size: int) -> None:
        thread, at = self.identity(), self.moment()
        cwd = f"/home/dev/project-{number % 40}"
        lines = [self.meta(thread, at, cwd, "")]
        state = _Thread(response_ids=self.has("response-ids", 0.5))
        end = self.turns(lines, state, at, size, cwd)
        self.save(self.name(at, thread), lines, end // 1000)
        if self.has("forks", 0.08):
            # The child repeats its parent's rows, stamped with the time of the copy, then goes on.
            child, born = self.identity(), end + 600_000
            copied = [f'{{"timestamp":"{stamp(born + 5 + index // 50)}"{line[line.index(chr(34) + "," , 14) + 1 :]}' for index, line in enumerate(lines)]
            mine = [self.meta(child, born, cwd, thread), *copied]
            self.truth.usage_lines += sum('"token_count"' in line for line in copied)
            last = self.turns(mine, state, born + 30_000, size // 3, cwd)
            self.save(self.name(born, child), mine, last // 1000)

    def meta(self, thread: str, at: int, cwd: str, parent: str) -> str:
        fork = f'"forked_from_id":"{parent}",' if parent else ""
        return (
            f'{{"timestamp":"{stamp(at)}","type":"session_meta","payload":{{"id":"{thread}",{fork}"timestamp":"{stamp(at)}","cwd":"{cwd}","originator":"codex_cli_rs",'
            f'"cli_version":"0.150.0","source":"cli","model_provider":"openai","base_instructions":{{"text":"{self.text(14_000)}"}},"git":{{"branch":"main"}}}}}}'
        )

    def turns(self, lines: list[str], state: _Thread, at: int, size: int, cwd: str) -> int:
        chance, written = self.chance, 0
        while written < size:
            new = len(lines)
            at += chance.randrange(5_000, 120_000)
            state.model = chance.choices(CODEX_MODELS, (3, 1))[0]
            lines.append(f'{{"timestamp":"{stamp(at)}","type":"turn_context","payload":{{"turn_id":"{chance.getrandbits(64):x}","cwd":"{cwd}","model":"{state.model}","effort":"medium"}}}}')
            for _ in range(chance.randrange(1, 6)):
                at += chance.randrange(1_000, 30_000)
                for _ in range(chance.randrange(1, 4)):
                    lines.append(f'{{"timestamp":"{stamp(at)}","type":"response_item","payload":{{"type":"function_call_output","call_id":"c","output":"{self.text(chance.expovariate(1 / 6000))}"}}}}')
                self.response(lines, state, at)
            if self.has("compactions", 0.03):
                at += 4_000
                identity, counts = f"resp_{chance.getrandbits(80):x}", self.counts()
                lines.append(f'{{"timestamp":"{stamp(at)}","type":"token_usage_record","payload":{{"response_id":"{identity}","usage":{_use(counts)}}}}}')
                lines.append(f'{{"timestamp":"{stamp(at)}","type":"compacted","payload":{{"message":"","compaction_response_id":"{identity}"}}}}')
                self.truth.add("codex", at // 1000, state.model, _classes(counts))
            written += sum(len(line) for line in lines[new:])
        return at

    def counts(self) -> tuple[int, ...]:
        chance = self.chance
        fresh, output = chance.randrange(200, 60_000), chance.randrange(5, 3_000)
        return (fresh, chance.randrange(0, fresh), 0, output, chance.randrange(0, output))

    def response(self, lines: list[str], state: _Thread, at: int) -> None:
        chance = self.chance
        counts = self.counts()
        state.total = tuple(a + b for a, b in zip(state.total, counts, strict=True))
        if state.response_ids:
            lines.append(f'{{"timestamp":"{stamp(at)}","type":"token_usage_record","payload":{{"response_id":"resp_{chance.getrandbits(80):x}","thread_id":"t","usage":{_use(counts)},"thread_token_usage":{_use(state.total)}}}}}')
        limits = f'"rate_limits":{{"limit_id":"codex","primary":{{"used_percent":{chance.randrange(100)}.5,"window_minutes":300,"resets_at":{at // 1000 + 3000}}},"secondary":{{"used_percent":40.0,"window_minutes":10080,"resets_at":{at // 1000 + 90000}}},"credits":null,"plan_type":"plus"}}'
        if self.has("null-info", 0.1):
            lines.append(f'{{"timestamp":"{stamp(at)}","type":"event_msg","payload":{{"type":"token_count","info":null,{limits}}}}}')
            self.truth.usage_lines += 1
        for again in range(2 if self.has("re-emitted", 0.8) else 1):
            lines.append(_count(at + again * 700, counts, state.total, limits))
            self.truth.usage_lines += 1
        if self.has("estimates", 0.01):
            lines.append(_count(at + 900, (0, 0, 0, 0, 0), state.total, limits))
            self.truth.usage_lines += 1
        self.truth.add("codex", at // 1000, state.model, _classes(counts))


class _Thread(msgspec.Struct):
    response_ids: bool
    total: tuple[int, ...] = (0, 0, 0, 0, 0)
    model: str = ""


def _use(counts: tuple[int, ...]) -> str:
    return (
        f'{{"input_tokens":{counts[0]},"cached_input_tokens":{counts[1]},"cache_write_input_tokens":{counts[2]},"output_tokens":{counts[3]},'
        f'"reasoning_output_tokens":{counts[4]},"total_tokens":{counts[0] + counts[3]}}}'
    )


def _count(at: int, last: tuple[int, ...], total: tuple[int, ...], limits: str) -> str:
    return (
        f'{{"timestamp":"{stamp(at)}","type":"event_msg","payload":{{"type":"token_count","info":{{"total_token_usage":{_use(total)},'
        f'"last_token_usage":{_use(last)},"model_context_window":272000}},{limits}}}}}'
    )


def _classes(counts: tuple[int, ...]) -> Tokens:
    whole, cached, written, output, reasoning = counts
    return (whole - cached - written, cached, 0, 0, written, output, reasoning)


Check = Callable[[dict[str, list[int]]], Any]
