"""PySide6 reads the source of every module that is imported after it, to see whether it asks for PySide's ``__feature__`` switches.

Nothing here asks for them, and Python keeps each text it read so: 7 MB in an idle tray, and time before the icon. An installed
program has no source and goes the same way: what cannot be read uses no switch.
"""

from __future__ import annotations

import sys
from typing import Final

READER: Final = ("shibokensupport.feature", "_mod_uses_pyside")
"""In PySide6 6.11. Where it is called otherwise, everything is read as before."""


def leave_sources() -> None:
    """Call it once, after the first import of PySide6."""
    module, name = READER
    feature = sys.modules.get(module)
    if hasattr(feature, name):
        setattr(feature, name, lambda _module: False)
