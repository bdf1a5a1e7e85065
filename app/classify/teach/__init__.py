"""Classes of the visitor's own."""
