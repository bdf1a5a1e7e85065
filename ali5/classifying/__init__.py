"""Answers of networks: one picture, many pictures, many networks, likeness."""
