"""Topics: the objectives of the strategic plan, each with the engagements that serve it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.services import follows
from engage.web import access
from engage.web.awareness import topic_queries as queries
from engage.web.awareness.room import bp


@bp.get("/topics")
def topics() -> ResponseReturnValue:
    """Every objective, by goal."""
    return render_template("awareness/topics.html", topics=queries.topics())


@bp.get("/topics/<int(max=9223372036854775807):topic_id>")
def topic(topic_id: int) -> ResponseReturnValue:
    """One objective, and what goes on for it, as far as the reader may see it."""
    who, today = access.me(), access.today()
    record = access.or_404(queries.topic(topic_id))
    return render_template(
        "awareness/topic.html", record=record, ahead=queries.serving(who, topic_id, today, past=False),
        past=queries.serving(who, topic_id, today, past=True),
        follow=("topic", topic_id, follows.follows(who.id or 0, "topic", topic_id)),
    )  # fmt: skip
