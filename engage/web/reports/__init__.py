"""The reports room: what came of engagements, what was promised, what was given, and what the law asks."""
