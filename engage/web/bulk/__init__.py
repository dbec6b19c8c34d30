"""The room of imports by page."""
