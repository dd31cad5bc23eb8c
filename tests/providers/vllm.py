"""Counters of two engines, as vLLM writes them; they stand still unless a test moves them."""

from typing import Any

from tests.provider_asking import Asked, Plain, Refusal

KEY = ""
KEYS = {"gateway": "gateway-made-up-0001"}
BASELINE = True
SAMPLES = {"metrics": ""}
SETTINGS = {"vllm_tokens": 1000, "vllm_key": ""}


def answer(asked: Asked) -> Any:
    if asked.path != "/metrics":
        raise Refusal(404, "Not Found")
    if asked.settings["vllm_key"] and asked.bearer() != asked.settings["vllm_key"]:
        raise Refusal(401, "Unauthorized")
    n = asked.settings["vllm_tokens"]
    lines = [f"process_start_time_seconds {asked.world.now - 864_000}.25"]
    for engine in (0, 1):
        labels = f'engine="{engine}",model_name="Qwen/Qwen4-32B"'
        lines += [
            f"vllm:prompt_tokens_total{{{labels}}} {n:.3e}", f"vllm:prompt_tokens_cached_total{{{labels}}} {n // 4}.0",
            f"vllm:generation_tokens_total{{{labels}}} {n // 2}.0", f'vllm:request_success_total{{finished_reason="stop",{labels}}} {n // 100}.0',
            f'vllm:request_success_total{{finished_reason="length",{labels}}} {n // 1000}.0',
        ]  # fmt: skip
    return Plain("\n".join(lines) + "\n", "text/plain; version=0.0.4; charset=utf-8")
