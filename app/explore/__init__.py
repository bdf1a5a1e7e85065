"""The parts of the Explore page: overview, layer, unit, one module each."""
