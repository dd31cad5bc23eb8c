"""Model names: one base name for the spellings that providers, regions and dates give the same model."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

DATE: Final = re.compile(r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest)|-v\d+(?::\d+)?|:\d+)+$")
REGION: Final = re.compile(r"^(?:(?:us|eu|apac|global|jp|au)\.)?(?:anthropic|amazon|meta|mistral|openai|google|azure)[./]")


@lru_cache(maxsize=4096)
def base_name(model: str) -> str:
    """``us.anthropic.claude-sonnet-5-20260929-v1:0``, ``anthropic/claude-sonnet-5`` and ``claude-sonnet-5@20260929``
    are ``claude-sonnet-5`` (agent-logs 3.2). Used to match logs with reports, never to price or to show.
    """
    name = model.strip().lower()
    name = REGION.sub("", name)
    name = name.rsplit("/", 1)[-1]
    return DATE.sub("", name)
