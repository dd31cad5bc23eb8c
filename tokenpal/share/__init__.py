"""Turns finished totals into an anonymous packet, shows it, and decides what may leave.

May import: system.net, model.
May not import: store, sources, system.secrets, keyring, sqlite3: it cannot reach rows, names or keys.

The client's side of sharing: the report of a week and its coin, when anything may be sent (``consent``), the rules under which
a member answers, one request at a time (``exchange``), and the words of the log (``audit``). What a team's endpoint knows as well
is in ``protocol``. The caller hands in two facts of a week, and keeps the draw, the log and the keys.
"""
