"""The lab of pixels: a picture is numbers."""
