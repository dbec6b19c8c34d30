"""The only place that reads files other people made: bytes in, checked rows out, every fault with its line.

Pure: no database, no clock, no web. Whether a partner or a forum exists is asked later, by whoever writes
rows.
"""
