"""A vLLM server: tokens and requests by model, from its metrics (provider-apis 9)."""

from __future__ import annotations

from typing import Final

from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.exposition import Meter
from tokenpal.sources.http import Words
from tokenpal.sources.prometheus import State, server

INFO: Final = SourceInfo(
    id="vllm",
    name="vLLM server",
    kind=Kind.API,
    provider="vllm",
    docs="https://docs.vllm.ai/en/latest/usage/metrics.html",
    key="No key: vLLM's metrics are open. Enter one only if a gateway in front of the server asks for it.",
    tells="Input, cached input, output and requests by model: of the whole server, whoever used it, from the first reading on.",
    silent="Nothing before the first reading, no money, and not who asked. If agents on this machine use the server, their logs count first.",
    base_url="http://127.0.0.1:8000",
    needs_base_url=True,
    needs_key=False,
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="vLLM",
    refused="A gateway in front of the server asks for a key: enter it under Accounts.",
    scope="Ask whoever runs the server whether you may read /metrics.",
    missing="Give the server's address without /v1, such as http://127.0.0.1:8000; its metrics are always on.",
    patience=INFO.poll_seconds,
)
METER: Final = Meter(
    prefix="vllm:",
    prompt=("vllm:prompt_tokens_total", "vllm:prompt_tokens"),  # cache hits included
    cached=("vllm:prompt_tokens_cached_total", "vllm:prefix_cache_hits_total", "vllm:prefix_cache_hits"),
    output=("vllm:generation_tokens_total", "vllm:generation_tokens"),
    requests=("vllm:request_success_total", "vllm:request_success"),  # one counter a finish reason
)
fetch, parse, check, identity = server(INFO, WORDS, METER)
__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]
