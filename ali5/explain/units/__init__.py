"""One number of a trace taken apart: its parts, its receptive field, its winners."""
