"""Pure sums: sessions, tasks, series for charts, limits and forecasts, why reports and logs differ; and the words for them.

Words that window and terminal share live here (``numbers``, ``moments``, ``*_words``, ``health``, ``corrections``, ``exchange``).

May import: pricing, model.
May not import: anything with I/O, threads, asyncio, Qt, the rooms above.
"""
