"""The language of the window: the person's choice, else that of the system where there is a catalogue for it.

Words, separators, the direction of the layout and Qt's own dialogs change together; pages made before are made again by the desktop.
"""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from tokenpal.settings import Settings
from tokenpal.translation import use
from tokenpal.ui.numbers import use_locale

_qt: QTranslator | None = None


def speak(settings: Settings) -> str:
    """Put ``appearance.language`` in force; the code that is spoken."""
    chosen = settings.get("appearance.language")
    spoken = use(chosen or QLocale.system().name())
    locale = _locale(spoken if chosen else "")
    use_locale(locale)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setLayoutDirection(QLocale(spoken).textDirection())
        _speak_qt(app, spoken)
    return spoken


def _locale(language: str) -> QLocale:
    """The system's own where it is of that language, else the language as it is written in the person's country, where it is."""
    system = QLocale.system()
    if not language or QLocale(language).language() == system.language():
        return system
    return QLocale(QLocale(language).language(), system.territory())


def _speak_qt(app: QApplication, language: str) -> None:
    """The words of Qt itself: file dialogs, the menu of a text field."""
    global _qt
    if _qt is not None:
        app.removeTranslator(_qt)
        _qt = None
    made = QTranslator()
    if language != "en" and made.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(made)
        _qt = made
