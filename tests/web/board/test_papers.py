"""The board's papers over HTTP: memo, the question before reading, hidden papers, conditions, who can decide."""

import factories as make
import hostile_files as made
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.importing.attachments import check
from engage.models.board import Ballot, Condition, Motion, Recusal
from engage.models.interests import Interest, Participation
from engage.models.people import Absence, Person
from engage.rules.policy import Role
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import board, conditions, files, visibility
from engage.services.transaction import transaction


class Case:
    """A board of seven, a secretary, and one item on the docket."""

    def __init__(self, **facts):
        with transaction():
            _, (self.chair, *self.members) = make.board()
            self.secretary = make.person(Role.SECRETARIAT)
            self.item = make.engagement(State.SCHEDULED, **facts)
            make.version(self.item)
            self.id, self.title = self.item.id, self.item.title
        self.url = f"/board/items/{self.id}"

    def motion(self, outcome=Outcome.APPROVE, **facts):
        with transaction():
            return board.put_motion(
                self.item, visibility.subject(self.id), outcome, by=make.actor(self.chair), now=NOON, **facts
            )


def count(store, table):
    return store.scalar(select(func.count()).select_from(table))


def test_the_secretariat_writes_the_recommendation_and_the_board_reads_the_memo(store, visitor):
    case = Case()
    visitor.sign_in(case.secretary).get(f"/screening/{case.id}/recommendation")
    page = visitor.submit({"outcome": "", "what_1": "Send one"}, 422)
    assert "Choose one of the five outcomes." in page.text
    assert "Send one" in visitor.response.text
    page = visitor.submit({"outcome": "approve", "reason": "Because.", "what_1": "Send one", "leads_1": "Half."})
    page = visitor.follow()
    assert "Because." in page.text
    assert "Send one" in page.text
    page = visitor.sign_in(case.members[0]).get(f"{case.url}/memo")
    assert f"{case.url}/memo.pdf" in page.links
    visitor.get(f"/screening/{case.id}/recommendation", 403)


def test_the_memo_as_pdf_is_saved_and_is_the_same_each_time(store, visitor):
    case = Case()
    visitor.sign_in(case.chair)
    answers = [visitor.client.get(f"{case.url}/memo.pdf") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert answers[0].data.startswith(b"%PDF")
    assert answers[0].headers["Content-Disposition"] == f"attachment; filename=memo-{case.id}-version-1.pdf"
    assert answers[0].headers["X-Content-Type-Options"] == "nosniff"


def test_a_member_is_asked_before_they_read_and_their_word_is_kept(store, visitor):
    case = Case()
    motion_id = case.motion().id
    member = case.members[0]
    visitor.sign_in(member).get("/board/interests")
    visitor.submit({"kind": "country", "named": "Estonia", "why": "My brother works there."})
    assert "Estonia" in visitor.follow().text
    for url in (case.url, f"{case.url}/memo", f"{case.url}/memo.pdf", f"/engagements/{case.id}",
                f"/engagements/{case.id}/versions/1"):  # fmt: skip
        page = visitor.get(url)
        assert "You declared an interest in Estonia, where it goes." in page.text
        assert "To agree a joint exercise." not in page.text
    visitor.post(case.url, {"motion": str(motion_id), "choice": "yes", "reason": ""}, 403)
    visitor.get(case.url)
    assert "Say why you can judge this fairly" in visitor.submit({"answer": "part", "reason": ""}, 422).text
    visitor.submit({"answer": "part", "reason": "He left years ago."})
    assert "To agree a joint exercise." in visitor.follow().text
    visitor.post(case.url, {"motion": str(motion_id), "choice": "yes", "reason": ""})
    assert (count(store, Participation), count(store, Ballot)) == (1, 1)


def test_who_steps_aside_finds_the_papers_closed_everywhere(store, visitor):
    case = Case()
    case.motion()
    with transaction():
        store.add(Interest(person_id=case.members[0].id, country_code="EE", why="Family.", starts_on=TODAY,
                           organisation="", declared_at=NOON))
    visitor.sign_in(case.members[0]).get(case.url)
    visitor.submit({"answer": "aside", "reason": "Family there."})
    for url in (case.url, f"{case.url}/memo", f"{case.url}/memo.pdf", f"/engagements/{case.id}",
                f"/engagements/{case.id}/versions/1"):  # fmt: skip
        page = visitor.get(url)
        assert "You stepped aside from this item." in page.text
        for words in ("To agree a joint exercise.", "Tallinn", "$1,200.00"):
            assert words not in page.text
    docket = visitor.get("/board").text
    assert case.title in docket
    assert "Not shown to you" in docket
    assert count(store, Recusal) == 1


def test_who_has_yet_to_say_whether_they_step_aside_saves_no_attached_file(store, visitor):
    case = Case()
    case.motion()
    member, other = case.members[:2]
    with transaction():
        requester = make.actor(store.get(Person, case.item.requester_id))
        kept = files.keep(check("agenda.pdf", made.pdf()), about=("item", case.id), by=requester, now=NOON)
        store.add(Interest(person_id=member.id, country_code="EE", why="Family.", starts_on=TODAY, organisation="",
                           declared_at=NOON))
    url = f"/files/{kept.id}"
    with visitor.sign_in(other).client.get(url) as answer:
        assert answer.data == made.pdf()
    visitor.sign_in(member).get(url, 404)
    visitor.get(case.url)
    visitor.submit({"answer": "part", "reason": "They left years ago."})
    with visitor.client.get(url) as answer:
        assert answer.data == made.pdf()


def test_whose_item_it_is_reads_their_own_words_and_no_paper_of_the_board(store, visitor):
    with transaction():
        _, members = make.board()
        item = make.engagement(State.SCHEDULED, by=members[2])
        make.version(item)
        url = f"/board/items/{item.id}"
    visitor.sign_in(members[2])
    for page in (visitor.get(url), visitor.get(f"{url}/memo")):
        assert "This item is your own" in page.text
        assert "To agree a joint exercise." not in page.text
    assert "To agree a joint exercise." in visitor.get(f"/engagements/{item.id}").text


def test_a_motion_says_whose_each_condition_is_by_when_and_whether_departure_waits(store, visitor):
    case = Case()
    owner = case.members[3].email
    visitor.sign_in(case.chair).get(f"{case.url}/motion")
    said = {"outcome": "approve_with_conditions", "reason": "Useful.", "conditions": "Brief the post.\nTake one phone."}
    for wrong, sentence in [
        ({"owner_1": "nobody@example.gov"}, "Nobody has an account at this address."),
        ({"days_1": "soon"}, "Write a whole number of days."),
        ({"days_1": "14", "on_1": "2026-05-01"}, "Condition 1: give a day, or days before departure, not both."),
        ({"days_2": "999"}, "Condition 2: between 0 and 365 days before departure."),
        ({"days_3": "14"}, "There is no condition 3 above to say this of."),
    ]:
        assert sentence in visitor.submit({**said, **wrong}, 422).text
        visitor.get(f"{case.url}/motion")
    visitor.submit({**said, "owner_1": owner, "days_1": "14", "on_2": "2026-04-01", "light_2": "y"})
    motion = store.scalars(select(Motion)).one()
    assert [(t.owner_id, t.due_days_before, str(t.due_on), t.blocking) for t in conditions.read(motion.terms)] == [
        (case.members[3].id, 14, "None", True), (None, None, "2026-04-01", False),
    ]  # fmt: skip


def test_the_owner_gives_evidence_and_the_chair_opens_it_again(store, visitor):
    case = Case()
    motion = case.motion(Outcome.APPROVE_WITH_CONDITIONS, reason="Useful.", conditions="Brief the post.")
    with transaction():
        for member in [case.chair, *case.members[:3]]:
            board.cast(motion, Choice.YES, by=make.actor(member), now=NOON)
        board.close(motion, by=make.actor(case.chair), now=NOON)
        requester = store.get(make.Person, case.item.requester_id)
        stranger = make.person()
    condition = store.scalars(select(Condition)).one()
    visitor.sign_in(stranger).get(f"/conditions/{condition.id}", 404)
    assert "Brief the post." in visitor.sign_in(requester).get("/conditions").text
    visitor.get(f"/conditions/{condition.id}")
    assert "Say what shows that the condition is met." in visitor.submit({"evidence": ""}, 422).text
    visitor.submit({"evidence": "Briefed on Monday."})
    assert "Evidence given, not verified" in visitor.follow().text
    assert "Evidence to verify" in visitor.sign_in(case.chair).get("/board/conditions").text
    visitor.get(f"/board/conditions/{condition.id}")
    visitor.send(f"/board/conditions/{condition.id}/refuse", {"reason": "By whom?"})
    assert "By whom?" in visitor.sign_in(requester).get(f"/conditions/{condition.id}").text
    visitor.sign_in(case.chair).get(f"/board/conditions/{condition.id}")
    visitor.send(f"/board/conditions/{condition.id}/owner", {"owner": "nobody@example.gov"}, 422)
    visitor.get(f"/board/conditions/{condition.id}")
    visitor.send(f"/board/conditions/{condition.id}/owner", {"owner": case.members[4].email})
    store.expire_all()
    assert store.scalars(select(Condition)).one().owner_id == case.members[4].id


def test_who_can_decide_counts_absences_and_says_what_helps(store, visitor):
    case = Case()
    case.motion()
    assert "Enough people" in visitor.sign_in(case.chair).get("/board/coverage").text
    with transaction():
        for member in case.members[:4]:
            store.add(Absence(person_id=member.id, starts_on=TODAY, ends_on=make.TODAY.replace(day=28)))
    page = visitor.get("/board/coverage")
    assert "3 seats can take part, 4 needed: 1 too few." in page.text
    assert "to vote before leaving." in page.text
    visitor.sign_in(case.secretary).get("/board/coverage")
    visitor.sign_in(case.members[0]).get("/board/coverage", 403)


@pytest.mark.parametrize("path", ["memo", "memo.pdf", "before-you-read"])
def test_what_is_not_there_is_not_found(visitor, path):
    case = Case()
    visitor.sign_in(case.chair).get(f"/board/items/999999/{path}", 404)


def test_the_memo_costs_a_fixed_number_of_statements(visitor, statements):
    case = Case()
    visitor.sign_in(case.members[0])
    counts = []
    for more in (1, 2, 27):
        with transaction():
            for _ in range(more):
                make.version(make.engagement(State.SCHEDULED))
        statements.clear()
        visitor.get(f"{case.url}/memo")
        counts.append(len(statements))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 13  # one of them asks which of the clashes its reader may see
