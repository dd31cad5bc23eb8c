"""Turns finished totals into an anonymous packet and shows it.

May import: insight, system.net, model.
May not import: store, sources, system.secrets, keyring, sqlite3: it cannot reach rows, names or keys.
"""
