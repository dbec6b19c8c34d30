"""The duty room."""
