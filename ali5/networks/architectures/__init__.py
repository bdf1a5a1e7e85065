"""The networks themselves, one paper per file. What is known of them is in `ali5.catalog`."""
