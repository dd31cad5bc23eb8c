"""The parts of the Sharing page, and its dialogs: invitation, start, leave, an entry of the log, verifying, publishing.

May import: `ui.widgets`, `ui.dialogs`, the modules of `ui` itself, `engine` and `model`. May not import pages or charts, nor
`share` and the network: everything is asked of the engine. A part shows a `SharingView` and says what the person pressed;
the page acts on it. There is no table of people here, and no figure about one person.
"""
