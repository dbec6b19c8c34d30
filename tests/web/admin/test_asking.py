"""What a request meets before the board is changed on pages, by rows from a later day."""

from datetime import timedelta

import factories as make
from asking import STARTS, complete
from factories import TODAY
from sqlalchemy import select

from engage.extensions import db
from engage.models.asking import Blackout, ClashRule, Deputy, LeadTime
from engage.models.reviews import ReviewRule
from engage.rules.gates import Gate
from engage.rules.policy import Role
from engage.services import clashes, gates
from engage.services.transaction import transaction

TOMORROW = str(TODAY + timedelta(days=1))


def set_rule(visitor, which, status=303, **fields):
    """Send one of the three forms."""
    page = visitor.get("/admin/asking")
    form = next(f["fields"] for f in page.forms if f["fields"].get("which") == which)
    return visitor.post("/admin/asking", {**form, "starts_on": TOMORROW, "source": "A memo", **fields}, status=status)


def test_each_kind_of_rule_is_set_from_a_later_day_and_refused_at_its_field(visitor, store):
    with transaction():
        keeper, other = make.person(Role.ADMINISTRATOR), make.person(Role.SECRETARIAT)
    visitor.sign_in(other).get("/admin/asking", status=403)
    visitor.sign_in(keeper)
    set_rule(visitor, "lead", gate="visa", country="Estonia", min_level="0", days="10", business="y")
    set_rule(visitor, "clash", tie="country", days="14", needs_reason="")
    set_rule(visitor, "review", code="cost", kind="finance", limit="25000", days="4")

    made = [db.session.scalars(select(t).where(t.starts_on > TODAY)).one() for t in (LeadTime, ClashRule, ReviewRule)]
    assert [(row.days, row.source) for row in made] == [(10, "A memo"), (14, "A memo"), (4, "A memo")]
    with transaction():
        content = complete(make.person())
    now, _ = gates.of(content, today=TODAY)
    then, _ = gates.of(content, today=TODAY + timedelta(days=1))
    visa = [next(day.lead.days for day in days if day.gate is Gate.VISA) for days in (now, then)]
    assert visa == [90, 90]  # Latvia is on the way as well, and asks as everywhere
    assert clashes.rules_on(TODAY + timedelta(days=1))["country"].days == 14

    for which, fields, at in (
        ("lead", {"gate": "visa", "country": "Atlantis", "min_level": "0", "days": "3"}, "lead-country"),
        ("lead", {"gate": "submission", "country": "", "min_level": "0", "days": "3"}, "lead-country"),
        ("lead", {"gate": "visa", "country": "", "min_level": "9", "days": "3"}, "lead-min_level"),
        ("clash", {"tie": "forum", "days": "-1"}, "clash-days"),
        ("clash", {"tie": "forum", "days": "3", "starts_on": str(TODAY)}, "clash-starts_on"),
        ("clash", {"tie": "country", "days": "3"}, "clash-starts_on"),
        ("review", {"code": "cost", "kind": "finance", "limit": "", "days": "3"}, "review-limit"),
        ("review", {"code": "every", "kind": "records", "limit": "3", "days": "0"}, "review-days"),
    ):
        page = set_rule(visitor, which, status=422, **fields)
        assert f'id="{at}-error"' in page.html, (which, fields)


def test_the_secretariat_keeps_closed_days_and_pairs(visitor, store):
    with transaction():
        secretary, chief, second = make.person(Role.SECRETARIAT), make.person(), make.person()
    visitor.sign_in(secretary)

    def send(which, status=303, **fields):
        page = visitor.get("/screening/closed")
        form = next(f["fields"] for f in page.forms if f["fields"].get("which") == which)
        return visitor.post("/screening/closed", {**form, **fields}, status=status)

    day = {"starts_on": str(STARTS), "ends_on": str(STARTS)}
    send("close", country="Estonia", why="Elections", source="The post", **day)
    send("close", country="Nowhere", why="Elections", source="The post", status=422, **day)
    send("pair", principal=chief.email, deputy=second.email, starts_on=str(TODAY))
    page = send("pair", principal=chief.email, deputy=chief.email, starts_on=str(TODAY), status=422)
    assert 'id="pair-deputy-error"' in page.html
    assert [b.country_code for b in db.session.scalars(select(Blackout))] == ["EE"]
    with transaction():
        titles = [clash.title for clash in clashes.find(complete(chief, second), day=TODAY).clashes]
    assert len(titles) == 2
    pair = db.session.scalars(select(Deputy)).one()
    visitor.get("/screening/closed")
    visitor.submit({"part": str(pair.id)}, form=0)
    assert db.session.scalars(select(Deputy.ends_on)).one() == TODAY
