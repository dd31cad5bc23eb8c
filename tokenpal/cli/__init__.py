"""The command line: one file per group of commands. Works without a display.

``main`` imports only the file of the chosen command, and ``statusline`` nothing that takes time: it runs at every answer.

May import: engine, insight, pricing, store, sources, share, system, settings, model.
May not import: ui, Qt, sqlite3, httpx, keyring.
"""
