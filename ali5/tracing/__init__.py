"""One picture's way through a network, and what there is to say of each step."""
