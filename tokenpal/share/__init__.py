"""Turns finished totals into an anonymous packet and shows it.

May import: insight, system.net, model.
May not import: store, sources, system.secrets, keyring, sqlite3: it cannot reach rows, names or keys.

So far it makes and explains the report of a week (sharing-protocol 5.3 and 5.4) and sends nothing: there is no network
code here. The caller hands in two facts of a week, and keeps the draw.
"""
