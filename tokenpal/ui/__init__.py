"""The window, the tray and everything a person sees.

May import: PySide6, and of tokenpal `model`, `settings`, `insight`, `engine` and `system.paths`.
May not import: sources, the database, the network. No slot of this package waits for the engine.

The look lives in five neighbours that every page uses and none may go around (design.md):

* `palette` - the named colours, the only hex values of the app;
* `theme`   - colours, type scale, spacing and motion as Qt objects, and the `changed` signal;
* `icons`   - own SVG icons recoloured from the palette, tray pictures, the app icon;
* `numbers` - how a figure, an amount or a share is written, and
* `times`   - a duration, a moment or an age: as `insight` writes them for the terminal too.
"""
