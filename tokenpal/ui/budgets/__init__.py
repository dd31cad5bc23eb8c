"""Budgets as rows that pages and the dialog of budgets show: a meter, a name and words.

May import `ui.widgets`, the modules of `ui` itself, `insight` and `model`. May not import pages, dialogs or charts: who embeds
the rows opens the dialog.
"""
