"""Names that others wrote: made safe to keep and to show; and one base name for the spellings of a model."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

LONGEST: Final = 300  # characters of a name: a branch may have 255 bytes
LONGEST_PATH: Final = 4096
HIDDEN: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
"""What moves a terminal's cursor, ends a line or turns the direction of the text around it; and halves of characters."""

DATE: Final = re.compile(r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest)|-v\d+(?::\d+)?|:\d+|\[\w+\])+$")
"""What stands at the end: a date, Amazon's revision, the context size that Claude Code notes as ``[1m]``."""
REGION: Final = re.compile(r"^(?:(?:(?:us|eu|apac|global|jp|au|ca)\.)?(?:anthropic|amazon|meta|mistral|openai|google|azure)\.)+")
"""What stands before the name on Amazon Bedrock."""


def plain(text: str, longest: int = LONGEST) -> str:
    """A branch, model, folder or id as a log or a provider wrote it: one line, nothing hidden, not endless.

    What is cut keeps a hash of the whole, so that two names stay two.
    """
    if len(text) <= longest:
        return text if text.isprintable() else HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{HIDDEN.sub(chr(0xFFFD), text[: longest - 17])}…{digest}"


def whole(text: str) -> str:
    """Text of the person, as UTF-8 can hold it: two halves of a character beside each other are joined, a lone half is U+FFFD.

    A keyboard, the clipboard or a command line's raw bytes may hand one over; a data file cannot keep it.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


@lru_cache(maxsize=4096)
def base_name(model: str) -> str:
    """``us.anthropic.claude-sonnet-5-20260929-v1:0``, ``anthropic/claude-sonnet-5`` and ``claude-sonnet-5@20260929``
    are ``claude-sonnet-5`` (agent-logs 3.2). Used to match logs with reports, never to show.
    """
    name = model.lower().rsplit("/", 1)[-1].strip()
    return DATE.sub("", REGION.sub("", name)).strip()


ANY_PROVIDER: Final = "any"
"""The provider of an account whose records each name their own (sources.base)."""

SELLERS: Final = {
    "claude": "anthropic", "anthropic-api": "anthropic", "claude-code": "anthropic", "openai-native": "openai", "openai-codex": "openai",
    "codex": "openai", "chatgpt": "openai", "openai-responses": "openai", "gemini": "google", "google-gemini": "google", "google-ai": "google",
    "google-generative-ai": "google", "google-gemini-cli": "google", "amazon-bedrock": "aws", "bedrock": "aws", "aws-bedrock": "aws",
    "vertex": "google-vertex", "vertexai": "google-vertex", "azure-openai": "azure", "copilot": "github-copilot", "github": "github-copilot",
    "x-ai": "xai", "grok": "xai", "kimi": "moonshot", "moonshotai": "moonshot", "moonshot-ai": "moonshot", "z-ai": "zai", "zhipu": "zai",
    "mistralai": "mistral", "together-ai": "together", "togetherai": "together", "fireworks-ai": "fireworks",
    "moonshotai-cn": "moonshot", "kimi-for-coding": "moonshot", "zai-coding-plan": "zai", "zhipuai": "zai", "zhipuai-coding-plan": "zai",
    "minimax-cn": "minimax", "minimax-coding-plan": "minimax", "minimax-cn-coding-plan": "minimax", "siliconflow-cn": "siliconflow",
    "novita-ai": "novita", "nano-gpt": "nanogpt", "deep-infra": "deepinfra", "venice-ai": "venice", "ollama-cloud": "ollama",
    "llama.cpp": "llamacpp", "llama-cpp": "llamacpp", "llama-server": "llamacpp",
}  # fmt: skip
"""Other spellings of the providers that our sources name; the rest stays as written."""


@lru_cache(maxsize=1024)
def provider_id(raw: str) -> str:
    """One id for the spellings of a provider in agents' logs: ``Amazon Bedrock``, ``amazon_bedrock`` -> ``aws``; "" stays ""."""
    name = re.sub(r"[^a-z0-9.]+", "-", plain(raw, 100).lower()).strip("-")
    return SELLERS.get(name, name)


MAKERS: Final = re.compile(r"(?P<anthropic>claude)|(?P<openai>gpt-(?!oss)|chatgpt|codex|o[134](?:-|$))|(?P<google>gemini)|(?P<xai>grok)")
"""Families that in the main their makers sell; open models are sold by many."""


def maker(model: str) -> str:
    """Who makes a model, by its name alone: for records of an agent with several providers that names none; "" = cannot tell."""
    found = MAKERS.match(base_name(model))
    return (found.lastgroup or "") if found else ""
