"""The kernels of a step."""
