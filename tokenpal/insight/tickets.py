"""Ticket ids in branch names, as GitHub, Jira and Linear make them. Suggestions only: the person decides.

- Jira, upper-case anywhere: ``feature/PAY-142-retry`` -> PAY-142
- Linear, lower-case at the start of a part: ``jane/eng-123-fix-login`` -> ENG-123
- GitHub's own branches and the usual words: ``142-fix-login``, ``issue-142``, ``gh-142``, ``fix/#142`` -> #142
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

UPPER: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9})-([1-9]\d{0,6})(?![A-Za-z0-9.])")
LOWER: Final = re.compile(r"([a-z]{2,7})-([1-9]\d{0,5})(?=$|[-_])(?!-\d)")
WORD: Final = re.compile(r"(?<![a-z0-9])(?:issues?|gh|ticket|fix(?:es)?|closes|bug)[-_/]?#?([1-9]\d{0,6})(?![a-z0-9.])", re.IGNORECASE)
HASH: Final = re.compile(r"#([1-9]\d{0,6})(?![A-Za-z0-9])")
LEADING: Final = re.compile(r"([1-9]\d{0,5})[-_](?=[A-Za-z])")
YEAR: Final = re.compile(r"(?:19|20)\d\d")

NOT_A_KEY: Final = frozenset(
    (  # noqa: SIM905 - a list of sixty quoted words cannot be read
        "agent alpha beta bug build chapter claude closes codex day demo dev draft exp feat feature fix fixes for gh gpt hotfix issue issues iso "
        "java main node part phase pr prod py python rc rel release rev rfc round run sha sprint stage step task test tests ticket tls try "
        "utf v ver version wcag week wip worker x"
    ).split()
)
"""Words that stand before a number without being a ticket's project: ``release-2``, ``UTF-8``, ``python-3``."""
ROBOTS: Final = ("dependabot/", "renovate/")
"""Branches made by robots name packages and versions."""


@lru_cache(maxsize=4096)
def ticket_ids(branch: str) -> tuple[str, ...]:
    """The ids in order of appearance, each once: ``PAY-142`` or ``#142``. Empty for plain names."""
    if branch.startswith(ROBOTS):
        return ()
    found: list[tuple[int, str]] = [
        (match.start(), f"{match[1]}-{match[2]}") for match in UPPER.finditer(branch) if match[1].lower() not in NOT_A_KEY
    ]
    found += [(match.start(), f"#{match[1]}") for pattern in (WORD, HASH) for match in pattern.finditer(branch)]
    start = 0
    for part in branch.split("/"):
        if (match := LOWER.match(part)) and match[1] not in NOT_A_KEY:
            found.append((start, f"{match[1].upper()}-{match[2]}"))
        elif (match := LEADING.match(part)) and not YEAR.fullmatch(match[1]):
            found.append((start, f"#{match[1]}"))
        start += len(part) + 1
    return tuple(dict.fromkeys(name for _, name in sorted(found)))
