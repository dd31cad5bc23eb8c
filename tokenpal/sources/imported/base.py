"""What the formats share: the file at hand, and days by model added up before they become records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from tokenpal.model.names import maker, plain, provider_id
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Grain, Item, Origin, Quality, UsageRecord, stable_key
from tokenpal.sources.buckets import utc_day
from tokenpal.sources.numbers import Notes, day_epoch

PREFIX: Final = "imported"
LOCAL: Final = "local day"  # trackers cut days at midnight of their machine (store.remainder)
DAY: Final = 86_400


class File(msgspec.Struct, frozen=True):
    """Where items come from. ``at`` (its last change, epoch seconds) stands in for times that the content lacks."""

    name: str
    at: int
    account: int = 0


class Row(NamedTuple):
    """One line of JSON lines or of a table, and its number."""

    line: int
    found: Mapping[str, Any]


class Said(msgspec.Struct, frozen=True):
    """What the person is told of a format."""

    id: str  # root of its account
    name: str  # name of its account
    what: str  # "a daily report of ccusage"
    provider: str = ""  # "" = records name their own


class Days:
    """Tokens by day, model and provider. The same day and model twice in one file is added up: agents, projects, clients."""

    def __init__(self, said: Said, file: File) -> None:
        self.said, self.file = said, file
        self.notes: list[Notes] = []
        self._sums: dict[tuple[int, str, str], tuple[Tokens, int | None]] = {}

    def note(self, place: str) -> Notes:
        made = Notes(self.file.name, place)
        self.notes.append(made)
        return made

    def day(self, value: Any, notes: Notes) -> int | None:
        """Epoch seconds of the day; a day that is none is a problem."""
        at = day_epoch(value)
        if at is None:
            notes.problem("a day is not written as 2026-11-21; it was left out")
        return at

    def add(self, at: int, model: Any, provider: Any, tokens: Tokens, requests: int | None = None) -> None:
        name = plain(model.strip()) if isinstance(model, str) else ""
        if name in {"unknown", "<synthetic>"}:
            name = ""
        seller = provider_id(provider) if isinstance(provider, str) and provider not in {"", "unknown"} else maker(name)
        key = (at, name, seller)
        before, known = self._sums.get(key, (NO_TOKENS, 0))
        self._sums[key] = (before + tokens, None if known is None or requests is None else known + requests)

    def items(self) -> Iterator[Item]:
        for (at, model, provider), (tokens, requests) in self._sums.items():
            if not tokens.total:
                continue
            day, place = utc_day(at), f"{self.said.id}:{self.file.account}"
            yield UsageRecord(
                key=stable_key(f"{PREFIX}:{place}:{day}:{provider}", model or "unknown"),
                session=f"{PREFIX}:{place}:{day}",
                at=at,
                model=model,
                tokens=tokens,
                requests=requests,
                grain=Grain.DAY,
                quality=Quality.AGGREGATE,
                endpoint=LOCAL,
                provider=provider,
            )
        for notes in self.notes:
            yield from notes.problems()


def request(
    said: Said, file: File, own: str, variant: str, session: str, at: int | None, model: Any, tokens: Tokens, *, whole: bool, **more: Any
) -> UsageRecord:
    """A record with a time of its own. ``whole`` = it sums several requests, which are then not counted."""
    seconds = file.at if at is None else at
    if whole:
        seconds -= seconds % 60
        more = {"requests": None, "grain": Grain.MINUTE, "quality": Quality.AGGREGATE, **more}
    elif at is None:
        more = {"quality": Quality.INFERRED, **more}
    day = datetime.fromtimestamp(max(0, seconds), UTC).strftime("%Y-%m-%d")
    return UsageRecord(
        key=stable_key(f"{PREFIX}:{said.id}:{file.account}:{own}", variant),
        session=f"{PREFIX}:{said.id}:{plain(session) or day}",
        at=seconds,
        model=plain(model) if isinstance(model, str) else "",
        tokens=tokens,
        origin=Origin.MEASURED,
        **{"provider": said.provider, **more},
    )


def print_of(row: Mapping[str, Any]) -> str:
    """What names a row that has no id: a hash of it, so that the same file again is the same use."""
    try:
        said = msgspec.json.encode(row, order="deterministic")
    except (UnicodeEncodeError, ValueError, RecursionError):  # half of a surrogate pair, say
        said = repr(sorted(row.items(), key=lambda each: each[0])).encode("utf-8", "backslashreplace")
    return blake2b(said, digest_size=12).hexdigest()
