"""An engagement that few may see: asked for, marked, mailed, listed, searched for; and nothing of it for others."""

from datetime import timedelta

import factories as make

from engage.documents import mails
from engage.extensions import db
from engage.models.engagements import Engagement
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.search_words import Kind
from engage.rules.workflow import State
from engage.services import outbox, search_index, visibility
from engage.services.transaction import transaction

TITLE = "Quarterly sunflower talks"
PLACES = ("/engagements", "/register", "/calendar", "/partners", "/search?q=sunflower", "/", "/inbox")


def mails_of(person):
    """What would be mailed to somebody now: subject and words."""
    with transaction():
        later, lease = make.NOON + timedelta(days=2), timedelta(minutes=5)
        claimed = outbox.claim("test", now=later, limit=99, lease=lease)
    theirs = [mails.mail(message) for message in claimed if message.person_id == person.id]
    return [(letter.subject, letter.text) for letter in theirs]


def test_a_restricted_engagement_is_seen_by_those_whom_its_marking_admits_and_leaks_to_nobody(visitor):
    with transaction():
        office = make.office()
        asker, colleague = make.person(office_id=office.id), make.person(office_id=office.id)
        stranger, leader, secretary = make.person(), make.person(Role.LEADERSHIP), make.person(Role.SECRETARIAT)
        item = make.engagement(State.APPROVED, by=asker, title=TITLE)
        make.version(item)
        search_index.note(Kind.ENGAGEMENT, [item.id])
        number, partner = item.id, item.partners[0].id

    def seen_by(person, *urls):
        visitor.sign_in(person)
        return [url for url in urls if TITLE in visitor.get(url).text]

    everywhere = (*PLACES, f"/partners/{partner}")
    assert set(seen_by(stranger, *everywhere)) >= {"/register", "/search?q=sunflower", f"/partners/{partner}"}

    # The requester marks it for few; a reason is needed, and the change is kept.
    page = visitor.sign_in(asker).get(f"/engagements/{number}/marking")
    assert "TLP:GREEN" in page.text
    page = visitor.submit({"marking": "amber_strict"}, status=422)
    assert "Say why" in page.text
    visitor.submit({"marking": "amber_strict", "why": "The host asked for it."})
    page = visitor.follow()
    assert "TLP:AMBER+STRICT" in page.text
    assert "The host asked for it." in page.text
    assert seen_by(stranger, *everywhere) == seen_by(colleague, *everywhere) == []
    assert "/register" in seen_by(leader, *everywhere)
    visitor.sign_in(stranger).get(f"/engagements/{number}", status=404)
    visitor.get(f"/engagements/{number}/marking", status=404)

    # The secretariat marks it for fewer still; mail says that something is new, and where, and no more.
    visitor.sign_in(secretary).get(f"/engagements/{number}/marking")
    visitor.submit({"marking": "red", "why": "As the security office says."})
    assert seen_by(leader, *everywhere) == []
    with transaction():
        outbox.post(outbox.message(
            "now", to=asker.id, template="engagement_changed", subject=f"Changed: {TITLE}", about=("item", number),
            now=make.NOON, urgent=True, title=TITLE, by="X", reason="R", version=2, dates="",
        ))  # fmt: skip
    sent = mails_of(asker)
    assert [subject for subject, _ in sent] == ["About a restricted engagement"]
    assert all(TITLE not in words and "/inbox/" in words and "TLP:RED" in words for _, words in sent)
    assert "/inbox" in seen_by(asker, "/inbox")
    with transaction():
        admin = make.person(Role.ADMINISTRATOR)
    assert seen_by(admin, "/admin/mail?status=waiting", "/admin/mail", "/search?q=sunflower") == []

    # Whoever had a message and may see it no longer finds neither the name nor the text.
    with transaction():
        one = db.session.get_one(Engagement, number)
        outbox.post(outbox.message(
            "once", to=leader.id, template="engagement_changed", subject=f"Changed: {TITLE}", about=("item", number),
            now=make.NOON, title=TITLE, by="X", reason="R", version=2, dates="",
        ))  # fmt: skip
        assert one.marking is Marking.RED
        assert visibility.find(number, by=make.actor(leader)) is None
    page = visitor.sign_in(leader).get("/inbox")
    assert (TITLE in page.text, "A restricted engagement, which you no longer see" in page.text) == (False, True)


def test_the_administrator_sets_what_new_requests_bear(visitor):
    with transaction():
        admin, asker = make.person(Role.ADMINISTRATOR), make.person()
    assert "TLP:GREEN" in visitor.sign_in(admin).get("/admin/marking").text
    page = visitor.submit({"marking": "amber", "starts_on": "2026-03-02", "source": "Directive 7"}, status=422)
    assert "Choose a day after today" in page.text
    visitor.submit({"marking": "amber", "starts_on": "2026-03-03", "source": "Directive 7"})
    assert "Directive 7" in visitor.follow().text
    visitor.sign_in(asker).get("/engagements/new")
