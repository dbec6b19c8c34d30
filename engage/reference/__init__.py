"""The only place for facts about the world that others maintain: countries, places, time zones, holidays.

Nothing here knows the database, the web or the clock. Where a package is stale or silent, the correction
stands beside the code that reads it, so that an update of the package can be checked against it.
"""
