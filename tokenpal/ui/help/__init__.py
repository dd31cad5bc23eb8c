"""Help: the guide of ``resources/guide`` as a window, and one hint a page that appears once.

May import: PySide6, ``tokenpal.translation``, ``settings``, ``system.paths`` and the look (theme, widgets). Not: pages, engine.
"""
