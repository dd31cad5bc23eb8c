"""Claude Code's status line: how it stands, and what putting it in or taking it out would change. The page asks and acts."""

from __future__ import annotations

from pathlib import Path

from tokenpal.engine import statusline
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark, tr

WHY = mark(
    "After each answer Claude Code hands its official 5-hour and weekly limits to a status line. tokenpal can be that line: it shows "
    "model, session, limits and today's tokens, and keeps the limits."
)
CHANGED = mark("One entry of Claude Code's settings is changed, and a copy of the file is kept.")
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
        return tr("The settings of Claude Code cannot be read"), f"{problem.sentence} {problem.next_step}".strip(), tr("Close"), ()
    file = "\n\n" + tr("File: {path}", path=path)
    if standing.installed:
        back = " " + tr("Your own line comes back: {line}", line=standing.former) if standing.former else ""
        kept = tr("Its limits are kept as Claude Code tells them. Taken out, the file is as it was before.")
        return tr("Claude Code shows tokenpal's status line"), f"{kept}{back}{file}", tr("Leave it"), (("remove", tr("Take it out"), False),)
    own = " " + tr("Your own line goes on below it: {line}", line=standing.command) if standing.command else ""
    return tr("Let Claude Code show tokenpal's status line?"), f"{tr(WHY)} {tr(CHANGED)}{own}{file}", tr("Leave it"), (("install", tr("Put it in"), False),)


def done(standing: statusline.Standing) -> str:
    """What was done."""
    if standing.installed:
        return tr("Claude Code shows tokenpal's status line from its next answer on.")
    return tr("The status line is as it was before.")
