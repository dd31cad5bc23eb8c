"""All sources there are: every module of this package that says ``INFO`` (decisions 3).

An idle tray reads logs only, so providers are imported when an account of theirs is asked, not before.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Final, cast

import tokenpal.sources
from tokenpal.sources.base import Kind, Source

NO_LOGS: Final = frozenset({
    "anthropic_api", "balances", "buckets", "chutes", "claude_plan", "codex_plan", "copilot_plan", "cursor", "deepinfra", "deepseek",
    "exposition", "fireworks", "github_copilot", "http", "imported", "kimi_code", "litellm", "llamacpp", "minimax", "moonshot", "nanogpt", "novita",
    "ollama_cloud", "openai_api", "opencode_go", "openrouter", "otlp", "plans", "poe", "prometheus", "sglang", "siliconflow", "synthetic", "together",
    "venice", "vllm", "xai", "zai",
})  # fmt: skip
"""Modules without a log source. One that is missing here is only imported too early; a test finds it."""


@cache
def sources() -> dict[str, Source]:
    """Every source by its id, logs first, then by id. A module without ``INFO`` is something that sources share."""
    found = [source for module in pkgutil.iter_modules(tokenpal.sources.__path__) if (source := _source(module.name)) is not None]
    found.sort(key=lambda source: (source.INFO.kind is not Kind.LOG, source.INFO.id))
    return {source.INFO.id: source for source in found}


@cache
def logs() -> dict[str, Source]:
    """The sources that read agents' logs, by id."""
    found = [_source(module.name) for module in pkgutil.iter_modules(tokenpal.sources.__path__) if module.name not in NO_LOGS]
    return {
        source.INFO.id: source
        for source in sorted((one for one in found if one is not None and one.INFO.kind is Kind.LOG), key=lambda one: one.INFO.id)
    }


@cache
def source(name: str) -> Source | None:
    """The source with this id, or None. Imports no other one where the module is called as the source is."""
    plain = name.replace("-", "_")
    there = {module.name for module in pkgutil.iter_modules(tokenpal.sources.__path__)}
    for module in (plain, f"{plain}_api"):
        if module in there and (found := _source(module)) is not None and found.INFO.id == name:
            return found
    return sources().get(name)


def _source(module: str) -> Source | None:
    found = import_module(f"tokenpal.sources.{module}")
    return cast("Source", found) if hasattr(found, "INFO") else None
