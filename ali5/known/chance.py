"""Whatever is drawn at random is drawn alike at every visit."""

SEED = 5
"""Of everything random: untrained weights, kernels, the dealing of pictures, clusters, planes."""
