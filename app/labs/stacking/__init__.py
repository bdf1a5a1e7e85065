"""The lab of stacked layers."""
