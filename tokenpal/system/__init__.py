"""The machine: folders, secrets, lock, autostart, logs, sleep, the HTTP client (``net``) and the loopback server (``inbound``);
idle time, a key for the whole desktop, and whether somebody else sees the screen, where the system tells.

May import: settings, model, translation; keyring in secrets only, httpx in net only.
May not import: Qt, sqlite3, the rooms above. ``where`` imports nothing that takes time: the status line starts with it.
"""
