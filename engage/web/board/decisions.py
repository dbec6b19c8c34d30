"""The board room's register of decisions, each with its arithmetic, ballots and conditions."""

import json
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.rules import charter
from engage.rules.policy import Do, See, may
from engage.rules.workflow import APPROVED
from engage.services import board, condition_lists, seats, visibility
from engage.web import access, exports
from engage.web.board import queries
from engage.web.board.room import bp
from engage.web.keyset import cursor, following, read

_COLUMNS = (
    exports.Column("Number", lambda row: row.id),
    exports.Column("Item", lambda row: exports.title(row.marking, row.title)),
    exports.Column("Kind", lambda row: row.kind.named(row.asks)),
    exports.Column("Marking", lambda row: row.marking.label),
    exports.Column("Decision", lambda row: board.verdict(row.asks, row.outcome)),
    exports.Column("Decided", lambda row: row.decided_at),
    exports.Column("State now", lambda row: row.state.label),
)


def _page(before: int | None) -> tuple[list[Any], int | None]:
    found = queries.decisions(before=before or queries.LAST)
    rows = found[: queries.PAGE]
    return rows, rows[-1].id if len(found) > queries.PAGE else None


@bp.get("/board/decisions")
def decisions() -> ResponseReturnValue:
    """The register of decisions, the newest first."""
    if exports.asked():
        return exports.answer("decisions", _COLUMNS, exports.paged(_page))
    after = read(str)
    found = queries.decisions(before=after[1] if after else queries.LAST)
    rows = found[: queries.PAGE]
    return render_template(
        "board/decisions.html", rows=[(row, board.verdict(row.asks, row.outcome)) for row in rows],
        next_url=following(after=cursor("", rows[-1].id)) if len(found) > queries.PAGE else None,
        first_url="/board/decisions" if after else None,
    )  # fmt: skip


@bp.get("/board/decisions/<int:decision_id>")
def decision(decision_id: int) -> ResponseReturnValue:
    """One decision: what was decided, on which text, by which authority and sums, and on what conditions."""
    row, who = access.or_404(queries.decision(decision_id)), access.me()
    _, subject = access.or_404(visibility.find(row.item_id, by=who))
    return render_template(
        "board/decision.html", row=row, rules=charter.in_words(seats.rules_of(row, row.kind)),
        held=json.loads(row.seats) if row.seats else [], verdict=board.verdict(row.asks, row.outcome),
        sums=board.sums(row.arithmetic),
        put_off=queries.put_off(row.motion_id), again=queries.past(row.item_id),
        said=queries.said(row.motion_id) if may(who, See.BALLOTS, subject) else [],
        recusals=[one for one in queries.stepped_aside(row.item_id) if one.at <= row.decided_at],
        conditions=condition_lists.of_decision(decision_id),
        may_meet=subject.state in APPROVED and may(who, Do.MEET_CONDITION, subject),
    )  # fmt: skip
