"""Pure sums: sessions, tasks, series for charts, limits and forecasts.

May import: pricing, model.
May not import: anything with I/O, threads, asyncio, Qt, the rooms above.
"""
