"""The command line: one file per group of commands. Works without a display.

May import: engine, insight, pricing, store, sources, share, system, settings, model.
May not import: ui, Qt, sqlite3, httpx, keyring.
"""
