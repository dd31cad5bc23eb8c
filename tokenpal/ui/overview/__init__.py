"""The parts of the Overview page: the big chart's card, the small cards below it, the first run.

May import `ui.widgets`, `ui.charts`, `ui.budgets`, `ui.insights`, `ui.sessions.words`, the modules of `ui` itself, `engine` (questions and
answers), `insight` and `model`. May not import pages, dialogs or the store.
"""
