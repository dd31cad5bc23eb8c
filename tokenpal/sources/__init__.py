"""One file per provider or log format: fetch, then parse to usage records.

May import: system.net, settings, model.
May not import: one another, store, system.secrets, sqlite3, httpx, Qt: a source is handed what it needs.
"""
