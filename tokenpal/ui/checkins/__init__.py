"""What stands beside a check-in: the week's figures and the notes that can be inserted.

May import `ui.widgets`, `ui.charts`, the series of `ui.overview` and the modules of `ui` itself. May not import pages or dialogs.
"""
