"""The requests room: the columns of the list of my engagements as a file."""

from engage.services import holding
from engage.web.exports import Column, title

COLUMNS = (
    Column("Number", lambda row: row.id),
    Column("Title", lambda row: title(row.marking, row.title)),
    Column("Kind", lambda row: row.kind.label),
    Column("Marking", lambda row: row.marking.label),
    Column("State", lambda row: row.state.label),
    Column("Since", lambda row: row.state_since),
    Column("Who holds it", lambda row: holding.line(row, me=None).who),
    Column("What comes next", lambda row: holding.line(row, me=None).next_what),
    Column("Next date", lambda row: holding.line(row, me=None).next_on),
    Column("Missing", lambda row: holding.line(row, me=None).missing),
    Column("First day", lambda row: row.starts_on),
    Column("Last day", lambda row: row.ends_on),
    Column("Requester", lambda row: row.name),
    Column("Late", lambda row: bool(row.late)),
)
