"""The room of the search: one box over all that may be found."""
