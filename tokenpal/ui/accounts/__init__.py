"""The parts of the Accounts page: the list, and the card of one account.

May import what ``ui`` may; nothing here asks the engine by itself, the page does.
"""
