"""What the sources say of themselves, for those who may not import them: names, keys to make, what figures contain."""

from __future__ import annotations

from functools import cache

from tokenpal.sources import registry
from tokenpal.sources.base import Kind, SourceInfo


@cache
def every() -> dict[str, SourceInfo]:
    """All sources by id."""
    return {source.INFO.id: source.INFO for source in registry.sources().values()}


def accounts() -> tuple[SourceInfo, ...]:
    """Providers an account can be added for, by name."""
    return tuple(sorted((info for info in every().values() if info.kind is Kind.API), key=lambda info: info.name.casefold()))


def info(source: str) -> SourceInfo | None:
    """One source; None for one that this version does not know."""
    return every().get(source)
