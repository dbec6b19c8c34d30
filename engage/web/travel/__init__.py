"""The travel room."""
