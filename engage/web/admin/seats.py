"""The board's seats: who holds each, who acts for whom, what changes and when."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import InputRequired, Optional

from engage.rules.refusals import Incomplete
from engage.services import people, seating, seats
from engage.services.transaction import transaction
from engage.web import access
from engage.web.admin.room import bp
from engage.web.forms import Day, Form, text
from engage.web.safety import say


class HolderForm(Form):
    """Who holds a seat, and on which days."""

    person = text("E-mail address", 200, validators=[InputRequired("Say who.")], render_kw={"autocomplete": "off"})
    starts_on = Day("From", [InputRequired("Give the first day.")], description="Whoever holds it now leaves before.")
    ends_on = Day("Through", [Optional()], description="Empty: until somebody follows.")


class VacateForm(Form):
    """The last day of a seat's holder."""

    last_on = Day("Last day of the present holder", [InputRequired("Give the last day.")])


class CloseForm(Form):
    """The last day of a seat."""

    closes_on = Day("Last day of the seat", [InputRequired("Give the last day.")])


class SeatForm(Form):
    """A further seat."""

    name = text("Name of the seat", validators=[InputRequired("Give the seat a name.")])
    is_chair = BooleanField("It is the chair’s")
    starts_on = Day("From", [InputRequired("Give the first day.")], description="After today.")


@bp.get("/admin/seats")
def seat_list() -> ResponseReturnValue:
    """Every seat with its holder today, who acts for them, and what is to change."""
    board, today = seats.the_board(), access.today()
    held, acting = seating.holdings(board), seating.alternates(today)
    lines: list[dict[str, Any]] = [
        {
            "seat": place,
            "now": next((row for row in held if row.seat_id == place.id and _on(row, today)), None),
            "next": [row for row in reversed(held) if row.seat_id == place.id and row.starts_on > today],
        }
        for place in seating.all_seats(board)
    ]
    for line in lines:
        line["alternates"] = [one for one in acting if line["now"] and one.principal_id == line["now"].person_id]
    filled = {place.seat.id for place in seats.places_on(board.id, today) if place.seat.holder_id}
    return render_template("admin/seats.html", board=board, lines=lines, filled=filled)


@bp.route("/admin/seats/new", methods=["GET", "POST"])
def seat_new() -> ResponseReturnValue:
    """A further seat of the board."""
    form = SeatForm(request.form or None)

    def add() -> None:
        seating.add(
            form.name.data or "", is_chair=form.is_chair.data, starts_on=form.starts_on.data, by=access.me(),
            now=access.clock(),
        )  # fmt: skip

    if (done := _done(form, add, "The seat is there from that day on.", "/admin/seats")) is not None:
        return done
    return render_template("admin/seat_new.html", form=form), 200 if request.method == "GET" else 422


@bp.route("/admin/seats/<int:seat_id>", methods=["GET", "POST"])
def seat_one(seat_id: int) -> ResponseReturnValue:
    """One seat: who held it, and three changes: another holder, a vacancy, an end."""
    board = seats.the_board()
    place = access.or_404(next((one for one in seating.all_seats(board) if one.id == seat_id), None))
    act, here = request.form.get("act", ""), f"/admin/seats/{seat_id}"
    forms: dict[str, Any] = {
        name: made(request.form if act == name else None)
        for name, made in (("hold", HolderForm), ("vacate", VacateForm), ("close", CloseForm))
    }
    by, now = access.me(), access.clock()

    def hold() -> None:
        who = people.by_email((forms["hold"].person.data or "").strip())
        if who is None:
            raise Incomplete({"person": "Nobody has an account at this address."})
        given = forms["hold"]
        seating.seat(seat_id, who.id, starts_on=given.starts_on.data, ends_on=given.ends_on.data, by=by, now=now)

    acts: dict[str, tuple[Callable[[], None], str]] = {
        "hold": (hold, "The seat has its holder."),
        "vacate": (lambda: seating.vacate(seat_id, ends_on=forms["vacate"].last_on.data, by=by, now=now),
                   "The seat is vacant after that day."),
        "close": (lambda: seating.close(seat_id, ends_on=forms["close"].closes_on.data, by=by, now=now),
                  "The seat ends on that day."),
    }  # fmt: skip
    if act in acts and (done := _done(forms[act], *acts[act], here)) is not None:
        return done
    page = render_template(
        "admin/seat.html", seat=place, forms=forms, held=[r for r in seating.holdings(board) if r.seat_id == seat_id]
    )
    return page, 200 if request.method == "GET" else 422


def _done(form: Any, act: Callable[[], None], said: str, there: str) -> ResponseReturnValue | None:
    """Do it and lead on; None where the form, or a rule, refuses it."""
    if not form.accepted():
        return None
    try:
        with transaction():
            act()
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return None
    return say(said, there)


def _on(row: Any, day: Any) -> bool:
    return bool(row.starts_on <= day and (row.ends_on is None or row.ends_on >= day))
