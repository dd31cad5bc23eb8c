"""Claude Code's status line: how it stands, and what putting it in or taking it out would change. The page asks and acts."""

from __future__ import annotations

from pathlib import Path

from tokenpal.engine import statusline
from tokenpal.model.errors import TokenpalError

WHY = (
    "After each answer Claude Code hands its official 5-hour and weekly limits to a status line. tokenpal can be that line: it shows "
    "model, session, limits and today's tokens, and keeps the limits."
)
Question = tuple[str, str, str, tuple[tuple[str, str, bool], ...]]
"""Title, sentence, words of the way out, answers: what ``AskDialog`` takes."""


def settings_of(root: str) -> Path:
    """The settings file of the Claude Code whose folder this is."""
    return Path(root) / "settings.json"


def question(path: Path) -> Question:
    """What to ask, as the file is now; nothing is changed by asking."""
    try:
        standing = statusline.show(path)
    except TokenpalError as problem:
        return "The settings of Claude Code cannot be read", f"{problem.sentence} {problem.next_step}".strip(), "Close", ()
    file = f"\n\nFile: {path}"
    if standing.installed:
        back = f" Your own line comes back: {standing.former}" if standing.former else ""
        sentence = f"Its limits are kept as Claude Code tells them. Taken out, the file is as it was before.{back}{file}"
        return "Claude Code shows tokenpal's status line", sentence, "Leave it", (("remove", "Take it out", False),)
    own = f" Your own line goes on below it: {standing.command}" if standing.command else ""
    sentence = f"{WHY} One entry of Claude Code's settings is changed, and a copy of the file is kept.{own}{file}"
    return "Let Claude Code show tokenpal's status line?", sentence, "Leave it", (("install", "Put it in", False),)


def done(standing: statusline.Standing) -> str:
    """What was done."""
    return "Claude Code shows tokenpal's status line from its next answer on." if standing.installed else "The status line is as it was before."
