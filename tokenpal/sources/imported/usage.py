"""Usage lines of the open format (resources/formats/usage.md), imported instead of watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import PREFIX, File, Row, Said
from tokenpal.sources.usage_lines import FAMILY, Bad, problem, record

SAID: Final = Said("usage", "Usage lines", "usage lines (tokenpal-usage/1)")


def is_document(found: Any) -> bool:
    """A file of one line."""
    return isinstance(found, dict) and is_rows((found,))


def read_document(found: Any, file: File) -> Iterator[Item]:
    return read_rows((Row(1, found),), file)


def is_rows(sample: Sequence[Mapping[str, Any]]) -> bool:
    return any(isinstance(said := row.get("is"), str) and said.startswith(FAMILY) for row in sample)


def read_rows(rows: Iterable[Row], file: File) -> Iterator[Item]:
    prefix = f"{PREFIX}:usage:{file.account}"
    for line, found in rows:
        try:
            yield record(found, prefix)
        except Bad as reason:
            yield problem(file.name, line, str(reason))
