"""Where an answer comes from in the picture: one method per file."""
