"""The lab of convolution."""
