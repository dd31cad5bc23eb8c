"""The journal's parts: the list by day, the detail pane, the triage bar. The page joins them.

May import `ui.widgets`, `ui.charts` and the modules of `ui` itself. May not import pages or dialogs.
Nothing here asks the engine by itself except through the page's ``Desk``.
"""
