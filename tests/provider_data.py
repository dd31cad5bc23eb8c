"""Made-up use of all providers, the same for every process that asks: what the loopback server tells, and the truth it
must add up to. Nothing here is anybody's real use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import add

HOUR = 3600
DAY = 86_400

MODELS = {
    "openai": ("gpt-6-astra", "gpt-6-mini"),
    "anthropic": ("claude-sonnet-5", "claude-haiku-5"),
    "openrouter": ("anthropic/claude-sonnet-5", "qwen/qwen4-coder"),
    "litellm": ("claude-sonnet-5", "llama-5-70b"),
}
KEYS = {
    "openai": ("key_laptop", "key_server"),
    "anthropic": ("apikey_laptop", ""),  # "" = the Console's workbench, of the default workspace
    "openrouter": ("laptop", "server"),
    "litellm": ("88dc28d0f030c55ed4ab77ed8faf0981", "11aa28d0f030c55ed4ab77ed8faf0982"),
}
OTHERS = "somebody-else"  # LiteLLM: a user whose use must never be read


@dataclass(frozen=True)
class Use:
    """Tokens by class, requests, and cost in millionths of a dollar."""

    fresh: int = 0
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    write_other: int = 0
    output: int = 0
    reasoning: int = 0
    requests: int = 0
    micros: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(*map(add, vars(self).values(), vars(other).values()))

    @property
    def total(self) -> int:
        return self.fresh + self.read + self.write_5m + self.write_1h + self.write_other + self.output

    @property
    def prompt(self) -> int:
        return self.total - self.output


NOTHING = Use()


@dataclass(frozen=True)
class World:
    """What is asked about: another seed is another history, as after a revision by the provider."""

    now: int
    seed: int = 1
    days: int = 60  # the first use was this many days ago
    hidden: tuple[str, ...] = ()  # models that have vanished from the reports

    @property
    def first(self) -> int:
        return (self.now // DAY - self.days + 1) * DAY


def _roll(*parts: object) -> int:
    return int.from_bytes(blake2b(":".join(map(str, parts)).encode(), digest_size=6).digest())


def use_in_hour(world: World, provider: str, hour: int, model: str, key: str, user: str = "") -> Use:
    """The use of one model with one key in the hour that starts at ``hour``; most hours have none."""
    if not world.first <= hour <= world.now or model in world.hidden:
        return NOTHING
    return _use(world.seed, provider, hour, model, key, user)


@lru_cache(maxsize=200_000)
def _use(seed: int, provider: str, hour: int, model: str, key: str, user: str) -> Use:
    dice = _roll(seed, provider, hour, model, key, user)
    if dice % 7 > 1:
        return NOTHING
    fresh, output = 100 + dice % 9001, 10 + dice // 7 % 3001
    use = Use(
        fresh=fresh,
        read=dice // 11 % 50_000,
        write_5m=dice // 13 % 2000 if provider == "anthropic" else 0,
        write_1h=dice // 17 % 1000 if provider == "anthropic" else 0,
        write_other=dice // 19 % 3000 if provider in {"openai", "litellm"} else 0,
        output=output,
        reasoning=output // 3 if provider == "openrouter" else 0,
        requests=1 + dice // 23 % 30,
    )
    return use + Use(micros=use.prompt + 7 * use.output + dice % 3)


def sum_of(world: World, provider: str, start: int, end: int, model: str, key: str, user: str = "") -> Use:
    """All hours that start in [start, end)."""
    total = NOTHING
    for hour in range(max(start, world.first), min(end, world.now + 1), HOUR):
        use = use_in_hour(world, provider, hour, model, key, user)
        if use is not NOTHING:
            total += use
    return total


def groups(provider: str) -> Iterator[tuple[str, str]]:
    from tests.providers import found

    for model in MODELS.get(provider) or found()[provider].MODELS:
        for key in KEYS.get(provider) or found()[provider].GROUPS:
            yield model, key


def truth(world: World, provider: str, start: int, end: int) -> Use:
    """What a client must arrive at for the UTC span [start, end)."""
    total = NOTHING
    for model, key in groups(provider):
        total += sum_of(world, provider, start, end, model, key)
    return total
