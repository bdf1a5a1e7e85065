"""A forward pass read as a graph: kinds of step, plans, windows, receptive fields and costs."""
