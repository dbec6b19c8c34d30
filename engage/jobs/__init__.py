"""Floor 4b: the other entrance, the clock."""
