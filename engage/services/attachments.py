"""The only writer of files about a request: what its requester attaches for the board, and takes away again."""

from datetime import datetime

from engage.importing.attachments import Checked
from engage.models.engagements import Engagement
from engage.models.files import StoredFile
from engage.rules.policy import Actor, Subject
from engage.rules.refusals import NotOpen
from engage.services import engagements, files, states


def attach(engagement: Engagement, subject: Subject, file: Checked, *, by: Actor, now: datetime) -> StoredFile:
    """Keep a checked file about a request that is in the requester's hands.

    Raises NotAllowed, NotOpen, or Incomplete at "file": too large, too many, or refused by the scanner.
    """
    states.hold(engagement)
    engagements.must_be_writable(subject, engagement.state, by=by)
    return files.keep(file, about=("item", engagement.id), by=by, now=now)


def remove(engagement: Engagement, subject: Subject, file_id: int, *, by: Actor, now: datetime) -> None:
    """Take a file away while the request is in the requester's hands. Raises NotAllowed or NotOpen."""
    states.hold(engagement)
    engagements.must_be_writable(subject, engagement.state, by=by)
    file = files.find(file_id)
    if file is None or (file.about_kind, file.about_id) != ("item", engagement.id):
        raise NotOpen("There is no such file about this request.")
    files.remove(file, by=by, now=now)
