"""Where one is in a network."""
