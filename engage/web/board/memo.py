"""The decision memo of an item, on screen and on paper."""

from dataclasses import replace

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.documents import memo as paper
from engage.rules.items import ItemKind
from engage.rules.policy import Do, Subject, may
from engage.services import clashes
from engage.web import access, papers
from engage.web.board.room import bp
from engage.web.downloads import attachment


@bp.get("/board/items/<int:item_id>/memo")
def memo(item_id: int) -> ResponseReturnValue:
    """One page: recommendation, options, the day to decide by, conflicts, history, costs."""
    subject, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    made = _made(item_id, subject)
    return render_template(
        "board/memo.html", memo=made, state=subject.state, may_write=may(access.me(), Do.RECOMMEND, subject), say=paper
    )


@bp.get("/board/items/<int:item_id>/memo.pdf")
def memo_pdf(item_id: int) -> ResponseReturnValue:
    """The same page as PDF: the same facts make the same bytes."""
    subject, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    made = _made(item_id, subject)
    return attachment(paper.as_pdf(made), f"memo-{item_id}-version-{made.version}.pdf")


def _made(item_id: int, subject: Subject) -> paper.Memo:
    """The memo as its reader may read it: of what is closed to them, its days and what is shared alone."""
    made = access.or_404(paper.memo(item_id) if subject.kind is ItemKind.ENGAGEMENT else None)
    if not made.clashes:
        return made
    return replace(made, clashes=clashes.seen_by(clashes.Found(made.clashes), by=access.me()).clashes)
