"""Stacks of layers of one's own choice: what they cost, see and make of a picture."""
