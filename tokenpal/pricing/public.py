"""Public list prices from genai-prices, turned into rates. Offline: its updater is never started.

The package costs a third of a second and 30 MB, so it is imported at the first question that the price ledger cannot
answer. Its version is known without importing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tokenpal.model.names import base_name
from tokenpal.model.ranges import DAY_SECONDS
from tokenpal.model.rates import Prices, Rate, Tier

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

PICO_PER_MTOK: Final = 1_000_000  # $1 per million tokens = 10^12 / 10^6 picodollars per token
CLASSES: Final = {
    "fresh_input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
}
CONTEXTS: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "batch": ({"processing": "batch"},),
    "flex": ({"service_tier": "flex"},),
    "priority": ({"service_tier": "priority"},),
    "fast": ({"speed": "fast"}, {"service_tier": "fast"}),
}
"""How the package names our tiers."""
HALF: Final = {("anthropic", "batch"), ("openai", "batch"), ("openai", "flex")}
"""Half of the standard price on the provider's own price page, also for days before the package noted the tier."""
LOCAL: Final = frozenset({"ollama", "lmstudio", "lm-studio", "llama.cpp", "llamacpp", "vllm", "sglang", "localai", "local"})
"""Models on the person's own machine have no list price, whatever they are called."""
BEDROCK: Final = re.compile(r"(?:(?:us|eu|apac|global|jp|au|ca)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai)\.")
ROUTE: Final = re.compile(r":(?!\d)[a-z]+$")  # OpenRouter's ":free", ":nitro": a price of its own or none


class PublicPrices:
    """The installed genai-prices. ``origin`` names it and its version in every rate."""

    @cached_property
    def origin(self) -> str:
        from importlib.metadata import PackageNotFoundError, version  # asked for only when something is priced

        try:
            return f"genai-prices {version('genai-prices')}"
        except PackageNotFoundError:
            return "genai-prices"

    @cached_property
    def _providers(self) -> list[Provider]:
        from genai_prices.data_snapshot import get_snapshot

        return get_snapshot().providers

    def rate(self, provider: str, model: str, at: int, tier: str, noted_at: int) -> Rate | None:
        """The price that held at ``at``, or None when the model, or this tier of it, is not in the table.

        The rate carries ``provider`` and ``model`` as asked, so that it is found again under the same names.
        """
        for seller, info, reference in self._matches(provider, model):
            wanted = "fast" if not tier and reference.endswith("-fast") and "fast" not in info.id else tier
            found = self._priced(seller, info, at, wanted)
            if found is None:
                return None
            prices, long_context = found
            since, until = _holds(info, at, wanted)
            return Rate(provider, model, prices, self.origin, noted_at, tier, since, until, long_context)
        return None

    def _matches(self, provider: str, model: str) -> Iterator[tuple[Provider, ModelInfo, str]]:
        from genai_prices.data_snapshot import find_provider_by_id

        for seller_name, reference in references(provider, model):
            if seller_name:
                seller = find_provider_by_id(self._providers, seller_name)
            else:  # the maker, by the model's name alone
                seller = next((p for p in self._providers if p.model_match is not None and p.model_match.is_match(reference)), None)
            if seller is None:
                continue
            info = seller.find_model(reference, all_providers=self._providers)
            if info is not None:
                yield seller, info, reference

    def _priced(self, seller: Provider, info: ModelInfo, at: int, tier: str) -> tuple[Prices, tuple[Tier, ...]] | None:
        moment = datetime.fromtimestamp(at, UTC)
        if not tier:
            return _converted(info.get_prices(moment))
        own = any(info is one for one in seller.models)  # tiers are stated for the seller's own models only
        for context in CONTEXTS.get(tier, ()):
            stated = any(
                variant.when == context and (variant.constraint is None or variant.constraint.active(moment))
                for variant in info.price_variants or ()
            )
            if stated and own:
                return _converted(info.get_prices(moment, context))
        standard = _converted(info.get_prices(moment))
        if standard is None or not own or (seller.id, tier) not in HALF:
            return None
        prices, long_context = standard
        return _halved(prices), tuple(Tier(step.above, _halved(step.prices)) for step in long_context)


def references(provider: str, model: str) -> Iterator[tuple[str, str]]:
    """(seller, name) pairs to try, the most telling first; an empty seller means "whoever makes it".

    ``us.anthropic.claude-…`` is sold by Amazon, ``claude-…@20260929`` by Google, whatever the log's provider is.
    """
    name = model.strip().lower()
    seller = provider.strip().lower()
    if not name or name.startswith("<") or seller in LOCAL:
        return
    *path, tail = name.split("/")
    if path and path[0] in LOCAL:
        return
    base = base_name(name)
    if BEDROCK.match(tail):
        yield "aws", tail
    elif "@" in tail:
        yield "google", tail
    if seller:
        yield from dict.fromkeys((seller, spelling) for spelling in (name, tail, base))
    if ROUTE.search(tail):
        return
    if path:
        yield from dict.fromkeys((path[-1], spelling) for spelling in (tail, base))
    yield "", tail
    yield "", base


def _converted(price: ModelPrice) -> tuple[Prices, tuple[Tier, ...]] | None:
    """None for models that are not priced by tokens."""
    if getattr(price, "input_mtok", None) is None and getattr(price, "output_mtok", None) is None:
        return None
    stated = {ours: getattr(price, theirs, None) for ours, theirs in CLASSES.items()}
    starts = {step.start for value in stated.values() for step in getattr(value, "tiers", ())}
    tiers = tuple(
        Tier(start, Prices(**{name: _pico(_above(value, start)) for name, value in stated.items()}))
        for start in sorted(starts, reverse=True)
    )
    return Prices(**{name: _pico(getattr(value, "base", value)) for name, value in stated.items()}), tiers


def _above(value: Any, start: int) -> Decimal | None:
    """The price once the prompt is longer than ``start`` tokens."""
    price: Decimal | None = getattr(value, "base", value)
    for step in getattr(value, "tiers", ()):
        if step.start <= start:
            price = step.price
    return price


def _pico(dollars_per_mtok: Decimal | None) -> int | None:
    if dollars_per_mtok is None:
        return None
    return int((dollars_per_mtok * PICO_PER_MTOK).to_integral_value(ROUND_HALF_EVEN))


def _halved(prices: Prices) -> Prices:
    return Prices(**{name: None if (value := getattr(prices, name)) is None else round(value / 2) for name in CLASSES})


def _holds(info: ModelInfo, at: int, tier: str) -> tuple[int, int | None]:
    """[since, until) around ``at`` in which the table states one and the same price; 0 and None = no bound known."""
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    conditions = [part.constraint for part in (info.prices if isinstance(info.prices, list) else ())]
    if tier:
        conditions += [variant.constraint for variant in info.price_variants or ()]
    edges: set[int] = set()
    midnight = at - at % DAY_SECONDS
    for condition in conditions:
        if isinstance(condition, StartDateConstraint):
            edges.add(int(datetime.combine(condition.start_date, time(), UTC).timestamp()))
        elif isinstance(condition, TimeOfDateConstraint):
            for clock in (condition.start_time, condition.end_time):
                offset = clock.utcoffset()
                second = clock.hour * 3600 + clock.minute * 60 + clock.second - (int(offset.total_seconds()) if offset else 0)
                edges.update(midnight + day * DAY_SECONDS + second % DAY_SECONDS for day in (-1, 0, 1))
    return max((edge for edge in edges if edge <= at), default=0), min((edge for edge in edges if edge > at), default=None)
