"""The large interactive charts of the pages.

May import: `ui.theme`, `ui.paint`, `ui.palette`, `ui.numbers`, `ui.widgets`. Imported only when a page with a chart opens.

    data      Bucket, Series, StackedSeries: frozen plain values a chart takes; as_table, summary
    bars      StackedChart: .set_series, .set_hidden, .select; bucket_selected, range_selected, selection_cleared, activated
    panel     ChartPanel: a StackedChart with the table behind it (Ctrl+T) and PNG, SVG, CSV export
    timeline  Timeline: one session's own bars with its pauses

Why not pyqtgraph: design.md asks for rounded tops, one pixel of card between segments, fills that say what a label says
and hover columns behind the bars, none of which its bar items draw; painting by hand is as quick (365 days in 8 series:
under 5 ms, see desktop-lab.md section 9) and spares every window the import of numpy and pyqtgraph, about 0.4 s and 50 MiB.
All bars live in one cached picture; hover and selection repaint only what lies behind and above it.
"""
