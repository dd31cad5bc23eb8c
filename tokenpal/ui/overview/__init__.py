"""The parts of the Overview page: the big chart's card, the small cards below it, the first run."""
