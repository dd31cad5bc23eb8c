"""A subject of the guide in the app's own type. The document is set before anything shows it, so that it is laid out once."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QTextBlock, QTextCursor, QTextDocument, QTextFormat, QTextFragment, QTextTable

from tokenpal.ui.theme import font, px


def typeset(markdown: str, parent: QObject) -> QTextDocument:
    """The document of a text; it belongs to ``parent``."""
    document = QTextDocument(parent)
    document.setUndoRedoEnabled(False)
    document.setDefaultFont(font("body"))
    document.setDocumentMargin(0)
    document.setIndentWidth(px(20))
    document.setMarkdown(markdown)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.begin()
    while block.isValid():
        _set_block(cursor, block)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            look = frame.format()
            look.setBorder(0)
            look.setCellPadding(px(5))
            look.setLeftMargin(-px(5))
            frame.setFormat(look)
    cursor.endEditBlock()
    return document


def _set_block(cursor: QTextCursor, block: QTextBlock) -> None:
    """Qt's own sizes of headings and its mono font give way to the type scale."""
    level = block.blockFormat().headingLevel()
    form = block.blockFormat()
    form.setTopMargin(px(18 if level > 1 else 0 if level else 4))
    form.setBottomMargin(px(8 if level else 6))
    form.setLineHeight(140.0, 1)  # per cent
    cursor.setPosition(block.position())
    cursor.setBlockFormat(form)
    for piece in list(_pieces(block)):
        look = piece.charFormat()
        mono, named, strong = look.fontFixedPitch(), look.fontItalic(), look.fontWeight() > QFont.Weight.Medium
        if level or mono or named or strong:  # a key, or the words of a button: no italics; no weight that is not shipped (design 1)
            look.clearProperty(QTextFormat.Property.FontSizeAdjustment)  # what Markdown's headings add on top, even if it is nothing
            look.setFont(font("mono") if mono else font("head") if level else font("body", 600 if strong else 500))
            cursor.setPosition(piece.position())
            cursor.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(look)


def _pieces(block: QTextBlock) -> Iterator[QTextFragment]:
    fragments = block.begin()
    while not fragments.atEnd():
        yield fragments.fragment()
        fragments += 1

