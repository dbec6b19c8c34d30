"""The secretariat room."""
