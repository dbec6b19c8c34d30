"""The partners room."""
