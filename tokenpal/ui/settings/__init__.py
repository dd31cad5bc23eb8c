"""The parts of the settings page: a control for each kind of setting.

May import `ui.widgets`, `ui.theme` and `settings`. May not import pages, dialogs, charts or the engine.
"""
