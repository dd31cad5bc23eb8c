"""The journal's parts: the list by day, the detail pane, the triage bar. The page joins them.

May import what ``ui`` may; nothing here asks the engine by itself except through the page's ``Desk``.
"""
