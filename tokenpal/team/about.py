"""The page for works councils and security reviewers at ``/about``: the text of ``resources/team/works-council.md``."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from tokenpal.system.paths import resource
from tokenpal.team.page import Page, render


@cache
def about() -> Page:
    """The page. It holds nothing of a team and may be read by anybody."""
    text = (resource("team") / "works-council.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"]).render(text)
    return render("about.html", 200, text=Markup(html))  # noqa: S704 - our own file, and no HTML passes through it
