"""The nouns of tokenpal: frozen values with no input or output at all.

May import: the standard library and msgspec. Must not import anything else of tokenpal, nor sqlite3, asyncio,
threading, Qt or an HTTP client. The words are those of the product: usage record, session, label, task, rule, check-in.
"""
