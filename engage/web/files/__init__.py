"""The room that hands out files."""
