"""The arithmetic of the labs: small enough to be followed by hand."""
