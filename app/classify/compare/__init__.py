"""What several networks say of one picture."""
