"""The large interactive charts of the pages.

May import: `ui.theme`, `ui.paint`, `ui.palette`, `ui.icons`, `ui.numbers`, `ui.times`, `ui.widgets`. Imported only when a page with a
chart opens.

    data      Bucket, Series, Mark, Band, Level, StackedSeries: frozen plain values a chart takes
    tables    the same as words: as_table (rows are written when they are looked at), as_csv, summary
    cursor    where mouse or keyboard are, what is chosen; no Qt
    stack     figures to pixels; scale: nice levels, words that fit; marks: signs below the baseline; picture: painting
    face      ChartFace: data, layout, picture; bars: StackedChart, the face with hands: hover, click, drag, keys, zoom
    panel     ChartPanel: a StackedChart with the table behind it (Ctrl+T)
    sheet     Exhibit: what is taken away as PNG, SVG, CSV or to the clipboard, with title, range, origin and context
    timeline  Timeline: one session's own bars with its pauses

Why not pyqtgraph: design.md asks for rounded tops, one pixel of card between segments, fills that say what a label says
and hover columns behind the bars, none of which its bar items draw; painting by hand is as quick (365 days in 8 series:
about 8 ms, figures and signs included) and spares every window the import of numpy and pyqtgraph, about 0.4 s and 50 MiB.
All bars live in one cached picture; hover and selection repaint only what lies behind and above it.
"""
