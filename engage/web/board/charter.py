"""The charter in force, for those who decide under it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.documents import charter as paper
from engage.services import seats
from engage.web import access
from engage.web.board.room import bp
from engage.web.downloads import attachment


@bp.get("/board/charter")
def charter() -> ResponseReturnValue:
    """The charter in force today, in sentences, with the seats."""
    board = seats.the_board()
    today = seats.board_day(board, access.clock())
    said = paper.told(seats.charter_on(board.id, today), board, today)
    return render_template("charter.html", said=said, pdf="/board/charter.pdf", back=[("Board", "/board")])


@bp.get("/board/charter.pdf")
def charter_pdf() -> ResponseReturnValue:
    """The same as PDF."""
    board = seats.the_board()
    today = seats.board_day(board, access.clock())
    one = seats.charter_on(board.id, today)
    return attachment(paper.as_pdf(one, board, today), f"charter-{one.starts_on}.pdf")
