"""Views that a person keeps by name: each is an address with its filters."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import InputRequired

from engage.rules.refusals import Incomplete
from engage.services import saved_views
from engage.services.transaction import transaction
from engage.web import access
from engage.web.awareness.room import bp
from engage.web.forms import Form, text
from engage.web.safety import say


class ViewForm(Form):
    """A name for an address."""

    name = text("Name of this view", 100, validators=[InputRequired("Give the view a name.")])
    path = HiddenField()


@bp.get("/views")
def views() -> ResponseReturnValue:
    """The reader's views and, where one comes from a page, the form that keeps it."""
    path = request.args.get("path", "")
    return _page(ViewForm(None, path=path) if saved_views.may_be_saved(path) else None)


@bp.post("/views")
def save_view() -> ResponseReturnValue:
    """Keep an address under a name."""
    form = ViewForm(request.form)
    if form.accepted():
        try:
            with transaction():
                saved_views.save(form.name.data, form.path.data or "", by=access.me(), now=access.clock())
            return say("The view is saved.", "/views")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(form), 422


@bp.post("/views/<int(max=9223372036854775807):view_id>/remove")
def remove_view(view_id: int) -> ResponseReturnValue:
    """Forget a view."""
    with transaction():
        gone = saved_views.remove(view_id, by=access.me(), now=access.clock())
    access.or_404(gone or None)
    return say("The view is removed.", "/views")


def _page(form: ViewForm | None) -> str:
    listed = saved_views.of(access.or_404(access.me().id))
    return render_template("awareness/views.html", form=form, views=listed)
