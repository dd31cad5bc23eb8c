"""Counters of two ranks that count the same tokens."""

from typing import Any

from tests.provider_asking import Asked, Plain, Refusal

KEY = ""
BASELINE = True
SAMPLES = {"metrics": ""}
SETTINGS = {"sglang_tokens": 1000, "sglang_metrics": True}


def answer(asked: Asked) -> Any:
    if asked.path != "/metrics" or not asked.settings["sglang_metrics"]:
        raise Refusal(404, "Not Found")
    n = asked.settings["sglang_tokens"]
    lines = []
    for rank in (1, 0):
        labels = f'model_name="deepseek-ai/DeepSeek-V4",tp_rank="{rank}",pp_rank="0"'
        lines += [
            f"sglang:prompt_tokens_total{{{labels}}} {n}.0", f'sglang:cached_tokens_total{{cache_source="device",{labels}}} {n // 4}.0',
            f'sglang:cached_tokens_total{{cache_source="host",{labels}}} {n // 10}.0', f"sglang:generation_tokens_total{{{labels}}} {n // 2}.0",
            f"sglang:num_requests_total{{{labels}}} {n // 100}.0",
        ]  # fmt: skip
    return Plain("\n".join(lines) + "\n")
