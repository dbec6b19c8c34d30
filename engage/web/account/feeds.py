"""A person's calendar subscriptions: made, listed, and ended."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from engage.reference.places import country_named
from engage.rules.feeds import Covers
from engage.rules.policy import See, may
from engage.rules.refusals import Incomplete
from engage.services import feeds
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.room import bp
from engage.web.forms import Form, text
from engage.web.safety import say


class FeedForm(Form):
    """What a subscription brings."""

    covers = SelectField("What it brings", default=Covers.MINE.value)
    country = text("Country (name or code)", 60, description="Only for engagements with one country.")
    forum = text("Forum (code or name)", 200, description="Only for engagements in one forum.")

    def offer(self) -> "FeedForm":
        """Offer what the reader may subscribe to."""
        board = may(access.me(), See.MEETING)
        self.covers.choices = [SelectChoice(one.value, one.label) for one in Covers if board or one is not Covers.BOARD]
        return self

    def code(self) -> str | None:
        """The country's code; None where none of that name or code is known."""
        typed = (self.country.data or "").strip()
        return typed.upper() if len(typed) == 2 else country_named(typed) if typed else None


@bp.get("/account/feeds")
def feeds_page() -> ResponseReturnValue:
    """Every address at which a calendar program reads for the reader."""
    return _page(FeedForm(None).offer())


@bp.post("/account/feeds")
def new_feed() -> ResponseReturnValue:
    """Make an address; it is told once."""
    form = FeedForm(request.form).offer()
    if form.accepted():
        try:
            with transaction():
                token = feeds.create(
                    Covers(form.covers.data), form.code(), form.forum.data or "", by=access.me(), now=access.clock()
                )
            return _page(FeedForm(None).offer(), made=f"{access.settings().url}/feeds/{token}.ics")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(form), 422


@bp.post("/account/feeds/<int(max=9223372036854775807):feed_id>/end")
def end_feed(feed_id: int) -> ResponseReturnValue:
    """End one address at once."""
    with transaction():
        ended = feeds.revoke(feed_id, by=access.me(), now=access.clock())
    access.or_404(ended or None)
    return say("That address is void. Remove it from your calendar program too.", "/account/feeds")


def _page(form: FeedForm, made: str = "") -> str:
    listed = feeds.of(access.or_404(access.me().id), now=access.clock())
    return render_template("account/feeds.html", form=form, feeds=listed, made=made)
