"""Tests against a real X display or a headless weston, a real D-Bus session and real hosts, each started for the test alone.

``test_journeys`` plays a person's first day by keyboard alone, every step of it on every desktop: with a tray, without one, with
one that comes late or dies and comes back, and under a headless weston. Keys reach that weston by its own module screen-share
(``glass``), since its headless backend has no keyboard; ``screen`` hears over AT-SPI what is shown. ``test_atspi`` walks every
page, state and dialog; ``test_demo`` compares a person's files before and after sample data were looked at. The others are about
one thing each: tray, notifications, hot key. ``by_hand`` holds desktops that are too large for a test.

May import the app only to start it, and ``tests.ui.everywhere`` for the faces to show.
"""
