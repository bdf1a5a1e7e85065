"""The site: entry, navigation, caches and shared widgets over the engine in `ali5`."""
