"""What becomes of the answer when the picture or the network is changed."""
