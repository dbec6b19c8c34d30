"""Floor 1: what is true. Pure functions over plain values; the standard library alone."""
