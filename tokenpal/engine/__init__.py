"""Runs the loop: when to poll, what to read, who to tell. asyncio in its own thread.

May import: sources, store, share, insight, pricing, system, settings, model.
May not import: ui, Qt, sqlite3, httpx, keyring.
"""
