"""Who may enter which room, and who may do what: signed-off copies, written by hand, and a walk over every route."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import factories as make
import pytest
from flask import Flask
from werkzeug.routing import Rule

from engage.extensions import db
from engage.models.people import Person, SignInSession
from engage.rules import policy
from engage.rules.marking import Marking
from engage.rules.policy import Actor, Do, Role, See, Subject, may, may_enter
from engage.rules.workflow import Action, State
from engage.services import sessions
from engage.services.transaction import transaction
from engage.web import ROOMS, access

ROLES = {"req": Role.REQUESTER, "sup": Role.SUPERVISOR, "sec": Role.SECRETARIAT, "mem": Role.MEMBER, "cha": Role.CHAIR,
         "rev": Role.REVIEWER, "con": Role.CONTENT_OWNER, "tra": Role.TRAINING_OWNER, "dut": Role.DUTY_OFFICER,
         "lea": Role.LEADERSHIP, "aud": Role.AUDITOR, "adm": Role.ADMINISTRATOR}

# "all": nobody is asked to sign in.
SIGNED_OFF_DOORS = """
            nobody req sup sec mem cha rev con tra dut lea aud adm
static      Y      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
health      Y      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
entrance    Y      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
account     .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
requests    .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
travel      .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
guidance    .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
training    .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
awareness   .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
partners    .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
reports     .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
files       .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
search      .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
bulk        .      .   .   Y   .   .   .   .   .   .   .   .   Y
secretariat .      .   .   Y   .   .   .   .   .   .   .   .   .
board       .      .   .   Y   Y   Y   .   .   .   .   .   .   .
duty        .      .   .   .   .   .   .   .   .   Y   .   .   .
audit       .      .   .   .   .   .   .   .   .   .   .   Y   .
admin       .      .   .   .   .   .   .   .   .   .   .   .   Y
"""

# What each role alone may do to the record of somebody else: a submitted item, or another person.
SIGNED_OFF_POLICY = """
                        nobody req sup sec mem cha rev con tra dut lea aud adm
submit                  .      .   .   .   .   .   .   .   .   .   .   .   .
withdraw                .      .   .   Y   .   .   .   .   .   .   .   .   .
return                  .      .   .   Y   .   .   .   .   .   .   .   .   .
review                  .      .   .   Y   .   .   .   .   .   .   .   .   .
place                   .      .   .   Y   .   .   .   .   .   .   .   .   .
resume                  .      .   .   .   .   .   .   .   .   .   .   .   .
circulate               .      .   .   .   .   .   .   .   .   .   .   .   .
break_silence           .      .   .   .   .   .   .   .   .   .   .   .   .
reconsider              .      .   .   .   Y   Y   .   .   .   .   .   .   .
cancel                  .      .   .   Y   .   .   .   .   .   .   .   .   .
draft                   .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   .   Y
edit                    .      .   .   .   .   .   .   .   .   .   .   .   .
change                  .      .   .   .   .   .   .   .   .   .   .   .   .
postpone                .      .   .   .   .   .   .   .   .   .   .   .   .
mark                    .      .   .   Y   .   .   .   .   .   .   .   .   .
raise_matter            .      .   .   Y   .   .   .   .   .   .   Y   .   .
propose_guide           .      .   .   .   .   .   .   Y   .   .   .   .   .
claim                   .      .   .   .   .   .   .   .   .   .   .   .   .
give_review             .      .   .   .   .   .   Y   .   .   .   .   .   .
put_motion              .      .   .   Y   .   Y   .   .   .   .   .   .   .
withdraw_motion         .      .   .   Y   .   Y   .   .   .   .   .   .   .
vote                    .      .   .   .   Y   Y   .   .   .   .   .   .   .
recuse                  .      .   .   .   Y   Y   .   .   .   .   .   .   .
close_vote              .      .   .   Y   .   Y   .   .   .   .   .   .   .
decide_alone            .      .   .   .   Y   Y   .   .   .   .   .   .   .
delegate                .      .   .   Y   .   .   .   .   .   .   .   .   .
grant_standing          .      .   .   Y   .   Y   .   .   .   .   .   .   .
use_standing            .      .   .   Y   .   .   .   .   .   .   .   .   .
declare_interest        .      .   .   .   .   .   .   .   .   .   .   .   .
recommend               .      .   .   Y   .   .   .   .   .   .   .   .   .
convene                 .      .   .   Y   .   Y   .   .   .   .   .   .   .
run_meeting             .      .   .   Y   .   Y   .   .   .   .   .   .   .
pull_item               .      .   .   .   Y   Y   .   .   .   .   .   .   .
keep_minutes            .      .   .   Y   .   .   .   .   .   .   .   .   .
approve_minutes         .      .   .   .   .   Y   .   .   .   .   .   .   .
finish_action           .      .   .   Y   .   .   .   .   .   .   .   .   .
meet_condition          .      .   .   Y   .   Y   .   .   .   .   .   .   .
name_assistant          .      .   .   .   .   .   .   .   .   .   .   .   .
check_in                .      .   .   .   .   .   .   .   .   .   .   .   .
keep_contact            .      .   .   .   .   .   .   .   .   .   .   .   .
answer_call             .      .   .   .   .   .   .   .   .   Y   .   .   .
ask_loan                .      .   .   .   .   .   .   .   .   .   .   .   .
handle_loan             .      .   .   .   .   .   Y   .   .   Y   .   .   .
see_emergency_contact   .      .   .   .   .   .   .   .   .   Y   .   .   .
acknowledge             .      .   .   .   .   .   .   .   .   .   .   .   .
record_clearance        .      .   .   Y   .   .   .   .   .   .   .   .   .
waive                   .      .   .   Y   .   Y   Y   .   Y   Y   Y   .   .
debrief                 .      .   .   Y   .   .   Y   .   Y   .   .   .   .
record_advisory         .      .   .   Y   .   .   .   .   .   Y   .   .   .
edit_requirements       .      .   .   .   .   .   .   Y   .   .   .   .   Y
edit_courses            .      .   .   .   .   .   .   .   Y   .   .   .   Y
claim_completion        .      .   .   .   .   .   .   .   .   .   .   .   .
verify_completion       .      .   .   .   .   .   .   .   Y   .   .   .   .
publish_guide           .      .   .   .   .   .   .   Y   .   .   .   .   .
edit_register           .      .   .   Y   .   .   .   .   .   .   .   .   .
keep_agreement          .      .   .   Y   .   .   .   .   .   .   .   .   .
import                  .      .   .   Y   .   .   .   .   .   .   .   .   .
manage_people           .      .   .   .   .   .   .   .   .   .   .   .   Y
grant_role              .      .   .   .   .   .   .   .   .   .   .   .   Y
edit_norms              .      .   .   .   .   .   .   .   .   .   .   .   Y
edit_absence            .      .   .   .   .   .   .   .   .   .   .   .   Y
write_report            .      .   .   .   .   .   .   .   .   .   .   .   .
let_late_ask            .      .   .   Y   .   Y   .   .   .   .   .   .   .
state_journey           .      .   .   .   .   .   .   .   .   .   .   .   .
make_commitment         .      .   .   Y   .   .   .   .   .   .   .   .   .
follow_commitment       .      .   .   Y   .   .   .   .   .   .   .   .   .
handle_gift             .      .   .   Y   .   .   Y   .   .   .   .   .   .
send_list               .      .   .   Y   .   .   .   .   .   .   .   .   .
answer_lesson           .      .   .   .   .   .   .   Y   .   .   .   .   .
endorse                 .      .   .   .   .   .   .   .   .   .   .   .   .
see_engagement:draft    .      .   .   .   .   .   .   .   .   .   .   .   .
see_engagement          .      .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_engagement:approved .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
see_engagement:unclaimed .     .   .   Y   .   .   .   .   .   .   .   .   .
claim:unclaimed         .      .   .   Y   .   .   .   .   .   .   .   .   .
see_ballots             .      .   .   Y   Y   Y   .   .   .   .   .   Y   .
see_content             .      .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_content:approved    .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
see_engagement:amber    .      .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_engagement:amber_strict .  .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_engagement:red      .      .   .   Y   Y   Y   Y   .   .   .   .   Y   .
see_content:amber       .      .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_content:amber_strict .     .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_content:red         .      .   .   Y   Y   Y   Y   .   .   .   .   Y   .
see_coverage            .      .   .   Y   .   Y   .   .   .   .   .   .   .
see_own                 .      .   .   .   .   .   .   .   .   .   .   .   .
see_papers              .      .   .   Y   Y   Y   .   .   .   .   .   Y   .
see_meeting             .      .   .   Y   Y   Y   .   .   .   .   .   .   .
see_readiness           .      .   .   Y   .   .   .   .   .   Y   .   Y   .
see_gift                .      .   .   Y   .   .   Y   .   .   .   .   Y   .
see_lists               .      .   .   Y   .   .   .   .   .   .   Y   Y   .
see_compliance          .      .   .   Y   .   Y   .   .   .   .   Y   Y   .
see_agreement           .      Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y   Y
see_agreement:amber     .      .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_agreement:amber_strict .   .   .   Y   Y   Y   Y   .   .   .   Y   Y   .
see_agreement:red       .      .   .   Y   Y   Y   Y   .   .   .   .   Y   .
see_contacts            .      .   .   Y   .   .   .   .   .   .   Y   .   .
see_trail               .      .   .   .   .   .   .   .   .   .   .   Y   .
see_person              .      .   .   .   .   .   .   .   .   .   .   .   Y
"""

# What a relation to an item gives to a requester, and takes from those whose role would allow it.
SIGNED_OFF_RELATIONS = """
                     asks travels supervises recused
submit               Y    .       .          .
withdraw             Y    .       .          .
cancel               Y    .       .          .
edit                 Y    .       .          .
acknowledge          .    Y       .          .
check_in             .    Y       .          .
keep_contact         .    Y       .          .
ask_loan             .    Y       .          .
see_emergency_contact .   Y       .          .
rev:handle_loan      Y    .       Y          Y
change               Y    .       .          .
postpone             Y    .       .          .
mark                 Y    .       .          .
reconsider           Y    .       .          .
record_clearance     .    Y       .          .
write_report         Y    Y       .          .
state_journey        .    Y       .          .
make_commitment      Y    Y       .          .
see_engagement:draft Y    Y       .          .
see_engagement       Y    Y       Y          .
see_readiness        Y    Y       Y          .
sec:waive            .    .       Y          Y
cha:waive            .    .       Y          Y
sec:debrief          Y    .       Y          Y
sec:withdraw         Y    Y       Y          Y
sec:cancel           Y    Y       Y          Y
sec:return           .    .       Y          .
sec:review           .    .       Y          .
sec:place            .    .       Y          .
sec:withdraw_motion  .    .       Y          .
mem:reconsider       Y    .       Y          .
sec:put_motion       .    .       Y          .
sec:use_standing     .    .       Y          .
cha:decide_alone     .    .       Y          .
sec:close_vote       .    .       Y          .
sec:meet_condition   .    .       Y          .
mem:vote             .    .       Y          .
cha:vote             .    .       Y          .
cha:put_motion       .    .       Y          .
cha:close_vote       .    .       Y          .
cha:meet_condition   .    .       Y          .
sec:recommend        .    .       Y          .
endorse              .    .       Y          .
see_own              Y    Y       .          .
see_content          Y    Y       Y          .
see_agreement:red    Y    .       Y          .
see_contacts         Y    Y       .          .
see_engagement:red   Y    Y       Y          .
see_content:red      Y    Y       Y          .
lea:see_engagement:red Y  Y       Y          .
mem:see_content:red  Y    Y       Y          .
mem:see_content      Y    Y       Y          .
sec:see_content      Y    Y       Y          .
mem:see_ballots      .    .       Y          .
cha:see_ballots      .    .       Y          .
sec:see_papers       .    .       Y          .
mem:see_papers       .    .       Y          .
cha:see_papers       .    .       Y          .
aud:see_papers       .    .       Y          .
"""

# What may be done to one's own record, and to another's.
SIGNED_OFF_PERSONS = """
                      own another
claim_completion      Y   .
finish_action         Y   .
keep_agreement        Y   .
name_assistant        Y   .
edit_absence          Y   .
declare_interest      Y   .
see_person            Y   .
tra:verify_completion .   Y
adm:edit_absence      Y   Y
adm:see_person        Y   Y
adm:grant_role        .   Y
adm:manage_people     Y   Y
follow_commitment     Y   .
sec:follow_commitment Y   Y
see_gift              Y   .
rev:handle_gift       .   Y
sec:handle_gift       .   Y
sec:let_late_ask      .   Y
"""

OF_PERSONS = {Do.NAME_ASSISTANT, Do.CLAIM_COMPLETION, Do.VERIFY_COMPLETION, Do.GRANT_ROLE, Do.EDIT_ABSENCE,
              Do.DECLARE_INTEREST, See.PERSON, Do.FOLLOW_COMMITMENT, Do.HANDLE_GIFT, Do.LET_LATE_ASK, See.GIFT}
ME, OTHER = 7, 8


def cells(matrix: str) -> Iterator[tuple[str, str, bool]]:
    """(row, column, whether it says yes) for every cell of a signed-off matrix."""
    heads, *rows = (line.split() for line in matrix.strip().splitlines())
    for name, *marks in rows:
        assert len(marks) == len(heads), name
        yield from ((name, head, mark == "Y") for head, mark in zip(heads, marks, strict=True))


def ability(word: str) -> policy.Ability:
    """The ability a word of a matrix names."""
    return next(kind(word) for kind in (Action, Do, See) if word in list(kind))


def somebody(*roles: Role) -> Actor:
    """A signed-in person with these roles."""
    return Actor(id=ME, roles=frozenset(roles), is_authenticated=True)


def record(word: str, what: policy.Ability) -> object:
    """Somebody else's record, in the state that the word names."""
    if what in OF_PERSONS:
        return OTHER
    if word in list(Marking):  # it is approved, and bears this marking
        return Subject(state=State.APPROVED, requester_id=OTHER, marking=Marking(word))
    state = State(word) if word in list(State) else State.DRAFT if word == "unclaimed" else State.SUBMITTED
    return Subject(state=state, requester_id=None if word == "unclaimed" else OTHER)


@pytest.mark.parametrize(("room", "who", "open_"), list(cells(SIGNED_OFF_DOORS)))
def test_the_doors_are_as_the_owner_signed(room, who, open_):
    actor = policy.NOBODY if who == "nobody" else somebody(ROLES[who])

    assert may_enter(actor, room) is open_


def test_every_door_was_signed():
    assert {room for room, _, _ in cells(SIGNED_OFF_DOORS)} == set(policy.DOORS)
    assert set(ROOMS) | {"static"} == set(policy.DOORS)


@pytest.mark.parametrize(("row", "who", "allowed"), list(cells(SIGNED_OFF_POLICY)))
def test_the_policy_is_as_the_owner_signed(row, who, allowed):
    word, _, state = row.partition(":")
    actor = policy.NOBODY if who == "nobody" else somebody(ROLES[who])

    assert may(actor, ability(word), record(state, ability(word))) is allowed


def test_every_ability_was_signed():
    signed = {ability(row.partition(":")[0]) for row, _, _ in cells(SIGNED_OFF_POLICY)}

    assert signed == set(policy.POLICY) == {*Action, *Do, *See}


def role_and_rest(row: str) -> tuple[Role, str]:
    """A row's role, a requester's when it names none, and the rest of its name."""
    first, _, rest = row.partition(":")
    return (ROLES[first], rest) if first in ROLES else (Role.REQUESTER, row)


@pytest.mark.parametrize(("row", "relation", "allowed"), list(cells(SIGNED_OFF_RELATIONS)))
def test_a_relation_to_an_item_gives_and_takes_as_the_owner_signed(row, relation, allowed):
    role, rest = role_and_rest(row)
    word, _, state = rest.partition(":")
    related = {"asks": {"requester_id": ME}, "travels": {"traveller_ids": frozenset({ME})},
               "supervises": {"supervisor_id": ME}, "recused": {"recused_ids": frozenset({ME})}}

    assert may(somebody(role), ability(word), replace(record(state, ability(word)), **related[relation])) is allowed


def test_what_is_amber_is_open_to_the_requesters_own_office_and_what_is_stricter_is_not():
    colleague = replace(somebody(Role.REQUESTER), office_id=5)
    seen = {marking for marking in Marking
            if may(colleague, See.CONTENT, replace(record(marking, See.CONTENT), office_id=5))}

    assert seen == {Marking.CLEAR, Marking.GREEN, Marking.AMBER}
    assert not may(replace(colleague, office_id=None), See.CONTENT, record("amber", See.CONTENT))


def test_an_assistant_acknowledges_and_sees_the_readiness_of_the_trip_and_nothing_more():
    subject = replace(record("approved", Do.ACKNOWLEDGE), assistant_ids=frozenset({ME}))
    stranger = replace(subject, assistant_ids=frozenset())

    given = {what for what in policy.POLICY if what not in OF_PERSONS
             and may(somebody(Role.REQUESTER), what, subject) and not may(somebody(Role.REQUESTER), what, stranger)}

    assert given == {Do.ACKNOWLEDGE, See.READINESS}


@pytest.mark.parametrize(("row", "whose", "allowed"), list(cells(SIGNED_OFF_PERSONS)))
def test_ones_own_record_and_anothers_are_as_the_owner_signed(row, whose, allowed):
    role, word = role_and_rest(row)

    assert may(somebody(role), ability(word), ME if whose == "own" else OTHER) is allowed


@pytest.mark.parametrize("what", [Do.VOTE, Do.PUT_MOTION, Do.CLOSE_VOTE])
def test_administrators_take_no_part_in_a_decision_whatever_else_they_are(what):
    assert not may(somebody(*Role), what, Subject(state=State.SCHEDULED, requester_id=OTHER))


def test_only_what_is_signed_takes_a_post_without_the_token():
    assert access.SIGNED == SIGNED


def test_a_room_without_a_door_is_closed():
    assert not may_enter(somebody(*Role), "cellar")


# ---------------------------------------------------------------- the walk

SIGNED = {"entrance.unsubscribe"}  # its address carries our signature (tests/web/entrance/test_unsubscribe.py)
SOUND = {200, 302, 303, 308, 400, 403, 404, 405, 409, 413, 422, 429}


def address(rule: Rule) -> str:
    """The rule's address with something in each of its gaps: the number 1, a country, a word it knows."""
    filled = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__
        filled[name] = {"AnyConverter": lambda c=converter: min(c.items),
                        "UnicodeConverter": lambda: "EE"}.get(kind, lambda: 1)()
    built = rule.build(filled)
    assert built is not None
    return built[1]


def rules(app: Flask) -> list[Rule]:
    """Every rule but that of static files."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_endpoint_belongs_to_a_room_with_a_door(app):
    assert {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()} - set(policy.DOORS) == set()


class Walker:
    """Somebody of one role, who knocks everywhere."""

    def __init__(self, app: Flask, who: Person | None) -> None:
        self.client, self.who, self.csrf, self.now = app.test_client(), who, "", app.config["CLOCK"]()

    def sign_in(self) -> None:
        """Begin anew: a POST before may have ended the session."""
        if self.who is None:
            return
        with transaction():
            token = sessions.start(self.who.id, address="127.0.0.1", browser="walk", now=self.now)
        self.client.set_cookie("engage", token)
        self.csrf = db.session.scalar(
            db.select(SignInSession.csrf_token).where(SignInSession.token_hash == sessions.hashed(token)))
        db.session.rollback()


@pytest.fixture
def cast(store, app):
    """A house with something in every room, and a walker for every role."""
    with transaction():
        make.person()  # number 1, to whom things may happen
        _, members = make.board()
        for state in (State.SCHEDULED, State.DRAFT, State.APPROVED):
            make.version(make.engagement(state, by=members[0]))
        people = {name: make.person(role) for name, role in ROLES.items()}
        for person in people.values():
            person.grants[0].starts_on = date(2024, 1, 1)
    for person in people.values():
        db.session.refresh(person)
        db.session.expunge(person)
    return {"nobody": Walker(app, None)} | {name: Walker(app, person) for name, person in people.items()}


def test_every_route_keeps_its_door_against_every_role(cast, app):
    opens = {(room, who): yes for room, who, yes in cells(SIGNED_OFF_DOORS)}
    strange = []

    for name, walker in cast.items():
        walker.sign_in()
        for rule in rules(app):
            if "GET" not in rule.methods:
                continue
            url, room = address(rule), rule.endpoint.partition(".")[0]
            answer = walker.client.get(url)
            if opens[room, name]:
                fine = answer.status_code in SOUND
            elif name == "nobody":
                fine = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in?next=")
            else:
                fine = answer.status_code == 403
            if not fine:
                strange.append((name, url, answer.status_code))
            db.session.rollback()

    assert strange == []


def test_every_unsafe_route_refuses_a_post_without_the_token(cast, app):
    opens = {(room, who): yes for room, who, yes in cells(SIGNED_OFF_DOORS)}
    strange = []

    for name, walker in cast.items():
        walker.sign_in()
        for rule in rules(app):
            if rule.endpoint in SIGNED:
                continue
            for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
                url, room = address(rule), rule.endpoint.partition(".")[0]
                answer = walker.client.open(url, method=method, data={"csrf_token": "0" * 64})
                owed = 400 if opens[room, name] else 401 if name == "nobody" else 403
                if name == "nobody" and url == "/sign-out":
                    owed = 303  # the session had ended already: nothing is asked, nothing is done
                if answer.status_code != owed:
                    strange.append((name, method, url, answer.status_code))
                db.session.rollback()

    assert strange == []


def test_an_empty_form_breaks_nothing_anywhere(cast, app):
    strange = []

    for name, walker in cast.items():
        for rule in rules(app):
            if "POST" not in rule.methods or name == "nobody":
                continue
            walker.sign_in()
            answer = walker.client.post(address(rule), data={"csrf_token": walker.csrf})
            if answer.status_code not in SOUND:
                strange.append((name, address(rule), answer.status_code))
            db.session.rollback()

    assert strange == []
