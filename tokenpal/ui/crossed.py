"""The words for a limit that came near or a balance that got low."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tokenpal.insight.limit_words import balance_words, limit_words
from tokenpal.insight.limits import LimitView
from tokenpal.model.events import Notable
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.status import NearLimit, Status, picture

if TYPE_CHECKING:
    from tokenpal.engine.glance import Glance
    from tokenpal.insight.limits import BalanceView
    from tokenpal.ui.desk import Desk

HOUR = 3600


def limit_key(one: LimitView | BalanceView, *, near_only: bool = False) -> str:
    """What is told once: this window until its reset, this balance until it is topped up. "" with ``near_only`` when it is not near."""
    if isinstance(one, LimitView):
        if near_only and not one.state.near:
            return ""
        resets = one.state.reading.resets_at
        # A reset is told anew with every reading and wobbles by seconds; without one a window is news again on another day.
        until = round(resets / HOUR) * HOUR if resets is not None else one.state.reading.at // (24 * HOUR) * 24 * HOUR
        return f"limit {one.account_id} {one.state.reading.name} {until}"
    if near_only and not one.burn.low_balance:
        return ""
    return f"balance {one.account_id} {one.balance.name} {one.burn.topped_up[0] if one.burn.topped_up else 0}"


def limits_crossed(figures: Glance, names: Iterable[str], desk: Desk) -> tuple[Notable, ...]:
    """A notable for each window or balance of these names."""
    wanted = frozenset(names)
    now, zone = desk.now(), desk.zone()
    found = []
    with numbers.plain():  # figures are left out when it is shown
        for view in figures.limits:
            if view.name in wanted:
                said, resets = limit_words(view, now, zone), view.state.reading.resets_at
                limit = NearLimit(view.name, view.state.used_percent or 0.0, desk.moment(resets) if resets is not None else None)
                outlook = _sentence(said.outlook) if said.pressing and said.runs else ""
                sentence = " ".join(part for part in (outlook, tr("Nothing was stopped.")) if part)
                found.append(Notable("limits", limit_key(view), picture(Status(near_limit=limit), desk.moment())[1], sentence, "overview"))
        for balance in figures.balances:
            if balance.name in wanted:
                left = balance_words(balance, now, zone)
                sentence = _sentence(left.outlook) if left.lasts else tr("It is low.")
                found.append(Notable("limits", limit_key(balance), f"{balance.name}: {left.left}", sentence, "accounts", balance.account_id))
    return tuple(found)


def _sentence(phrase: str) -> str:
    return f"{phrase[:1].upper()}{phrase[1:]}."
