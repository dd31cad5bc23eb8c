"""The parts of the Tasks page: task rows and their table, rules with previews, suggestions, merging and deleting.

May import `ui.widgets`, the modules of `ui` itself, `engine`, `insight` and `model`. May not import pages, dialogs or charts.
"""
