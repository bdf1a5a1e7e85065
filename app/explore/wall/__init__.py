"""All maps of a step side by side."""
