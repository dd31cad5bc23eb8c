"""Benchmarks: each prints a figure, a yardstick, their ratio and a verdict, after checking the totals (performance 8)."""
