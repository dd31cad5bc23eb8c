"""Counters without labels; the model is told elsewhere. Some builds send the text as a JSON string."""

import json
from typing import Any

from tests.provider_asking import Asked, Plain, Refusal

KEY = ""
BASELINE = True
SAMPLES = {"metrics": ""}
SETTINGS = {"llama_tokens": 1000, "llama_metrics": True, "llama_quoted": False, "llama_model": "/models/qwen4-coder-30b-q4.gguf"}


def error(status: int, said: str) -> Any:
    return {"error": {"code": status, "message": said, "type": "not_supported_error"}}


def answer(asked: Asked) -> Any:
    if asked.path == "/v1/models":
        return {"object": "list", "data": [{"id": asked.settings["llama_model"], "object": "model", "owned_by": "llamacpp"}]}
    if asked.path != "/metrics":
        raise Refusal(404, "File Not Found")
    if not asked.settings["llama_metrics"]:
        raise Refusal(501, "This server does not support metrics endpoint. Start it with `--metrics`")
    n = asked.settings["llama_tokens"]
    text = f"# TYPE llamacpp:prompt_tokens_total counter\nllamacpp:prompt_tokens_total {n}\nllamacpp:tokens_predicted_total {n // 2}\nllamacpp:n_busy_slots_per_decode 1\n"
    return Plain(json.dumps(text), "application/json") if asked.settings["llama_quoted"] else Plain(text)
