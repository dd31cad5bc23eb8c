"""The results page: made here, without a script, the same bytes for every member (sharing-protocol 5.9).

A browser cannot sign, so the app makes a link that a member's key signed and that ends after a quarter of an hour. There is no
other way in: no password, no cookie, and nothing on the page depends on whose link it was.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Final

import jinja2
import msgspec
from markupsafe import Markup

from tokenpal.share.protocol import policy as policies
from tokenpal.share.protocol.epochs import epoch_of
from tokenpal.share.protocol.estimate import Week
from tokenpal.share.protocol.roster import Roster, counts
from tokenpal.share.protocol.wire import decode, unb64, verified
from tokenpal.system.paths import resource
from tokenpal.team.storage import Rows, Team
from tokenpal.team.words import Facts, Learning, view

LINK_SECONDS: Final = 15 * 60
SKEW_SECONDS: Final = 5 * 60
"""How far a member's clock may run ahead of this one."""
PASS_LIMIT: Final = 1024
"""Characters of the signed link in an address."""


class Page(msgspec.Struct, frozen=True):
    """An answer for a browser."""

    status: int
    headers: dict[str, str]
    body: bytes


def results(rows: Rows, roster: Roster, team: Team, text: str, now: int) -> Page:
    """The results page for whoever has the signed link ``text`` (base64url); otherwise a page that says how to get one.

    ``roster``: the verified one of ``team``. ``now``: epoch seconds.
    """
    if not link_fits(roster, team.team, text, now):
        return refused()
    return results_page(facts(rows, roster, team, now), team.team)


def link_fits(roster: Roster, team: str, text: str, now: int) -> bool:
    """Whether a present member of this team signed the link, and it has not ended. Never raises."""
    try:
        signed = decode(unb64(text), PASS_LIMIT) if len(text) <= PASS_LIMIT else None
    except (ValueError, RecursionError, OverflowError):
        signed = None
    if signed is None or signed.body.keys() != {"kind", "team", "member", "until"} or signed.kind != "link":
        return False
    member, until = signed.body["member"], signed.body["until"]
    holder = roster.present.get(member) if isinstance(member, str) else None
    if holder is None or signed.body["team"] != team or type(until) is not int:
        return False
    return now < until <= now + LINK_SECONDS + SKEW_SECONDS and verified(signed, holder.identity)


def facts(rows: Rows, roster: Roster, team: Team, now: int) -> Facts:
    """Everything on the page, from what every member may ask this endpoint for."""
    present = epoch_of(now)
    released = [decode(one.body).body for one in rows.releases(team.team)]
    learned = [decode(body).body for body in rows.learnings(team.team)]
    return Facts(
        policy=policies.parse(team.policy),
        week=present,
        members=sum(counts(one, present) for one in roster.present.values()),
        joining=tuple(sorted(one.counts_from for one in roster.present.values() if one.counts_from > present)),
        weeks=tuple(Week(one["epoch"], one["n"], tuple(one["bins"])) for one in released),
        missing=dict(rows.missing(team.team)),
        settled=rows.last_settled(team.team),
        learnings=tuple(Learning(one["epoch"], one["part"], one["name"], one["text"]) for one in reversed(learned)),
    )


def results_page(found: Facts, team: str) -> Page:
    """The page for these facts."""
    return render("results.html", 200, page=view(found), policy_path=f"/v1/teams/{team}/policy")


def refused() -> Page:
    """For a link that has ended, was forged, or is of nobody in the team: one page, so that it tells nobody who is a member."""
    return message(
        403,
        "This link does not open the results",
        "A link works for 15 minutes, and only for members of the team.",
        "Open tokenpal, go to Sharing, and press Open the results page. It makes a new link.",
    )


def message(status: int, title: str, *sentences: str) -> Page:
    """A page with one message."""
    return render("message.html", status, title=title, sentences=sentences)


def render(template: str, status: int, **values: object) -> Page:
    """A template of ``resources/team/templates`` with the house style; every value is escaped."""
    html = _templates().get_template(template).render(css=Markup(_css()), **values)  # noqa: S704 - our own file
    return Page(status, headers(), html.encode())


@cache
def headers() -> dict[str, str]:
    """No script, no picture, no font, no frame, no trace: the style sheet inside the page is all that is allowed."""
    style = base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-robots-tag": "noindex, nofollow",
    }


@cache
def _css() -> str:
    return (resource("team") / "templates" / "page.css").read_text(encoding="utf-8")


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("team") / "templates"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
