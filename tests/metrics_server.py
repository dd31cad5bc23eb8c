"""A server with counters as vLLM has them, in a process of its own: prometheus_client's own exposition and HTTP server.

Commands come on standard input, one a line: ``use MODEL ENGINE PROMPT CACHED OUTPUT`` (one finished request), ``reset`` (all counters
begin anew, the process stays); each is answered with ``ok``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    from prometheus_client import Counter, Histogram, start_http_server

    labels = ("model_name", "engine")
    prompt = Counter("vllm:prompt_tokens", "Number of prefill tokens processed.", labels)
    cached = Counter("vllm:prompt_tokens_cached", "Number of cached prompt tokens.", labels)
    output = Counter("vllm:generation_tokens", "Number of generation tokens processed.", labels)
    done = Counter("vllm:request_success", "Count of successfully processed requests.", (*labels, "finished_reason"))
    sizes = Histogram("vllm:request_prompt_tokens", "Number of prefill tokens processed.", labels)  # repeats the counter
    server, _ = start_http_server(int(sys.argv[1]), addr="127.0.0.1")
    print(server.server_port, flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "use":
            model, engine, *counts = words
            for counter, count in zip((prompt, cached, output), map(int, counts), strict=True):
                counter.labels(model, engine).inc(count)
            done.labels(model, engine, "stop").inc()
            sizes.labels(model, engine).observe(int(counts[0]))
        elif command == "reset":
            for counter in (prompt, cached, output, done):
                counter.clear()
        print("ok", flush=True)


class MetricsServer:
    """The running server, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def use(self, model: str, prompt: int, cached: int, output: int, engine: int = 0) -> None:
        self.tell(f"use {model} {engine} {prompt} {cached} {output}")


@contextmanager
def running(port: int = 0) -> Iterator[MetricsServer]:
    """A server on this port (0 = any), until the end of the block; then it is killed, as a crash would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.metrics_server", str(port)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield MetricsServer(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate(timeout=30)


if __name__ == "__main__":
    main()
