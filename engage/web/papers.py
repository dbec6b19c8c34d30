"""The only place that opens the board's papers to a reader: to who stands aside they stay hidden, on every page."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Role, See, Subject, may
from engage.rules.recusal import Position
from engage.services import recusals, visibility
from engage.web import access
from engage.web.papers_forms import AnswerForm

OF_THE_BOARD = frozenset({Role.MEMBER, Role.CHAIR, Role.SECRETARIAT})


def opened(item_id: int) -> tuple[Subject, ResponseReturnValue | None]:
    """The item as the policy sees it; and, where its papers are closed to this reader, the page that says why.

    404 where the reader may not even know of it. A member whom something ties to the item is asked first.
    """
    subject = access.or_404(visibility.subject(item_id))
    access.or_404(subject if may(access.me(), See.ENGAGEMENT, subject) else None)
    stand = recusals.stand(item_id, subject, by=access.me(), day=access.today())
    if stand.position is Position.ASIDE:
        return subject, aside(item_id, subject)
    if stand.position is Position.ASKED:
        return subject, asked(item_id, stand, AnswerForm())
    return subject, None


def content_hidden(item_id: int, subject: Subject) -> ResponseReturnValue | None:
    """The page to show instead of an item's content, or None where this reader may read it.

    Who asked for it or travels reads their own words; once approved, it is everybody's to read.
    """
    me = access.me()
    if may(me, See.CONTENT, subject):
        if not me.roles & recusals.VOTERS or may(me, See.OWN, subject):
            return None
        stand = recusals.stand(item_id, subject, by=me, day=access.today())
        return asked(item_id, stand, AnswerForm()) if stand.position is Position.ASKED else None
    return aside(item_id, subject)


def aside(item_id: int, subject: Subject) -> str:
    """The page for a reader who stands aside: that the item is there, and no more."""
    row = visibility.name_of(item_id)
    me = access.me()
    own = may(me, See.OWN, subject)
    word = recusals.word_of(item_id, me.id)
    return render_template("papers/aside.html", item_id=item_id, row=row, own=own, word=word)


def asked(item_id: int, stand: recusals.Stand, form: AnswerForm) -> ResponseReturnValue:
    """The question whether the reader steps aside, with its grounds."""
    row = visibility.name_of(item_id)
    page = render_template("papers/asked.html", item_id=item_id, row=row, stand=stand, form=form)
    return page, 422 if request.method == "POST" else 200
