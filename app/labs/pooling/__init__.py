"""The lab of pooling."""
