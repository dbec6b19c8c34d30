"""Files are kept outside the database and handed out only to whoever may see their record, never to be shown."""

import hashlib
import io
import os

import factories as make
import getting_ready as ready
import hostile_files as made
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.importing.attachments import check
from engage.models.files import StoredFile
from engage.models.norms import Norm
from engage.models.training import Completion
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete
from engage.services import files
from engage.services.transaction import transaction


@pytest.fixture
def claimed(visitor):
    """Somebody who recorded a course with its certificate, over the page."""
    with transaction():
        who = make.person()
    visitor.sign_in(who).get("/training")
    send(visitor, "certificate.pdf", made.pdf())
    return who


def send(visitor, name, content, status=303):
    """Record a course with a file, as the page's form does."""
    visitor.submit(
        {
            "course_id": str(ready.course("CTAT")),
            "completed_on": "2026-02-01",
            "certificate": (io.BytesIO(content), name),
        },
        status=status,
    )


def only_file() -> StoredFile:
    return db.session.scalars(select(StoredFile)).one()


def test_a_certificate_lies_outside_the_database_under_its_digest(claimed):
    row = only_file()

    assert (row.name, row.media_type, row.size_bytes) == ("certificate.pdf", "application/pdf", len(made.pdf()))
    assert row.sha256 == hashlib.sha256(made.pdf()).hexdigest()
    assert (files.folder() / row.sha256[:2] / row.sha256).read_bytes() == made.pdf()


def test_it_is_handed_out_to_be_saved_and_nothing_in_it_runs(visitor, claimed):
    with visitor.client.get(f"/files/{only_file().id}") as answer:
        assert answer.data == made.pdf()

    assert answer.headers["Content-Disposition"] == "attachment; filename=certificate.pdf"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_stranger_is_told_there_is_no_such_file_and_the_training_owner_has_it(visitor, claimed):
    file_id = only_file().id
    with transaction():
        stranger, owner = make.person(Role.ADMINISTRATOR), make.person(Role.TRAINING_OWNER)

    visitor.sign_in(stranger).get(f"/files/{file_id}", status=404)
    visitor.sign_in(owner)
    with visitor.client.get(f"/files/{file_id}") as answer:
        assert answer.status_code == 200


def test_a_file_of_a_record_nobody_ruled_on_is_nobodys(visitor):
    with transaction():
        who = make.person()
        row = files.keep(check("note.txt", b"x"), about=("unruled", 1), by=make.actor(who), now=make.NOON)

    visitor.sign_in(who).get(f"/files/{row.id}", status=404)


@pytest.mark.parametrize("name", ["svg-named.pdf", "program.docx", "page-named.txt", "huge.png", "drawing.svg"])
def test_evidence_that_is_not_what_it_says_is_refused_at_its_field_and_nothing_is_kept(visitor, name):
    with transaction():
        who = make.person()
    visitor.sign_in(who).get("/training")

    send(visitor, name, made.REFUSED[name], status=422)

    assert 'id="certificate-error"' in visitor.page.html
    assert db.session.scalars(select(StoredFile)).all() == []
    assert db.session.scalars(select(Completion)).all() == []


def test_a_request_that_is_too_large_is_refused_before_it_is_read(visitor):
    with transaction():
        who = make.person()
    visitor.sign_in(who)

    answer = visitor.client.post(
        "/training", data=b"a" * (6 * 1024 * 1024 + 1), content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code == 413


def test_the_organisation_sets_how_large_and_how_many(store):
    with transaction():
        who = make.actor(make.person())
        for key, value in (("upload_megabytes", 1), ("upload_files_per_record", 2), ("upload_files_per_day", 3)):
            db.session.scalar(select(Norm).where(Norm.key == key)).value = value

    def refused(content=b"x", about=1):
        with pytest.raises(Incomplete) as refusal, transaction():
            files.keep(check("n.txt", content), about=("item", about), by=who, now=make.NOON, at="paper")
        return refusal.value.at["paper"]

    def kept(about):
        with transaction():
            files.keep(check("n.txt", b"x"), about=("item", about), by=who, now=make.NOON)

    assert refused(b"x" * (1024 * 1024 + 1)) == "The file is larger than 1 MB."
    kept(1), kept(1)
    assert refused() == "2 files are kept here already, which is the most."
    kept(2)
    assert refused(about=3) == "You have sent 3 files within a day, which is the most. Go on tomorrow."


@pytest.mark.parametrize(("command", "said"), [
    ("true", ""),
    ("false", "The scanner found something harmful in this file, so it was not kept."),
    ("/nowhere/scanner", "The file could not be scanned now, so it was not kept. Try again later."),
    ("sh -c 'exit 2'", "The file could not be scanned now, so it was not kept. Try again later."),
])  # fmt: skip
def test_a_scanner_has_the_last_word(store, app, command, said):
    from dataclasses import replace

    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, scanner=command)
    try:
        with transaction():
            who = make.actor(make.person())
        try:
            with transaction():
                row = files.keep(check("n.txt", b"scan me"), about=("item", 1), by=who, now=make.NOON)
            assert row.scanned_by == "true"
            heard = ""
        except Incomplete as refusal:
            heard = refusal.at["file"]
        assert heard == said
    finally:
        app.config["SETTINGS"] = before


def test_changed_and_missing_bytes_are_named_and_only_what_nobody_needs_is_swept(store):
    with transaction():
        who = make.actor(make.person())
        one, two, gone = (
            files.keep(check("n.txt", content), about=("item", 1), by=who, now=make.NOON)
            for content in (b"one", b"two", b"gone")
        )
        files.remove(gone, by=who, now=make.NOON)
    assert files.damaged() == []

    def place(row):
        return files.folder() / row.sha256[:2] / row.sha256

    for row in (one, two, gone):
        os.utime(place(row), (0, 0))
    assert files.sweep(now=make.NOON) >= 1
    assert [place(row).exists() for row in (one, two, gone)] == [True, True, False]

    place(one).write_bytes(b"changed")
    place(two).unlink()
    assert files.damaged() == [
        f"File {one.id}, n.txt: its bytes were changed.",
        f"File {two.id}, n.txt: its bytes are missing.",
    ]
