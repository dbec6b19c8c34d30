"""The only place for the races: many votes at one instant, over the network, against our own server."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex

import factories as make
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Ballot, Decision, Seat
from engage.rules.policy import Actor, Role
from engage.rules.voting import Outcome
from engage.rules.workflow import State
from engage.services import audit, board, visibility
from engage.services.transaction import transaction
from tests.soak.stage import Finding, Stage, together

VOTERS = 50


def run(stage: Stage, rounds: int) -> Iterator[Finding]:
    """Each round: one member votes fifty times at once; fifty members vote at once, and one closes."""
    with stage.anew():
        with transaction():
            db.session.add_all(Seat(board_id=1, name=f"Seat {n}") for n in range(8, VOTERS + 1))
            db.session.flush()
            _, members = make.board(VOTERS)
            secretary = make.person(Role.SECRETARIAT)
            by = make.actor(secretary)
        said: list[Counter[int]] = [Counter(), Counter(), Counter()]
        with stage.served() as server, ThreadPoolExecutor(VOTERS) as pool:
            browsers = [stage.browser(server, member) for member in members]
            closer = stage.browser(server, secretary)
            motions = []
            for _ in range(rounds):
                item, motion = put(by)
                vote = {"motion": motion, "choice": "yes", "reason": ""}
                again = partial(browsers[1].post, f"/board/items/{item}", vote)
                said[0].update(answer.status for answer in together(pool, [again] * VOTERS))
                motions.append(motion)

                item, motion = put(by)
                vote = {"motion": motion, "choice": "yes", "reason": ""}
                acts = [partial(browser.post, f"/board/items/{item}", vote) for browser in browsers]
                said[1].update(answer.status for answer in together(pool, acts))
                close = closer.post(f"/board/items/{item}/close", {"motion": motion, "once": token_hex(16)})
                said[2][close.status] += 1
        of_one = db.session.scalar(sa.select(sa.func.count()).where(Ballot.motion_id.in_(motions)))
        of_all = db.session.scalar(sa.select(sa.func.count()).where(Ballot.motion_id.not_in(motions)))
        lines = db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "vote"))
        decisions = db.session.scalar(sa.select(sa.func.count()).select_from(Decision))
        whole = audit.verify().first_bad_id is None
    yield Finding(
        "races: one ballot sent 50 times at once", "200 x 50 equal votes = 200 votes, zero 5xx", f"{rounds} x {VOTERS}",
        f"{of_one} votes, answers {told(said[0])}", of_one == rounds and set(said[0]) == {303},
    )  # fmt: skip
    yield Finding(
        "races: 50 voters at once", "200 x 50 voters = 10,000 votes, 200 decisions, zero 5xx", f"{rounds} x {VOTERS}",
        f"{of_all} votes, {decisions} decisions, {lines} lines, trail {'whole' if whole else 'BROKEN'}, "
        f"answers {told(said[1] + said[2])}",
        (of_all, decisions, lines) == (rounds * VOTERS, rounds, rounds * (VOTERS + 1))
        and whole and set(said[1] + said[2]) == {303},
    )  # fmt: skip


def put(by: Actor) -> tuple[int, int]:
    """A new item with a motion that is open on it; gives both numbers."""
    now = datetime.now(UTC)
    with transaction():
        item = make.engagement(State.SCHEDULED, starts=now.date() + timedelta(days=90))
        make.version(item, now)
        motion = board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=by, now=now)
        found = item.id, motion.id
    db.session.remove()
    return found


def told(statuses: Counter[int]) -> str:
    """How often each status came."""
    return ", ".join(f"{count} x {status or 'nothing'}" for status, count in sorted(statuses.items()))
