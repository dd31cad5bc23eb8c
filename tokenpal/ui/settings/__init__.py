"""The parts of the settings page: a control for each kind of setting, and what can be done with the data."""
