"""The field sheet: one page and one sheet of paper, in the order in which others ask, without a passport number."""

import io

import factories as make
import pytest
from pypdf import PdfReader

from engage.documents import field_sheet as paper
from engage.models.trips import Clearance, Trip
from engage.rules.policy import Role
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.workflow import State
from engage.services import field_sheet
from engage.services.transaction import transaction


@pytest.fixture
def going(store):
    with transaction():
        lead, second = make.person(name="Ada Lead"), make.person(name="Zoë Ñandú")
        item = make.engagement(State.APPROVED, by=lead, travellers=[lead, second], purpose="مرحبا. To agree 🚀.")
        trip = store.scalars(make.db.select(Trip).where(Trip.engagement_id == item.id)).first()
        store.add(Clearance(
            trip_id=trip.id, kind=ClearanceKind.COUNTRY, country_code="EE", status=ClearanceStatus.RESTRICTED,
            reference="TALLINN-4471", restriction="Capital only", recorded_at=make.NOON, recorded_by_id=lead.id,
            decided_on=make.TODAY,
        ))  # fmt: skip
    return lead, item


def test_the_sheet_says_what_others_ask_in_their_order(visitor, going):
    lead, item = going
    page = visitor.sign_in(lead).get(f"/engagements/{item.id}")
    assert f"/engagements/{item.id}/sheet" in page.links
    text = visitor.get(f"/engagements/{item.id}/sheet").text
    order = ["Ada Lead", "Passport number", "To agree", "Tallinn, Estonia", "Partner ", "$1,200.00", "not decided yet",
             "TALLINN-4471", "Capital only"]  # fmt: skip

    assert [word for word in order if word not in text] == []
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "TLP:GREEN" in text
    answer = visitor.client.get(f"/engagements/{item.id}/sheet.pdf")
    assert answer.mimetype == "application/pdf"
    read = PdfReader(io.BytesIO(answer.get_data()))
    assert len(read.pages) == 1
    assert "TALLINN-4471" in read.pages[0].extract_text()


def test_the_sheet_is_for_those_who_prepare_the_journey(visitor, going):
    _, item = going
    with transaction():
        stranger, secretary, other = make.person(), make.person(Role.SECRETARIAT), make.person(Role.LEADERSHIP)
    for who, status in ((stranger, 403), (other, 403), (secretary, 200)):
        visitor.sign_in(who).get(f"/engagements/{item.id}/sheet", status=status)
        assert visitor.client.get(f"/engagements/{item.id}/sheet.pdf").status_code == status


def test_a_large_party_still_fits_one_page(store):
    with transaction():
        by = make.person()
        party = [make.person(name=f"Traveller {i}") for i in range(12)]
        item = make.engagement(State.SUBMITTED, by=by, travellers=party,
                               purpose="A long purpose. " * 60, why_not_virtual="A long reason. " * 30)  # fmt: skip

    assert len(PdfReader(io.BytesIO(paper.as_pdf(field_sheet.of(item.id), make.NOON))).pages) == 1


def test_a_passport_is_recorded_without_its_number(visitor, going):
    lead, item = going
    trip = make.db.session.scalars(make.db.select(Trip).where(Trip.engagement_id == item.id)).first()
    visitor.sign_in(lead).get(f"/trips/{trip.id}/clearance")
    said = {"kind": "passport", "country_code": "EE", "status": "granted", "decided_on": "2026-03-01"}
    visitor.submit({**said, "reference": "C12345678"}, status=422)
    visitor.submit({**said, "reference": "Official passport in hand", "valid_until": "2029-01-01"})
    assert "Official passport in hand" in visitor.get(f"/engagements/{item.id}/sheet").text
