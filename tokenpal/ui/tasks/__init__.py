"""The parts of the Tasks page: task rows, rules with their preview."""
