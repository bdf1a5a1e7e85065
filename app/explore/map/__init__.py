"""The map of a network: every step, where it gets its input, what it costs."""
