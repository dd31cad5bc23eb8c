"""What a token costs on a date, and why we think so.

May import: model; genai_prices inside functions only.
May not import: anything with I/O, threads, asyncio, Qt, the rooms above.
"""
