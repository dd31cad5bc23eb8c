"""Runs the loop: when to poll, what to read, who to tell. asyncio in its own thread.

``queries`` and ``commands`` are what window and command line ask and do; beside them stand answers that both show alike
(``overview``, ``limits``, ``health``, ``reconciliation``, ``prices``) and what the person hands over (``importing``, ``receiver``,
``statusline``). ``inside`` runs the watches: logs, accounts, rates.

May import: sources, store, share, insight, pricing, system, settings, model.
May not import: ui, Qt, sqlite3, httpx, keyring.
"""
