"""Small windows that ask one thing. They give back a value; the page that opened them acts on it.

May import `ui.widgets`, the modules of `ui` itself, `engine` and `model`. May not import pages, their parts or charts.
The two that take a key also hand it to the engine, so that no page ever holds one.
"""
