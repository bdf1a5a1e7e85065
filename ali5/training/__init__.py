"""The recipes that made the weights in `assets/weights`, and can make them again."""
