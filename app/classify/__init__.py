"""The parts of the Classify pages, one module for each page."""
