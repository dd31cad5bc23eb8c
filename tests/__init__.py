"""Tests: one folder per room; what several of them share is here and in conftest.py."""
