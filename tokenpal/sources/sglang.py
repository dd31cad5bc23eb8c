"""An SGLang server: tokens and requests by model, from its metrics (provider-apis 9)."""

from __future__ import annotations

from typing import Final

from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.exposition import Meter
from tokenpal.sources.http import Words
from tokenpal.sources.prometheus import State, server

INFO: Final = SourceInfo(
    id="sglang",
    name="SGLang server",
    kind=Kind.API,
    provider="sglang",
    docs="https://docs.sglang.ai/references/production_metrics.html",
    key="No key: SGLang's metrics are open. Enter one only if a gateway in front of the server asks for it.",
    tells="Input, cached input, output and requests by model: of the whole server, whoever used it, from the first reading on.",
    silent="Nothing before the first reading, no money, and not who asked. If agents on this machine use the server, their logs count first.",
    base_url="http://127.0.0.1:30000",
    needs_base_url=True,
    needs_key=False,
    poll_seconds=300,
)
WORDS: Final = Words(
    provider="SGLang",
    refused="A gateway in front of the server asks for a key: enter it under Accounts.",
    scope="Ask whoever runs the server whether you may read /metrics.",
    missing="Start the server with --enable-metrics, and give its address without /v1, such as http://127.0.0.1:30000.",
    patience=INFO.poll_seconds,
)
METER: Final = Meter(
    prefix="sglang:",
    prompt=("sglang:prompt_tokens_total",),
    cached=("sglang:cached_tokens_total",),  # by cache_source, all of them part of the prompts
    output=("sglang:generation_tokens_total",),
    requests=("sglang:num_requests_total",),
    ranks=("pp_rank", "tp_rank"),
)
fetch, parse, check, identity = server(INFO, WORDS, METER)
__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]
