"""Building blocks of every page, as in design.md section 6. All are keyboard accessible and carry accessible names.

May import: `ui.theme`, `ui.palette`, `ui.paint`, `ui.stamps`, `ui.icons`, `ui.numbers`, `ui.times`, `ui.shortcuts`. May not import `ui.charts` or pages.
Widgets hold no hex value; they read the theme while painting. Signals of a choice come only from the person: methods
like `choose` and `set` are silent.

    painted   Ringed (shows that the keyboard brought the focus), follow_look(widget)
    picture   Picture, Strip: painted, and a picture to a screen reader (to subclass)
    text      Text(text, role, tone, weight, wrap=, elide=, selectable=, right=), Rule
    buttons   Button, PrimaryButton, Link, IconButton(icon, name), LabelButton(label, compact=), Pressable (to subclass)
    marks     Sign(icon, tone), LabelGlyph(label), SwatchLabel(text, tint), Chip(text, glyph=), KeyHint(key, word)
    controls  Segmented(parts, name), PhraseCombo(word, options), LineEdit, SearchField   -> .chosen(key), .choose(key), .key()
    choices   CheckBox(words), NumberField(name, least, most), DateField(name)
    card      Card(title, qualifier): .body, .set_title, .set_link; DayHeader, EmptyState, Scroll, SlimBar, ghost_bars
    sidebar   Sidebar(pages): .chosen(key), .choose, .set_count, .set_running, .set_foot; SidebarRow
    meters    Meter (three lines), LineMeter (glance), MeterBar, ContextRing
    notices   Banner(kind, sentence, consequence): .add_button; Toast(host): .say(words), .undone
    fields    Field(name, hint): .changed(text); TextArea; BytePreview([ByteLine(code, meaning, answer)])
    legend    Legend(title): .set_items([LegendItem]), .hidden_changed(keys); LabelLegend(column=)
    strips    LabelStrip, WeekStrips, Strip14, HeatMap   -> .set(...)
    table     Table(headers, rows), TableView: .set_table
    rows      NameRows(list): the rows of a plain list of names
    foot      foot(*answers, left=), way_out(dialog, words): the last line of a dialog
    picker    Picker: a field and the list that it narrows (to subclass)
    steps     Steps(steps): the arithmetic of an insight
    focus     FocusRing(app): make one per process and keep it

Import from the module that has it: `from tokenpal.ui.widgets.buttons import Button`.
"""
