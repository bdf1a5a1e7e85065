"""What the labs share, and what each of them knows: one module for one lab."""
