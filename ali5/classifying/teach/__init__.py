"""Classes of one's own for a trained network: only its last layer learns."""
