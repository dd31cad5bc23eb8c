"""The parts of the Overview page: the big chart's card, the small cards below it, the first run.

May import `ui.widgets`, `ui.charts`, `ui.sessions.words` and the modules of `ui` itself. May not import pages or dialogs.
"""
