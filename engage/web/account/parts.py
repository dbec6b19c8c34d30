"""The parts of a home page: what waits for whom, each role's in at most two statements."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select

from engage.extensions import db
from engage.rules.policy import Actor, Role
from engage.rules.workflow import WITH_THE_BOARD, State
from engage.services import endorsements, readiness, waiting


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: since when, until when, and where it is done.

    `begins` stands instead of `until` where the first day of the engagement is all that presses.
    """

    label: str
    url: str
    what: str
    since: datetime | None = None
    until: date | datetime | None = None
    begins: date | None = None

    def overdue(self, now: datetime, today: date) -> bool:
        """Whether the day or the moment by which it should be done is over."""
        if isinstance(self.until, datetime):
            return self.until < now
        return self.until is not None and self.until < today


@dataclass(frozen=True)
class Part:
    """A part of a home page: its lines, where all of them are, and what it says when there are none."""

    title: str
    lines: tuple[Waiting, ...]
    more: bool
    url: str
    link: str
    nothing: str


def parts(who: Actor, today: date) -> list[Part]:
    """The parts of this person's home page, what they must do first. Statements follow the roles, not the rows."""
    given = {"me": who.id, "today": today, "soon": today + timedelta(days=14)}
    made = [part for role, make in _PARTS if role is None or role in who.roles for part in make(given)]
    return sorted(made, key=lambda part: not part.lines)  # what has nothing in it comes last


def _part(
    title: str, statement: Select[Any], given: dict[str, Any], line: Callable[[Any], Waiting], url: str, link: str,
    nothing: str,
) -> Part:  # fmt: skip
    rows = db.session.execute(statement, given).all()
    return Part(
        title,
        tuple(line(row) for row in rows[: waiting.SHOWN]),
        len(rows) > waiting.SHOWN,
        url,
        link,
        nothing,
    )


def _vote(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Votes waiting for you", waiting.VOTES, given,
        lambda r: Waiting(
            r.title, f"/board/items/{r.id}", f"Motion to {r.outcome.label.lower()}", r.moved_at, r.closes_at
        ),
        "/board", "The docket", "Every open motion that you may vote on has your ballot.",
    )  # fmt: skip


def _screening(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Requests to screen", waiting.SCREENING, given,
        lambda r: Waiting(r.title, f"/screening/{r.id}", "Return it with questions, or place it on the docket",
                          r.state_since, begins=r.starts_on),
        "/screening", "All requests to screen", "No request waits for screening.",
    )  # fmt: skip
    yield _part(
        "Imported drafts that nobody has claimed", waiting.UNCLAIMED, given,
        lambda r: Waiting(
            r.title, f"/screening/{r.id}", "Give it to the person who asked", r.created_at, begins=r.starts_on
        ),
        "/screening", "All unclaimed drafts", "Every imported draft has its requester.",
    )  # fmt: skip


def _reviews(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Reviews to give", waiting.REVIEWS, given,
        lambda r: Waiting(r.title, f"/reviews/{r.id}", f"Give the {r.kind.label.lower()} review", r.begun_at, r.due_on),
        "/reviews", "All reviews to give", "No review waits for you.",
    )  # fmt: skip


def _docket(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "On the docket without a motion", waiting.DOCKET, given,
        lambda r: Waiting(r.title, f"/board/items/{r.id}", "Put a motion", r.placed_at, begins=r.starts_on),
        "/board", "The docket", "Every item on the docket has its motion.",
    )  # fmt: skip


def _own(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Your drafts and returned requests", waiting.OWN, given,
        lambda r: Waiting(
            r.title or "A draft without a title", r.kind.path(r.id),
            "Answer the questions and submit again" if r.state is State.RETURNED else "Finish it and submit",
            r.state_since, begins=r.starts_on,
        ),
        "/engagements", "All your engagements",
        "You have no draft and nothing was returned to you. To visit or host a partner, ask for an engagement.",
    )  # fmt: skip


def _with_others(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Your requests, with others now", waiting.WITH_OTHERS, given,
        lambda r: Waiting(
            r.title, r.kind.path(r.id),
            f"{r.state.label}: with the {'board' if r.state in WITH_THE_BOARD else 'secretariat'}",
            r.state_since, begins=r.starts_on,
        ),
        "/engagements", "All your engagements", "None of your requests waits for somebody else.",
    )  # fmt: skip


def _trips(given: dict[str, Any]) -> Iterator[Part]:
    rows = db.session.execute(waiting.TRIPS, given).all()
    verdicts = readiness.verdicts([row.id for row in rows[: waiting.SHOWN]], given["today"]) if rows else {}
    lines = []
    for row in rows[: waiting.SHOWN]:
        missing = verdicts[row.id].missing
        dues = [item.requirement.due_on for item in missing]
        what = (
            f"{len(missing)} thing{'s' if len(missing) != 1 else ''} to do before you go"
            if missing
            else "Cleared to travel"
        )
        lines.append(
            Waiting(row.title, f"/trips/{row.id}", what, row.opened_at, min(dues, default=row.departs_on))
        )
    yield Part(
        "Your trips", tuple(lines), len(rows) > waiting.SHOWN, "/trips", "All your trips",
        "You have no trip ahead. Once the board approves an engagement that names you, its checklist appears here.",
    )  # fmt: skip


def _endorse(given: dict[str, Any]) -> Iterator[Part]:
    rows = endorsements.mine(given["me"])
    lines = [
        Waiting(row.title, f"/engagements/{row.id}/endorse", "Endorse it, or send it back", row.submitted_at,
                begins=row.starts_on)
        for row in rows[: waiting.SHOWN]
    ]  # fmt: skip
    yield Part(
        "Requests that wait for your word", tuple(lines), len(rows) > waiting.SHOWN, "/calendar", "The calendar",
        "No request of your people waits for your endorsement.",
    )  # fmt: skip


def _of_my_people(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "What your people have ahead", waiting.OF_MY_PEOPLE, given,
        lambda r: Waiting(
            r.title, r.kind.path(r.id), f"{r.name}: {r.state.label.lower()}", r.state_since, begins=r.starts_on
        ),
        "/calendar", "The calendar", "Nobody who reports to you has an engagement ahead.",
    )  # fmt: skip


def _training(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Completions to verify", waiting.UNVERIFIED, given,
        lambda r: Waiting(
            f"{r.name}: {r.course}", "/training/queue", "Look at the evidence and verify it", r.recorded_at
        ),
        "/training/queue", "All completions to verify", "Every recorded completion is verified.",
    )  # fmt: skip


def _guidance(given: dict[str, Any]) -> Iterator[Part]:
    count = db.session.scalar(waiting.STARTER) or 0
    wanted = db.session.execute(waiting.WANTED, given).all()
    lines = [
        Waiting(f"No guide for {row.name}", f"/guidance/{row.code}/edit", f"From {row.first_on:%d %B %Y}")
        for row in wanted[: waiting.SHOWN]
    ]
    if count:
        lines.append(Waiting(f"{count} guides hold starter text", "/guidance", "Review them, a country at a time"))
    yield Part(
        "Guides to look after", tuple(lines), len(wanted) > waiting.SHOWN, "/guidance/work",
        "What waits for content owners", "Every guide was reviewed by its owner.",
    )  # fmt: skip


def _duty(given: dict[str, Any]) -> Iterator[Part]:
    away = db.session.scalar(waiting.AWAY, given) or 0
    line = Waiting(
        f"{away} traveller{'s are' if away != 1 else ' is'} abroad now", "/abroad", "See who is where"
    )
    yield Part(
        "Abroad now", (line,) if away else (), False, "/abroad", "Who is abroad", "Nobody is abroad today."
    )
    yield _part(
        "Leaving within two weeks", waiting.LEAVING, given,
        lambda r: Waiting(
            f"{r.name}: {r.title}", f"/trips/{r.id}", "See whether they are cleared", r.opened_at, begins=r.departs_on
        ),
        "/abroad", "Who is abroad", "Nobody leaves within two weeks.",
    )  # fmt: skip


def _leadership(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Coming up", waiting.AHEAD, given,
        lambda r: Waiting(r.title, f"/engagements/{r.id}", r.state.label, r.decided_at, begins=r.starts_on),
        "/register", "The register", "No approved engagement lies ahead.",
    )  # fmt: skip


def _trail(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Denied lately", waiting.DENIED, given,
        lambda r: Waiting(f"{r.name or 'Somebody unknown'}: {r.action.replace('_', ' ')}", "/trail?outcome=denied",
                          "Look at the trail", r.at),
        "/trail", "The trail", "Nobody was denied anything.",
    )  # fmt: skip


def _people(given: dict[str, Any]) -> Iterator[Part]:
    yield _part(
        "Invited, and not yet signed in", waiting.INVITED, given,
        lambda r: Waiting(r.name, f"/admin/people/{r.id}", "Invite again, or disable", r.created_at),
        "/admin", "Administration", "Everybody has set a password.",
    )  # fmt: skip


# In the order of the page: duties towards others first, one's own next, what is good to know last.
_PARTS: tuple[tuple[Role | None, Callable[[dict[str, Any]], Iterator[Part]]], ...] = (
    (Role.MEMBER, _vote),
    (Role.SECRETARIAT, _screening),
    (Role.SUPERVISOR, _endorse),
    (Role.REVIEWER, _reviews),
    (Role.CHAIR, _docket),
    (Role.TRAINING_OWNER, _training),
    (Role.CONTENT_OWNER, _guidance),
    (Role.DUTY_OFFICER, _duty),
    (Role.ADMINISTRATOR, _people),
    (Role.AUDITOR, _trail),
    (Role.LEADERSHIP, _leadership),
    (Role.SUPERVISOR, _of_my_people),
    (None, _trips),
    (None, _own),
    (None, _with_others),
)
