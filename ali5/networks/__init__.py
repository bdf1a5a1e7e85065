"""Networks and their weights: loading, initialising, devices; `architectures` has the papers."""
