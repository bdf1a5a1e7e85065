"""A network as a whole: what it says of the picture, and its map."""
