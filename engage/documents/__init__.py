"""Floor 3½: facts become bytes."""
