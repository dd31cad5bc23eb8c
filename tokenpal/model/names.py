"""Model names: one base name for the spellings that providers, regions and dates give the same model."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

DATE: Final = re.compile(r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest)|-v\d+(?::\d+)?|:\d+|\[\w+\])+$")
"""What stands at the end: a date, Amazon's revision, the context size that Claude Code notes as ``[1m]``."""
REGION: Final = re.compile(r"^(?:(?:(?:us|eu|apac|global|jp|au|ca)\.)?(?:anthropic|amazon|meta|mistral|openai|google|azure)\.)+")
"""What stands before the name on Amazon Bedrock."""


@lru_cache(maxsize=4096)
def base_name(model: str) -> str:
    """``us.anthropic.claude-sonnet-5-20260929-v1:0``, ``anthropic/claude-sonnet-5`` and ``claude-sonnet-5@20260929``
    are ``claude-sonnet-5`` (agent-logs 3.2). Used to match logs with reports, never to show.
    """
    name = model.lower().rsplit("/", 1)[-1].strip()
    return DATE.sub("", REGION.sub("", name)).strip()
