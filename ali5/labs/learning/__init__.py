"""A small network that learns while one looks on: its pictures, its layers, its lesson."""
