"""What is known about the networks, one paper per file, as their modules are. No torch."""
