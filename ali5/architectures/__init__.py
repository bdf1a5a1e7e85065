"""The networks themselves, one paper per file. What is known about them is in `ali5.catalog`."""
