"""The organisation's dated numbers, the rules with their sources, and the mail queue."""

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.norms import Norm, RequirementRule
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderRule
from engage.rules.policy import Role
from engage.services import norms, outbox
from engage.services.transaction import transaction

GOOD = {"key": "vote_days", "value": "4", "starts_on": "2026-04-01", "source": "Board minutes of 2 March 2026"}


@pytest.fixture
def admin(store) -> Person:
    """An administrator."""
    with transaction():
        return make.person(Role.ADMINISTRATOR)


def test_a_number_gets_a_new_value_from_a_day_on(visitor, admin):
    visitor.sign_in(admin).get("/admin/numbers")
    visitor.submit(GOOD)

    text = visitor.follow().text
    assert "Not yet 4 business days Wed 1 Apr 2026 Board minutes of 2 March 2026" in text
    assert "In force 3 business days Mon 1 Jan 2024" in text
    assert (norms.norm_on("vote_days", make.TODAY), norms.norm_on("vote_days", make.TODAY.replace(month=4))) == (3, 4)


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"starts_on": "2026-03-02"}, "Choose a day after today"), ({"starts_on": ""}, "Give the day."),
    ({"value": "x"}, "Not a valid integer value."), ({"value": ""}, "Give a whole number."), ({"value": "-1"},
                                                                                              "0 to 100,000"),
    ({"value": "9" * 400}, "0 to 100,000"), ({"source": ""}, "Say who decided it"), ({"key": "nothing"},
                                                                                     "Not a valid choice."),
])  # fmt: skip
def test_a_wrong_number_is_refused_at_its_field_with_its_text_kept(visitor, admin, changes, sentence):
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Norm))
    visitor.sign_in(admin).get("/admin/numbers")

    visitor.submit(GOOD | changes, status=422)

    assert sentence in visitor.page.text
    assert (GOOD | changes)["source"] in visitor.page.html
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Norm)) == before


def test_every_rule_is_listed_with_its_source(visitor, admin):
    text = visitor.sign_in(admin).get("/admin/rules").text

    rules = [*db.session.scalars(sa.select(RequirementRule)), *db.session.scalars(sa.select(ReminderRule))]
    assert len(rules) > 5
    for rule in rules:
        assert rule.source
        assert " ".join(rule.source.split()) in text
        assert rule.label in text


def test_the_first_page_tells_how_the_mail_queue_is(visitor, admin):
    with transaction():
        for number in range(3):
            outbox.post(outbox.message(f"k{number}", to=admin.id, template="invitation", subject="x",
                                       about=("person", 1),
                                       now=make.NOON))
        db.session.flush()
        one = db.session.scalars(sa.select(OutboxMessage).limit(1)).one()
        one.delivery = Delivery.REFUSED

    text = visitor.sign_in(admin).get("/admin").text

    assert "Waiting to be mailed 2 Oldest waiting since Mon 2 Mar 2026, 12:00 EST Refused for good 1" in text
    assert "None: messages wait in each person's inbox" in text


@pytest.mark.parametrize("path", ["/admin", "/admin/numbers", "/admin/rules"])
def test_these_pages_take_few_statements(visitor, admin, statements, path):
    visitor.sign_in(admin)
    statements.clear()

    visitor.get(path)

    assert len(statements) <= 4
