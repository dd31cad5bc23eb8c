"""What a model switch would have cost, in words: both sums, and that token counts would differ. No advice."""

from __future__ import annotations

from typing import Final

from tokenpal.insight.insight_words import dollars, dollars_each
from tokenpal.insight.numbers import DASH, exact
from tokenpal.insight.switching import Switch, SwitchLine
from tokenpal.translation import mark, tr

CLASS_WORDS: Final = {
    "fresh_input": mark("Fresh input"), "cache_read": mark("Cache read"), "cache_write_5m": mark("Cache write, 5 min"),
    "cache_write_1h": mark("Cache write, 1 h"), "cache_write_other": mark("Cache write"), "output": mark("Output"),
}  # fmt: skip
TOKENS_DIFFER: Final = mark("The same number of tokens at another price. Another model may use more or fewer tokens for the same work, and cache differently.")


def switch_sentence(model: str, other: str, found: Switch) -> str:
    """Both sums; what is not known is said."""
    if not found.lines:
        return tr("{model} was not used in these days.", model=model)
    if found.would is None:
        return tr("The list price of {other} is not known for all of these tokens.", other=other)
    if found.was is None:
        return tr("At the list price of {other}: {would}. What {model} cost is not known for all of these tokens.", other=other, would=dollars(found.would), model=model)
    return tr("{model}: {was} at list price. The same tokens at the list price of {other}: {would}.",
              model=model, was=dollars(found.was), other=other, would=dollars(found.would))  # fmt: skip


def cells(line: SwitchLine) -> tuple[str, str, str, str]:
    """Tokens, what they cost, the other model's price per million tokens, what they would have cost."""
    return exact(line.tokens), dollars(line.was), DASH if line.price is None else dollars_each(line.price), dollars(line.would)
