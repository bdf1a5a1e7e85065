"""What a visitor brings and chooses: picture, network, weights, colours."""
