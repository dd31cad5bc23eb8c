"""The parts of the check-in page: the week's evidence with notes to insert, the four fields with their pins, and looking back.

May import `ui.widgets`, `ui.charts`, the series of `ui.overview`, the words of `ui.sessions` and the modules of `ui` itself. May not import pages or dialogs.
"""
