"""One file per provider or log format: fetch, then parse to usage records.

May import: system.net, model, and what sources share here (below).
May not import: one another, store, settings, system.secrets, sqlite3, httpx, Qt: a source is handed what it needs.

To add one: a module here with the names of ``base.Source`` (``INFO``, ``State``, ``fetch``, ``parse``, and what else it has of
them), samples in ``tests/data/<its id>/``, for a provider account also what the loopback server answers for it in
``tests/providers/<its name>.py``, and one line in resources/sources.md. Nothing else: ``registry`` finds it; settings, accounts,
the add-account dialog, command line, bundle and import contracts go by the registry or by wildcard; ``test_contract``,
``test_everyone``, ``test_specs`` and ``test_fuzz_reports`` in ``tests/sources`` run over it, and ``test_smallest`` there shows a
whole provider in forty lines: INFO, WORDS, one ``Call`` and the function that reads its answer. What a format needs of
several files is a package with the same names in its ``__init__`` (``claude_code``, ``codex``), one unit as seen from outside.
The smallest to start from: ``deepseek`` (one balance), ``opencode_go`` (windows of a plan), ``vllm`` (a server's counters).

Shared: ``base`` (the contract); for accounts ``http`` (asking), ``buckets`` (report days), ``balances``, ``plans`` (windows),
``exposition`` and ``prometheus`` (counters of servers), ``numbers``; for logs ``walk`` (which files), ``tail`` (new lines), ``documents`` (rewritten files),
``livedb`` (agents' databases, the one module that may import sqlite3), ``lenient`` (odd JSON), ``times``, ``counts`` (possible numbers),
``roots`` and ``editors`` (where things lie), ``cumulative`` (running totals), and what one family of agents writes:
``cline_rows``, ``opencode_rows``, ``pi_rows``. Another shared module must be named in pyproject.toml.
"""
