"""Tests of the window: look, widgets, charts, pages; offscreen."""
