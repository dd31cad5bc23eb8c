"""Which models count as frontier and which as small or open. One rule for all, shown beside every figure it makes.

1. A model whose weights are published (by the names below), or that a person runs on their own machine, is open.
2. Else its list price for output decides: from $8 per million tokens on it is a frontier model, below it a small one.
3. Without a name we know and without a price nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from tokenpal.model.names import base_name

FRONTIER_FROM: Final = 8_000_000
"""Picodollars per output token: $8 per million. Today's small models of the large makers cost up to $5, their large ones from $8 on."""

OPEN: Final = re.compile(
    r"(?:^|[-_.])(?:gpt-oss|(?:code)?llama|qwen(?!.*-(?:max|plus|turbo|flash)\b)[\d.]*|qwq|deepseek|mistral-nemo|mistral-small|mixtral|devstral(?!-medium)|ministral|"
    r"gemma|phi|kimi-k2|kimi-dev|glm|minimax-m\d|granite|olmo|starcoder|nemotron|smollm|falcon|yi|command-r|hermes|mimo|longcat|seed-oss|internlm|exaone)"
    r"(?=[-_.:\d]|$)"
)
"""Families whose weights are published, by how their names begin."""


class ModelClass(StrEnum):
    """What a model counts as; the value is the word in JSON."""

    FRONTIER = "frontier"
    SMALL = "small"
    OPEN = "open"
    UNKNOWN = "unknown"


def model_class(model: str, output: int | None) -> ModelClass:
    """``output`` is the list price in picodollars per output token; None = not known."""
    if OPEN.search(base_name(model)):
        return ModelClass.OPEN
    if output is None:
        return ModelClass.UNKNOWN
    return ModelClass.FRONTIER if output >= FRONTIER_FROM else ModelClass.SMALL


class Classed(msgspec.Struct, frozen=True):
    """A model with its class, the price that says so, and its tokens."""

    model: str
    kind: ModelClass
    output: int | None
    tokens: int


class Shares(msgspec.Struct, frozen=True):
    """Tokens by class; models by falling tokens."""

    frontier: int
    small: int
    open: int
    unknown: int
    models: tuple[Classed, ...]

    @property
    def share(self) -> float | None:
        """The small and open ones' share of what has a class, 0 to 1; None when nothing has."""
        known = self.frontier + self.small + self.open
        return (self.small + self.open) / known if known else None


def shares(models: Iterable[tuple[str, int | None, int]]) -> Shares:
    """From (model, output price, tokens)."""
    found = [Classed(model, model_class(model, output), output, tokens) for model, output, tokens in models if tokens > 0]
    found.sort(key=lambda one: (-one.tokens, one.model))
    sums = {kind: sum(one.tokens for one in found if one.kind is kind) for kind in ModelClass}
    return Shares(sums[ModelClass.FRONTIER], sums[ModelClass.SMALL], sums[ModelClass.OPEN], sums[ModelClass.UNKNOWN], tuple(found))
