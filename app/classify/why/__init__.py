"""Where an answer comes from in the picture."""
