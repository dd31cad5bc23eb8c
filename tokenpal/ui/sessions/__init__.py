"""The journal's parts: the list by day of any length, the detail pane and its timeline, many at once, one after the other.

May import `ui.widgets`, `ui.charts`, `engine` and the modules of `ui` itself. May not import pages or dialogs: the page hands
them in (``edits.Dialogs``). Only ``board``, ``filters``, ``edits`` and ``oneatatime`` ask the engine, through the page's ``Desk``.
"""
