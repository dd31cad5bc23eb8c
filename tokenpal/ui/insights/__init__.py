"""What may be worth a look: the card of quiet lines and the arithmetic behind each.

May import: engine (questions and acts), insight, model, the other rooms of ui. May not import: store, sources.
"""
