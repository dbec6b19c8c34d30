"""The decision memo of an item, on screen and on paper."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.documents import memo as paper
from engage.rules.items import ItemKind
from engage.rules.policy import Do, may
from engage.web import access, papers
from engage.web.board.room import bp
from engage.web.downloads import attachment


@bp.get("/board/items/<int:item_id>/memo")
def memo(item_id: int) -> ResponseReturnValue:
    """One page: recommendation, options, the day to decide by, conflicts, history, costs."""
    subject, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    made = access.or_404(paper.memo(item_id) if subject.kind is ItemKind.ENGAGEMENT else None)
    return render_template(
        "board/memo.html", memo=made, state=subject.state, may_write=may(access.me(), Do.RECOMMEND, subject), say=paper
    )


@bp.get("/board/items/<int:item_id>/memo.pdf")
def memo_pdf(item_id: int) -> ResponseReturnValue:
    """The same page as PDF: the same facts make the same bytes."""
    subject, hidden = papers.opened(item_id)
    if hidden is not None:
        return hidden
    made = access.or_404(paper.memo(item_id) if subject.kind is ItemKind.ENGAGEMENT else None)
    return attachment(paper.as_pdf(made), f"memo-{item_id}-version-{made.version}.pdf")
