"""The parts of the settings page: rows with a control for each kind of setting, the list of sections, data actions, About.

May import `ui.widgets`, `ui.theme`, `ui.page`, `settings`, and of the engine what acts on the data as a whole; dialogs when they are
opened. May not import pages or charts.
"""
