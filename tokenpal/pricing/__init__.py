"""What a token costs on a date, and why we think so.

May import: model; genai_prices inside functions only.
May not import: anything with I/O, threads, asyncio, Qt, the rooms above.

``PriceBook(rates, now=...)`` answers, ``pricer(book)`` is the quick form that the store's rules take.
"""

from tokenpal.pricing.cost import cost
from tokenpal.pricing.table import PERSON, PriceBook, Pricer, pricer

__all__ = ["PERSON", "PriceBook", "Pricer", "cost", "pricer"]
