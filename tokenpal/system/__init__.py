"""The machine: folders, secrets, lock, autostart, logs, sleep, the HTTP client (``net``) and the loopback server (``inbound``).

May import: settings, model; keyring in secrets only, httpx in net only.
May not import: Qt, sqlite3, the rooms above. ``where`` imports nothing that takes time: the status line starts with it.
"""
