"""One channel beside the picture, and what lies behind one of its pixels."""
