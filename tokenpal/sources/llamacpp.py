"""A llama.cpp server: tokens, from its metrics; the model from its list of models (provider-apis 9)."""

from __future__ import annotations

from typing import Final

from tokenpal.model.errors import AccountError
from tokenpal.sources.base import Context, Kind, Option, SourceInfo
from tokenpal.sources.exposition import Meter, model_name
from tokenpal.sources.http import Words, ask, decode
from tokenpal.sources.numbers import fields, rows, text
from tokenpal.sources.prometheus import State, optional_key, place, server
from tokenpal.system.net import Params

INFO: Final = SourceInfo(
    id="llamacpp",
    name="llama.cpp server",
    kind=Kind.API,
    provider="llamacpp",
    docs="https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
    key="No key, unless the server was started with --api-key: then that one.",
    tells="Input that was processed, and output, of the model that is loaded: of the whole server, from the first reading on.",
    silent="Nothing before the first reading; no requests, no money, not who asked; input that came from the cache is not counted.",
    base_url="http://127.0.0.1:8080",
    needs_base_url=True,
    needs_key=False,
    poll_seconds=300,
    options=(Option("model", "Model", "Only for a server in router mode: the id of the model to read.", example="qwen4-coder-30b"),),
)
WORDS: Final = Words(
    provider="llama.cpp",
    refused="The server was started with --api-key: enter that key under Accounts.",
    scope="Ask whoever runs the server whether you may read /metrics.",
    missing="Start the server with --metrics, and give its address without /v1, such as http://127.0.0.1:8080.",
    patience=INFO.poll_seconds,
)
METER: Final = Meter(
    prefix="llamacpp:", prompt=("llamacpp:prompt_tokens_total",), output=("llamacpp:tokens_predicted_total",), model=""
)


def router(context: Context) -> Params:
    """Reading must not load a model."""
    model = context.options.get("model", "")
    return (("model", model), ("autoload", "false")) if model else ()


async def loaded(context: Context, words: Words) -> str:
    """The model that is loaded; "" when the server does not say."""
    if model := context.options.get("model", ""):
        return model_name(model)
    try:
        url = f"{place(context, INFO)}/v1/models"
        data = fields(decode(await ask(context, words, url, what="its model", headers=optional_key(context))))
    except AccountError:
        return ""
    return model_name(text(fields(next(iter(rows(data.get("data"))), None)).get("id")))


fetch, parse, check, identity = server(INFO, WORDS, METER, named=loaded, query=router)
__all__ = ["INFO", "State", "check", "fetch", "identity", "parse"]
