"""From a unit back to the picture (Zeiler and Fergus 2014)."""
