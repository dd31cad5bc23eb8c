"""All sources there are: every module of this package that says ``INFO`` (decisions 3)."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

import tokenpal.sources
from tokenpal.sources.base import Kind, Source


@cache
def sources() -> dict[str, Source]:
    """Every source by its id, logs first, then by id. A module without ``INFO`` is something that sources share."""
    found: list[Source] = []
    for module in pkgutil.iter_modules(tokenpal.sources.__path__):
        source = import_module(f"tokenpal.sources.{module.name}")
        if hasattr(source, "INFO"):
            found.append(cast("Source", source))
    found.sort(key=lambda source: (source.INFO.kind is not Kind.LOG, source.INFO.id))
    return {source.INFO.id: source for source in found}


def source(name: str) -> Source | None:
    """The source with this id, or None."""
    return sources().get(name)
