"""Floor 3: the verbs, one function per thing a person can do. They flush and never commit."""
