"""The only place that says who may do what: to which record, in which room."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engage.rules.actors import NOBODY as NOBODY
from engage.rules.actors import PROGRAM as PROGRAM
from engage.rules.actors import Actor as Actor
from engage.rules.actors import Subject as Subject
from engage.rules.marking import OPEN_TO_ALL, OPEN_TO_OFFICE, Marking
from engage.rules.roles import ReviewKind as ReviewKind
from engage.rules.roles import Role as Role
from engage.rules.workflow import APPROVED, Action, State


@dataclass(frozen=True)
class Test:
    """A named question about a person and a record; combine with & | ~."""

    ask: Callable[[Actor, object], bool]
    __test__ = False  # not a test for pytest

    def __call__(self, who: Actor, what: object) -> bool:
        return self.ask(who, what)

    def __and__(self, other: "Test") -> "Test":
        return Test(lambda who, what: self(who, what) and other(who, what))

    def __or__(self, other: "Test") -> "Test":
        return Test(lambda who, what: self(who, what) or other(who, what))

    def __invert__(self) -> "Test":
        return Test(lambda who, what: not self(who, what))


def has(*roles: Role) -> Test:
    """Whether the person holds any of `roles` now."""
    wanted = frozenset(roles)
    return Test(lambda who, what: bool(who.roles & wanted))


def _subject(ask: Callable[[Actor, Subject], bool]) -> Test:
    return Test(lambda who, what: isinstance(what, Subject) and who.id is not None and ask(who, what))


signed_in = Test(lambda who, what: who.is_authenticated)
asked = _subject(lambda who, what: who.id == what.requester_id)
travels = _subject(lambda who, what: who.id in what.traveller_ids)
supervises = _subject(lambda who, what: who.id == what.supervisor_id)
assists = _subject(lambda who, what: who.id in what.assistant_ids)
recused = _subject(lambda who, what: who.id in what.recused_ids)
unclaimed = _subject(lambda who, what: what.requester_id is None)
draft = _subject(lambda who, what: what.state is State.DRAFT)
approved = _subject(lambda who, what: what.state in APPROVED or what.amended_state in APPROVED)
red = _subject(lambda who, what: what.marking is Marking.RED)
open_to = _subject(  # whom the marking lets see it, once approved, who have no part in it
    lambda who, what: (
        what.marking in OPEN_TO_ALL
        or (what.marking in OPEN_TO_OFFICE and who.office_id is not None and who.office_id == what.office_id)
    )
)
program = Test(lambda who, what: who == PROGRAM)
own = Test(lambda who, what: who.id is not None and who.id == what)  # the record is a person's, given by id
disinterested = ~asked & ~travels & ~recused  # nobody decides on a journey of their own
handles = has(Role.SECRETARIAT, Role.MEMBER, Role.CHAIR, Role.REVIEWER, Role.AUDITOR)  # what comes before the board
governs = handles | has(Role.LEADERSHIP)


class See(StrEnum):
    """Something to be looked at."""

    ENGAGEMENT = "see_engagement"
    BALLOTS = "see_ballots"
    MEETING = "see_meeting"
    PAPERS = "see_papers"
    CONTENT = "see_content"
    COVERAGE = "see_coverage"
    OWN = "see_own"
    READINESS = "see_readiness"
    TRAIL = "see_trail"
    PERSON = "see_person"
    EMERGENCY_CONTACT = "see_emergency_contact"
    GIFT = "see_gift"
    LISTS = "see_lists"
    COMPLIANCE = "see_compliance"
    AGREEMENT = "see_agreement"
    CONTACTS = "see_contacts"


class Do(StrEnum):
    """An act that moves no item: the workflow's acts are `Action`."""

    DRAFT = "draft"
    EDIT = "edit"
    CHANGE = "change"
    POSTPONE = "postpone"
    MARK = "mark"
    CLAIM = "claim"
    REVIEW = "give_review"
    RAISE_MATTER = "raise_matter"
    PROPOSE_GUIDE = "propose_guide"
    PUT_MOTION = "put_motion"
    WITHDRAW_MOTION = "withdraw_motion"
    VOTE = "vote"
    RECUSE = "recuse"
    RECOMMEND = "recommend"
    DECLARE_INTEREST = "declare_interest"
    CLOSE_VOTE = "close_vote"
    CONVENE = "convene"
    RUN_MEETING = "run_meeting"
    PULL_ITEM = "pull_item"
    KEEP_MINUTES = "keep_minutes"
    APPROVE_MINUTES = "approve_minutes"
    FINISH_ACTION = "finish_action"
    DECIDE_ALONE = "decide_alone"
    DELEGATE = "delegate"
    GRANT_STANDING = "grant_standing"
    USE_STANDING = "use_standing"
    MEET_CONDITION = "meet_condition"
    ACKNOWLEDGE = "acknowledge"
    NAME_ASSISTANT = "name_assistant"
    RECORD_CLEARANCE = "record_clearance"
    CHECK_IN = "check_in"
    KEEP_CONTACT = "keep_contact"
    ANSWER_CALL = "answer_call"
    ASK_LOAN = "ask_loan"
    HANDLE_LOAN = "handle_loan"
    WAIVE = "waive"
    DEBRIEF = "debrief"
    RECORD_ADVISORY = "record_advisory"
    EDIT_REQUIREMENTS = "edit_requirements"
    EDIT_COURSES = "edit_courses"
    CLAIM_COMPLETION = "claim_completion"
    VERIFY_COMPLETION = "verify_completion"
    PUBLISH_GUIDE = "publish_guide"
    EDIT_REGISTER = "edit_register"
    KEEP_AGREEMENT = "keep_agreement"
    IMPORT = "import"
    MANAGE_PEOPLE = "manage_people"
    GRANT_ROLE = "grant_role"
    EDIT_NORMS = "edit_norms"
    EDIT_ABSENCE = "edit_absence"
    WRITE_REPORT = "write_report"
    LET_LATE_ASK = "let_late_ask"
    STATE_JOURNEY = "state_journey"
    MAKE_COMMITMENT = "make_commitment"
    FOLLOW_COMMITMENT = "follow_commitment"
    HANDLE_GIFT = "handle_gift"
    SEND_LIST = "send_list"
    ANSWER_LESSON = "answer_lesson"
    ENDORSE = "endorse"


Ability = Action | See | Do

# What the record is: a Subject for acts on items and trips; a person's id for acts on somebody's record; else None.
POLICY: dict[Ability, Test] = {
    Action.SUBMIT: asked,
    Action.WITHDRAW: asked | has(Role.SECRETARIAT),
    Action.RETURN: has(Role.SECRETARIAT) & disinterested,
    Action.REVIEW: has(Role.SECRETARIAT) & disinterested,
    Action.PLACE: has(Role.SECRETARIAT) & disinterested,
    Action.RESUME: program,
    Action.CIRCULATE: program,
    Action.BREAK_SILENCE: program,
    Action.CANCEL: asked | has(Role.SECRETARIAT),
    Action.RECONSIDER: asked | (has(Role.MEMBER, Role.CHAIR) & disinterested & ~has(Role.ADMINISTRATOR)),
    Do.DRAFT: signed_in & ~has(Role.AUDITOR),
    Do.EDIT: asked,
    Do.CHANGE: asked,
    Do.POSTPONE: asked,
    Do.MARK: (asked | has(Role.SECRETARIAT)) & ~has(Role.AUDITOR),
    Do.REVIEW: has(Role.REVIEWER) & disinterested,
    Do.RAISE_MATTER: has(Role.SECRETARIAT, Role.LEADERSHIP) & ~has(Role.AUDITOR),
    Do.PROPOSE_GUIDE: has(Role.CONTENT_OWNER) & ~has(Role.AUDITOR),
    Do.CLAIM: has(Role.SECRETARIAT) & unclaimed,
    Do.PUT_MOTION: has(Role.CHAIR, Role.SECRETARIAT) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.WITHDRAW_MOTION: has(Role.CHAIR, Role.SECRETARIAT) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.VOTE: has(Role.MEMBER, Role.CHAIR) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.RECUSE: has(Role.MEMBER, Role.CHAIR),
    Do.RECOMMEND: has(Role.SECRETARIAT) & disinterested,
    Do.DECLARE_INTEREST: own,
    Do.CLOSE_VOTE: has(Role.CHAIR, Role.SECRETARIAT) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.CONVENE: has(Role.SECRETARIAT, Role.CHAIR),
    Do.RUN_MEETING: has(Role.SECRETARIAT, Role.CHAIR) & ~has(Role.ADMINISTRATOR),
    Do.PULL_ITEM: has(Role.MEMBER, Role.CHAIR),
    Do.KEEP_MINUTES: has(Role.SECRETARIAT) & ~has(Role.ADMINISTRATOR),
    Do.APPROVE_MINUTES: has(Role.CHAIR) & ~has(Role.ADMINISTRATOR),
    Do.FINISH_ACTION: own | has(Role.SECRETARIAT),
    Do.DECIDE_ALONE: has(Role.CHAIR, Role.MEMBER) & disinterested & ~has(Role.ADMINISTRATOR, Role.SECRETARIAT),
    Do.DELEGATE: own | has(Role.SECRETARIAT),
    Do.GRANT_STANDING: has(Role.CHAIR, Role.SECRETARIAT),
    Do.USE_STANDING: has(Role.SECRETARIAT) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.ACKNOWLEDGE: travels | assists,
    Do.MEET_CONDITION: has(Role.SECRETARIAT, Role.CHAIR) & disinterested & ~has(Role.ADMINISTRATOR),
    Do.NAME_ASSISTANT: own,
    Do.CHECK_IN: travels,
    Do.KEEP_CONTACT: travels,
    Do.ANSWER_CALL: has(Role.DUTY_OFFICER),
    Do.ASK_LOAN: travels,
    Do.HANDLE_LOAN: has(Role.REVIEWER, Role.DUTY_OFFICER) & ~travels,
    Do.RECORD_CLEARANCE: travels | has(Role.SECRETARIAT),
    Do.WAIVE: has(Role.SECRETARIAT, Role.CHAIR, Role.LEADERSHIP, Role.REVIEWER, Role.TRAINING_OWNER, Role.DUTY_OFFICER)
    & ~asked
    & ~travels,
    Do.DEBRIEF: has(Role.SECRETARIAT, Role.REVIEWER, Role.TRAINING_OWNER) & ~travels,
    Do.RECORD_ADVISORY: has(Role.SECRETARIAT, Role.DUTY_OFFICER),
    Do.EDIT_REQUIREMENTS: has(Role.CONTENT_OWNER, Role.ADMINISTRATOR),
    Do.EDIT_COURSES: has(Role.TRAINING_OWNER, Role.ADMINISTRATOR),
    Do.CLAIM_COMPLETION: own,
    Do.VERIFY_COMPLETION: has(Role.TRAINING_OWNER) & ~own,
    Do.PUBLISH_GUIDE: has(Role.CONTENT_OWNER),
    Do.EDIT_REGISTER: has(Role.SECRETARIAT),
    Do.KEEP_AGREEMENT: own | has(Role.SECRETARIAT),
    Do.IMPORT: has(Role.SECRETARIAT),
    Do.MANAGE_PEOPLE: has(Role.ADMINISTRATOR),
    Do.GRANT_ROLE: has(Role.ADMINISTRATOR) & ~own,
    Do.ENDORSE: supervises & ~travels & ~asked,
    Do.EDIT_NORMS: has(Role.ADMINISTRATOR),
    Do.EDIT_ABSENCE: own | has(Role.ADMINISTRATOR),
    Do.WRITE_REPORT: asked | travels,
    Do.LET_LATE_ASK: has(Role.SECRETARIAT, Role.CHAIR) & ~own,
    Do.STATE_JOURNEY: travels,
    Do.MAKE_COMMITMENT: asked | travels | has(Role.SECRETARIAT),
    Do.FOLLOW_COMMITMENT: own | has(Role.SECRETARIAT),
    Do.HANDLE_GIFT: has(Role.SECRETARIAT, Role.REVIEWER) & ~own,
    Do.SEND_LIST: has(Role.SECRETARIAT),
    Do.ANSWER_LESSON: has(Role.CONTENT_OWNER),
    See.ENGAGEMENT: signed_in
    & (
        asked
        | travels
        | unclaimed & has(Role.SECRETARIAT)
        | ~draft & (approved & open_to | supervises | handles | governs & ~red)
    ),
    See.BALLOTS: has(Role.SECRETARIAT, Role.MEMBER, Role.CHAIR, Role.AUDITOR) & disinterested,
    # What the board reads and says among itself: memo, recommendation, pack. Hidden from whoever stands aside.
    See.OWN: asked | travels,
    See.COVERAGE: has(Role.SECRETARIAT, Role.CHAIR),
    See.CONTENT: signed_in
    & (
        asked
        | travels
        | unclaimed & has(Role.SECRETARIAT)
        | ~draft & (approved & open_to | (supervises | handles | governs & ~red) & ~recused)
    ),
    See.PAPERS: has(Role.SECRETARIAT, Role.MEMBER, Role.CHAIR, Role.AUDITOR) & ~draft & disinterested,
    See.MEETING: has(Role.SECRETARIAT, Role.MEMBER, Role.CHAIR),
    See.READINESS: travels | assists | asked | supervises | has(Role.SECRETARIAT, Role.DUTY_OFFICER, Role.AUDITOR),
    See.EMERGENCY_CONTACT: travels | has(Role.DUTY_OFFICER),
    See.GIFT: own | has(Role.SECRETARIAT, Role.REVIEWER, Role.AUDITOR),
    See.LISTS: has(Role.SECRETARIAT, Role.LEADERSHIP, Role.AUDITOR),
    See.COMPLIANCE: has(Role.SECRETARIAT, Role.CHAIR, Role.LEADERSHIP, Role.AUDITOR),
    # An agreement is a subject too: as an approved engagement of its owner.
    See.AGREEMENT: signed_in & (asked | supervises | open_to | handles | governs & ~red),
    See.CONTACTS: has(Role.SECRETARIAT, Role.LEADERSHIP) | asked | travels,
    See.TRAIL: has(Role.AUDITOR),
    See.PERSON: own | has(Role.ADMINISTRATOR),
}

EVERYONE = frozenset(Role)
# Which roles enter which room. A room that is not here has no door: nobody enters. `None`: no sign-in is asked.
DOORS: dict[str, frozenset[Role] | None] = {
    "static": None,
    "health": None,
    "entrance": None,
    "account": EVERYONE,
    "requests": EVERYONE,
    "travel": EVERYONE,
    "guidance": EVERYONE,
    "training": EVERYONE,
    "awareness": EVERYONE,
    "partners": EVERYONE,
    "reports": EVERYONE,
    "files": EVERYONE,
    "search": EVERYONE,
    "bulk": frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR}),
    "secretariat": frozenset({Role.SECRETARIAT}),
    "board": frozenset({Role.MEMBER, Role.CHAIR, Role.SECRETARIAT}),
    "duty": frozenset({Role.DUTY_OFFICER}),
    "audit": frozenset({Role.AUDITOR}),
    "admin": frozenset({Role.ADMINISTRATOR}),
}


def may(who: Actor, ability: Ability, what: object = None) -> bool:
    """Whether `who` may do `ability` to `what`. An ability nobody ruled on is a KeyError, never a yes."""
    return POLICY[ability](who, what)


def may_enter(who: Actor, room: str) -> bool:
    """Whether `who` may enter `room`; a room without a door is closed."""
    roles = DOORS.get(room, frozenset())
    return roles is None or (who.is_authenticated and bool(who.roles & roles))
