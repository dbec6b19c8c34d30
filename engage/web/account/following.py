"""What a person follows: listed, begun with a button on the page of what is followed, and ended."""

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.follows import Followed
from engage.rules.refusals import Incomplete
from engage.services import follows
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.room import bp

PAGES = {
    Followed.COUNTRY: "/countries/{}", Followed.PARTNER: "/partners/{}", Followed.FORUM: "/forums/{}",
    Followed.TOPIC: "/topics/{}",
}  # fmt: skip


@bp.get("/account/follows")
def follows_page() -> ResponseReturnValue:
    """Everything that the reader follows, the newest first."""
    lines = []
    for row in follows.of(access.me().id or 0):
        kind, key, name = next(
            (kind, key, name)
            for kind, key, name in (
                (Followed.COUNTRY, row.country_code, row.country), (Followed.PARTNER, row.partner_id, row.partner),
                (Followed.FORUM, row.forum_id, row.forum),
                (Followed.TOPIC, row.objective_id, f"{row.code} {row.title}"),
            )
            if key is not None
        )
        lines.append((kind, key, name, PAGES[kind].format(key), row.since))
    return render_template("account/follows.html", lines=lines)


@bp.post("/account/follows/<kind>/<key>")
def follow(kind: str, key: str) -> ResponseReturnValue:
    """Begin to follow something, or end it (`end` in the form), and go back to its page."""
    found = follows.kind_and_key(kind, key)
    if found is None:
        abort(404)
    followed, value = found
    ends = bool(request.form.get("end"))
    try:
        with transaction():
            if ends:
                follows.unfollow(followed, value, by=access.me(), now=access.clock())
            else:
                follows.follow(followed, value, by=access.me(), now=access.clock())
    except Incomplete as refusal:
        flash(" ".join(refusal.at.values()))
        return redirect("/account/follows", 303)
    flash("You are told no more of it." if ends else "You are told in your daily message when something here is new.")
    back = request.form.get("back") == "list"
    return redirect("/account/follows" if back else PAGES[followed].format(value), 303)
