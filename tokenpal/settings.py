"""The one table of settings and its file."""
