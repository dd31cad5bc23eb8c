"""The parts of the Accounts page: the list, and the card of one account.

May import `ui.widgets` and the modules of `ui` itself, `engine` and `model`. May not import pages, dialogs or charts.
Nothing here asks the engine by itself, the page does.
"""
