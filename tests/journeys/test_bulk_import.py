"""The real requests brought in by page: columns named, every bad row told, taken whole, twice the same as once."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import factories as make
import openpyxl
import pytest
import sqlalchemy as sa

from engage import seed
from engage.models.engagements import Engagement, Leg
from engage.models.imports import ImportBatch, Stage
from engage.models.partners import Partner
from engage.models.search import SearchEntry
from engage.rules.policy import Role
from engage.services import bulk, bulk_work
from engage.services.transaction import transaction

REAL = Path(seed.__file__).parent / "real" / "requests-real.csv"


def send(visitor, kind, content, name="file.csv", status=303):
    """Send a file; gives the page it leads to, or the form again."""
    visitor.get("/import")
    page = visitor.post("/import", {"kind": kind, "file": (io.BytesIO(content), name)}, status=status,
                        content_type="multipart/form-data")  # fmt: skip
    return visitor.follow() if status == 303 else page


def workbook(rows):
    """An XLSX of these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def count(store, model):
    return store.scalar(sa.select(sa.func.count()).select_from(model))


def number_of(store):
    return store.scalar(sa.select(sa.func.max(ImportBatch.id)))


def test_the_real_requests_come_in_by_page_and_are_found(visitor, store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
    before = count(store, Engagement)
    page = send(visitor.sign_in(secretary), "requests", REAL.read_bytes(), "requests-real.csv")
    assert "16 new" in page.text
    number = number_of(store)
    visitor.post(f"/import/{number}/take")
    assert "16 new" in visitor.follow().text
    assert count(store, Engagement) - before == 16
    assert "CyCon 2024" in visitor.get("/search?q=cycon+baltic").text
    assert "16 here already" in send(visitor, "requests", REAL.read_bytes()).text


def test_columns_are_named_once_and_remembered(visitor, store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
    rows = [["Who", "Where", "Sort"], ["ÅCERT", "EE", "national_csirt"], ["BCERT", "LV", "ngo"]]
    page = send(visitor.sign_in(secretary), "partners", workbook(rows), "p.xlsx")
    assert "problem" in page.text
    number = number_of(store)
    named = {"name": "Who", "country_code": "Where", "kind": "Sort"}
    page = visitor.post(f"/import/{number}/columns", {**named, "short_name": "Who"}, status=422)
    assert "is named twice" in page.text
    visitor.post(f"/import/{number}/columns", named)
    assert "2 new, 0 changed" in visitor.follow().text
    visitor.post(f"/import/{number}/take")
    assert store.scalar(sa.select(Partner.country_code).where(Partner.name == "ÅCERT")) == "EE"
    page = send(visitor, "partners", workbook([*rows, ["CCERT", "FI", "ngo"]]), "q.xlsx")
    assert "1 new, 0 changed, 2 here already" in page.text


def test_every_bad_row_is_told_by_its_line_and_nothing_is_taken(visitor, store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
    before = count(store, Partner)
    head = ["name", "short_name", "country_code", "kind", "first_member", "url", "source_url"]
    rows = [head, ["Good", "", "EE", "ngo", "", "", ""], ["", "", "EE", "ngo", "", "", ""],
            ["Bad place", "", "ZZ", "ngo", "", "", ""], ["Bad kind", "", "EE", "circus", "", "", ""]]  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    page = send(visitor.sign_in(secretary), "partners", text.getvalue().encode())
    assert [line for line in ("3", "4", "5") if f'data-label="Line">{line}<' not in page.html] == []
    page = visitor.post(f"/import/{number_of(store)}/take", status=422)
    assert "has problems, so nothing is taken" in page.text
    assert count(store, Partner) == before


def bomb():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 60_000_000)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bomb(), "unpacks to"), (workbook([["name"], ["=1+1"]]), "holds a formula"), (b"", "The file is empty"),
        (workbook([["name"]]), "no row below its header"), (b"PK\x03\x04junk", "damaged"),
        ("näme\n1".encode("latin-1"), "not UTF-8"), (b'a,b\n"x', "quotation marks"), (b"\x00\x01", "NUL"),
        (b"name\n" + b"x\n" * 20_001, "more than 20,000 rows"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_at_its_field(visitor, content, said):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
    page = send(visitor.sign_in(secretary), "partners", content, "x.xlsx", status=422)
    assert said in page.text


def test_dates_and_numbers_of_a_workbook_are_read_as_they_stand(store):
    with transaction():
        secretary = make.actor(make.person(Role.SECRETARIAT))
        rows = [["name", "starts_on", "kind"], ["مؤتمر 🚀", date(2027, 5, 4), "training"],
                [7.0, date(2027, 5, 5), "training"]]  # fmt: skip
        batch = bulk.stage("events", workbook(rows), "e.xlsx", by=secretary, now=make.NOON)
        report = bulk.look(batch, by=secretary, now=make.NOON)
    assert (report["problems"], [row[1] for row in report["rows"]]) == (
        [], ["مؤتمر 🚀, 4 May 2027", "7, 5 May 2027"]
    )  # fmt: skip


def test_a_large_file_is_taken_at_once_and_made_to_be_found_where_a_runner_died(store):
    with transaction():
        secretary = make.actor(make.person(Role.SECRETARIAT))
        rows = [["name", "country_code", "kind"], *([f"Bulk {i}", "EE", "ngo"] for i in range(450))]
        batch = bulk.stage("partners", workbook(rows), "p.xlsx", by=secretary, now=make.NOON)
        number = batch.id
        bulk.keep_report(batch, bulk.look(batch, by=secretary, now=make.NOON))
        bulk.take(batch, by=secretary, now=make.NOON)
        assert (batch.stage, batch.total, batch.done) == (Stage.TAKING, 450, 0)
    asked = iter([False, False, True])
    done = bulk_work.work(lambda: make.NOON, lambda: next(asked))  # killed after two sets
    assert 0 < done < 450
    assert store.get(ImportBatch, number).done == done
    assert store.scalar(sa.select(sa.func.count()).where(Partner.name.like("Bulk %"))) == 450  # all are seen at once
    assert store.scalar(sa.select(sa.func.count()).where(SearchEntry.title.like("Bulk %"))) == done
    store.rollback()
    assert bulk_work.work(lambda: make.NOON) == 450 - done
    store.expire_all()
    batch = store.get(ImportBatch, number)
    assert (batch.stage, batch.done, batch.rows) == (Stage.TAKEN, 450, "[]")
    assert store.scalar(sa.select(sa.func.count()).where(Partner.name.like("Bulk %"))) == 450
    assert store.scalar(sa.select(sa.func.count()).where(SearchEntry.title.like("Bulk %"))) == 450
    store.rollback()
    assert bulk_work.work(lambda: make.NOON) == 0


def test_only_who_may_import_comes_in_and_sees_their_own_files(visitor, store):
    with transaction():
        secretary, other = make.person(Role.SECRETARIAT), make.person(Role.SECRETARIAT)
        admin, requester = make.person(Role.ADMINISTRATOR), make.person()
    send(visitor.sign_in(secretary), "partners", b"name\nX")
    visitor.sign_in(other).get(f"/import/{number_of(store)}", status=404)
    visitor.sign_in(requester).get("/import", status=403)
    page = visitor.sign_in(admin).get("/import")
    assert ("People" in page.text, "others hold" in page.text) == (True, False)


def test_what_a_file_leaves_open_is_asked_by_its_page(visitor, store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
    page = send(visitor.sign_in(secretary), "requests", REAL.read_bytes(), "requests-real.csv")
    number = number_of(store)
    asked = store.get(ImportBatch, number).report["questions"]
    (place,) = [n for n, one in enumerate(asked) if "Asia/Shanghai" in one[3]]
    page = visitor.get(f"/import/{number}")
    assert "What it leaves open" in page.text
    url, field = f"/import/{number}/answers", f"question-{place}"
    visitor.post(url, {field: "Mars/Olympus"}, status=422)
    open_before = store.get(ImportBatch, number).report["open"]
    visitor.post(url, {field: "Asia/Shanghai"})
    page = visitor.follow()
    batch = store.get(ImportBatch, number, populate_existing=True)
    assert (batch.answers, batch.report["open"]) == ({asked[place][0]: "Asia/Shanghai"}, open_before - 1)
    assert next(f for f in page.forms if f["action"] == url)["fields"][field] == "Asia/Shanghai"
    visitor.post(f"/import/{number}/take")
    assert "Asia/Shanghai" in store.scalars(sa.select(Leg.zone))
