"""Tests against a real X display, a real D-Bus session and a real tray host, each started for the test alone."""
