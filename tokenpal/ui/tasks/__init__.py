"""The parts of the Tasks page: task rows, rules with their preview.

May import `ui.widgets`, the modules of `ui` itself, `engine`, `insight` and `model`. May not import pages, dialogs or charts.
"""
