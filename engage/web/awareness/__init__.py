"""The awareness room."""
