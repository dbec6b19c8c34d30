"""The guidance room."""
