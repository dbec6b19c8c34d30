"""The only writer of StoredFile, and of the folder outside the database where the bytes lie by their SHA-256."""

import hashlib
import os
import shlex
import subprocess
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import Row, bindparam, func, select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.files import StoredFile
from engage.models.people import Person
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit, norms, sessions

MEGABYTE = 1024 * 1024
SCAN_SECONDS = 20
ORPHAN_AFTER = timedelta(days=1)  # bytes without a row: their transaction was rolled back, or is still under way

_F, _P = StoredFile.__table__.c, Person.__table__.c
_ABOUT = (
    select(
        _F.id, _F.name, _F.media_type, _F.size_bytes, _F.sha256, _F.uploaded_at, _F.uploaded_by_id, _F.about_id,
        _P.name.label("uploaded_by"),
    )
    .join_from(StoredFile.__table__, Person.__table__, _P.id == _F.uploaded_by_id)
    .where(
        _F.about_kind == bindparam("kind"),
        _F.about_id.in_(bindparam("ids", expanding=True)),
        _F.removed_at.is_(None),
    )
    .order_by(_F.about_id, _F.id)
)  # fmt: skip
_ON_RECORD = select(func.count()).where(
    _F.about_kind == bindparam("kind"), _F.about_id == bindparam("id"), _F.removed_at.is_(None)
)
_BY_PERSON = select(func.count()).where(_F.uploaded_by_id == bindparam("me"), _F.uploaded_at > bindparam("since"))
_SAME_BYTES = select(func.count()).where(_F.sha256 == bindparam("sha256"), _F.removed_at.is_(None))


def keep(
    file: Checked, *, about: tuple[str, int], by: Actor, now: datetime, at: str = "file",
    keep_until: date | None = None, limit: str = "upload_megabytes",
) -> StoredFile:  # fmt: skip
    """Keep a checked file about a record that `by` may change (the caller's service has asked); its row, flushed.

    `at` is the form's field at which Incomplete speaks: too large, too many, or refused by the scanner. The bytes
    are on disk before the row is committed; where the transaction fails they are swept later. `limit` is the norm
    that says how large it may be.
    """
    if by.id is None:
        raise NotAllowed("Sign in to send a file.")
    if refused := _over_a_limit(file, about, by, now, limit):
        raise Incomplete({at: refused})
    digest = hashlib.sha256(file.content).hexdigest()
    row = StoredFile(
        name=file.name,
        media_type=file.media_type,
        size_bytes=len(file.content),
        sha256=digest,
        about_kind=about[0],
        about_id=about[1],
        uploaded_by_id=by.id,
        uploaded_at=now,
        scanned_by=_lay_down(file.content, digest, at),
        keep_until=keep_until,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "keep_file", about=about, by=by, now=now, file=row.id, name=file.name, sha256=digest, size=len(file.content)
    )
    return row


def about(kind: str, ids: list[int]) -> dict[int, list[Row]]:
    """The files kept about these records, by record, in the order they came. One statement, none for no records."""
    found: dict[int, list[Row]] = {}
    for row in db.session.execute(_ABOUT, {"kind": kind, "ids": ids}) if ids else ():
        found.setdefault(row.about_id, []).append(row)
    return found


def find(file_id: int) -> StoredFile | None:
    """The row of a file whose bytes are still kept. Who may have it is services.file_access's to say."""
    row = db.session.get(StoredFile, file_id)
    return row if row is not None and row.removed_at is None else None


def open_bytes(file: StoredFile) -> BinaryIO:
    """The bytes, to be streamed. Raises FileNotFoundError when the folder has lost them."""
    return _path(file.sha256).open("rb")


def look(file: StoredFile, *, by: Actor, now: datetime) -> None:
    """Leave the line that having somebody else's file leaves; one's own leaves none."""
    if file.uploaded_by_id != by.id:
        audit.record("read_file", about=(file.about_kind, file.about_id), by=by, now=now, file=file.id)


def remove(file: StoredFile, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Take a file away: its row stays and says when; its bytes go with the next sweep, if nobody else needs them."""
    file.removed_at = now
    db.session.flush()
    audit.record(
        "remove_file", about=(file.about_kind, file.about_id), by=by, now=now, file=file.id, reason=reason,
        sha256=file.sha256,
    )  # fmt: skip


def folder() -> Path:
    """Where the bytes lie: below the data folder, for the program's eyes only."""
    return current_app.config["SETTINGS"].data / "files"  # type: ignore[no-any-return]


def damaged() -> list[str]:
    """A sentence for each kept file whose bytes are missing or are no longer what they were."""
    found = []
    for row in db.session.execute(select(_F.id, _F.name, _F.sha256).where(_F.removed_at.is_(None)).order_by(_F.id)):
        try:
            with _path(row.sha256).open("rb") as file:
                real = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found.append(f"File {row.id}, {row.name}: its bytes are missing.")
        else:
            if real != row.sha256:
                found.append(f"File {row.id}, {row.name}: its bytes were changed.")
    return found


def sweep(*, now: datetime) -> int:
    """Delete bytes that no row needs and that are older than a day; gives how many files went."""
    gone = 0
    for path in sorted(folder().glob("??/*")):
        old = path.stat().st_mtime < (now - ORPHAN_AFTER).timestamp()
        if old and not db.session.scalar(_SAME_BYTES, {"sha256": path.name}):
            path.unlink()
            gone += 1
    return gone


def _over_a_limit(file: Checked, about: tuple[str, int], by: Actor, now: datetime, limit: str) -> str:
    day = sessions.office_day(now, by.zone)
    largest = norms.norm_on(limit, day)
    if len(file.content) > largest * MEGABYTE:
        return f"The file is larger than {largest} MB."
    most = norms.norm_on("upload_files_per_record", day)
    if db.session.scalar(_ON_RECORD, {"kind": about[0], "id": about[1]}) >= most:  # type: ignore[operator]
        return f"{most} files are kept here already, which is the most."
    daily = norms.norm_on("upload_files_per_day", day)
    if db.session.scalar(_BY_PERSON, {"me": by.id, "since": now - timedelta(days=1)}) >= daily:  # type: ignore[operator]
        return f"You have sent {daily} files within a day, which is the most. Go on tomorrow."
    return ""


def _lay_down(content: bytes, digest: str, at: str) -> str:
    """Scan the bytes and lay them where they belong, whole or not at all; gives the scanner's name."""
    place = _path(digest)
    place.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=folder())  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scanner = _scan(fresh, at)
        os.replace(fresh, place)
    finally:
        Path(fresh).unlink(missing_ok=True)
    return scanner


def _scan(path: str, at: str) -> str:
    """Ask the scanner that the settings name: 0 is clean, 1 is not; anything else, or silence, refuses as well."""
    command: str = current_app.config["SETTINGS"].scanner
    if not command:
        return ""
    words = shlex.split(command)
    try:
        status = subprocess.run(  # the administrator's own command, without a shell
            [*words, path], stdin=subprocess.DEVNULL, capture_output=True, timeout=SCAN_SECONDS, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        status = -1
    if status == 1:
        raise Incomplete({at: "The scanner found something harmful in this file, so it was not kept."})
    if status != 0:
        raise Incomplete({at: "The file could not be scanned now, so it was not kept. Try again later."})
    return Path(words[0]).name[:40]


def _path(digest: str) -> Path:
    return folder() / digest[:2] / digest
