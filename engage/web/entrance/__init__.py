"""The entrance room."""
