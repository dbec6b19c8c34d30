"""The requests room: the field sheet of an engagement, for whoever types it again elsewhere."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.documents import field_sheet as paper
from engage.rules.items import ItemKind
from engage.rules.policy import See, Subject, may
from engage.rules.refusals import NotAllowed
from engage.services import field_sheet
from engage.services.field_sheet import FieldSheet
from engage.web import access, papers
from engage.web.downloads import attachment
from engage.web.requests.room import bp, seen


def may_print(subject: Subject) -> bool:
    """Whether the reader prepares this engagement, or answers for who does."""
    return subject.kind is ItemKind.ENGAGEMENT and may(access.me(), See.READINESS, subject)


def _gathered(item_id: int) -> tuple[FieldSheet | None, ResponseReturnValue | None]:
    """The sheet; or the page to show instead."""
    subject = access.or_404(seen(item_id))
    if (hidden := papers.content_hidden(item_id, subject)) is not None:
        return None, hidden
    if not may_print(subject):
        raise NotAllowed("The field sheet is for the party, the requester, and those who prepare the journey.")
    return field_sheet.of(item_id), None


@bp.get("/engagements/<int:item_id>/sheet")
def sheet(item_id: int) -> ResponseReturnValue:
    """One page, in the order the clearance and booking systems ask."""
    made, hidden = _gathered(item_id)
    if made is None:
        return hidden  # type: ignore[return-value]
    return render_template("requests/sheet.html", sheet=made, parts=paper.parts(made))


@bp.get("/engagements/<int:item_id>/sheet.pdf")
def sheet_pdf(item_id: int) -> ResponseReturnValue:
    """The same page as PDF: the same facts make the same bytes."""
    made, hidden = _gathered(item_id)
    if made is None:
        return hidden  # type: ignore[return-value]
    return attachment(paper.as_pdf(made, made.head.state_since), f"field-sheet-{item_id}.pdf")
