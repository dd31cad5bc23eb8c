"""The seven pages of the window, one module each; the window imports a page when it is first opened.

May import everything of `ui` but the window, the tray and each other; dialogs only when they are opened.
A page asks the engine through ``Desk.bridge`` and paints the answer. It never writes, opens files or waits.
"""
