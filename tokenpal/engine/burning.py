"""Sessions that run now and use far more than usual: asked by the idle app too, so it stands apart from the other insights."""

from __future__ import annotations

from typing import Any, Final

from tokenpal.engine.changes import changes
from tokenpal.insight import unusual
from tokenpal.model.insight import Burn
from tokenpal.model.ranges import DAY_SECONDS
from tokenpal.sources import registry
from tokenpal.store import recent, silence as silence_rows, told
from tokenpal.store.database import Store
from tokenpal.translation import tr

OWN_DAYS: Final = 28  # of use that make the person's own range
MOST_WINDOWS: Final = 600
MAIN: Final = frozenset({"", "main", "master", "HEAD", "no branch"})


def burning(store: Store, now: int) -> list[Burn]:
    """Sessions still running at ``now`` (epoch seconds) far above the person's own range; those silenced are left out."""
    found = []
    running = recent.running(store, now - unusual.PAUSE)
    aside = told.silenced(store) if running else frozenset()
    for one in running:
        if one.key in aside:
            continue
        uses = recent.uses(store, one.id, now - unusual.LOOK_BACK)
        if sum(tokens for at, tokens in uses if now - unusual.WINDOW < at <= now) < unusual.LEAST_TOKENS:
            continue
        usual = _own_range(store, one.agent, now)
        spell = None if usual is None else unusual.spell(uses, now, usual)
        if usual is not None and spell is not None:
            info = registry.source(one.agent)
            found.append(
                Burn(one.key, name(one.branch, one.project, one.account), info.INFO.name if info is not None else one.account, spell.tokens, spell.seconds,
                     usual.median, usual.high, usual.fence, usual.windows, max(at for at, _ in uses if at <= now))
            )  # fmt: skip
    return found


def _own_range(store: Store, agent: str, now: int) -> unusual.OwnRange | None:
    """Of the four weeks before today (UTC); asked once a day, as past days hardly change."""
    today = now // DAY_SECONDS * DAY_SECONDS
    known: dict[str, Any] = store.memory.setdefault("own range", {})
    if known.get(agent, (0, None))[0] != today:
        windows = recent.windows(store, agent, today - OWN_DAYS * DAY_SECONDS, today, unusual.WINDOW, MOST_WINDOWS)
        known[agent] = (today, unusual.own_range(windows))
    found: unusual.OwnRange | None = known[agent][1]
    return found


@changes("labels")
def silence(store: Store, session: str) -> None:
    """Say nothing more of this session's use; can be undone."""
    silence_rows.silence(store, session, tr("Silence a session"))


def name(branch: str, project: str, account: str) -> str:
    """What the person knows a session by: its branch, else its folder, else its agent."""
    return (branch if branch not in MAIN else "") or project.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or account
