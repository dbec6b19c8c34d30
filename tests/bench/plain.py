"""The dashboard in plain Flask, SQLAlchemy and Jinja2: the same questions over our tables, and nothing else.

Whoever signs in is looked up by the digest of a cookie; then come the tiles, what lies ahead, the reader's trips and
requests, and the unread messages, each a query of mapped objects or a count, and a short template.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, abort, render_template_string, request
from sqlalchemy.orm import Session

from engage.models.commitments import Commitment
from engage.models.engagements import Engagement, Item, Traveller
from engage.models.outbox import OutboxMessage
from engage.models.people import Person, RoleGrant, SignInSession
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.workflow import APPROVED, FINAL, WITH_THE_REQUESTER, State
from engage.services import sessions

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Home</title></head><body>
<nav>{% for path in ("engagements", "board", "trips", "training", "calendar") %}
<a href="/{{ path }}">{{ path }}</a>{% endfor %}
{{ unread }} unread</nav><main><h1>What waits for you, {{ me.name }}</h1><meta name="csrf" content="{{ csrf }}">
<ul>{% for label, number in tiles %}<li>{{ label }}: {{ number }}</li>{% endfor %}</ul>
{% for title, rows in parts %}<h2>{{ title }}</h2><ul>{% for row in rows %}
<li><a href="/engagements/{{ row.id }}">{{ row.title }}</a> {{ row.state.label }} {{ row.starts_on }}</li>{% endfor %}
</ul>{% endfor %}
<h2>Your trips</h2><ul>{% for trip, title in trips %}
<li><a href="/trips/{{ trip.id }}">{{ title }}</a> {{ trip.departs_on }}</li>{% endfor %}</ul>
</main></body></html>"""
DECIDING = sorted(set(State) - APPROVED - FINAL - {State.DRAFT})


def application(engine: sa.Engine, now: datetime) -> Flask:
    """A program of one page over the same database."""
    app, today = Flask(__name__), now.date()

    @app.get("/")
    def home() -> str:
        with Session(engine) as store:
            digest = sessions.hashed(request.cookies.get("engage", ""))
            found = store.scalar(sa.select(SignInSession).where(SignInSession.token_hash == digest))
            if found is None:
                abort(403)
            me = store.get_one(Person, found.person_id)
            roles = set(store.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == me.id)))
            mine = sa.or_(
                Item.requester_id == me.id,
                sa.exists().where(Traveller.engagement_id == Item.id, Traveller.person_id == me.id),
            )
            seen = sa.or_(sa.and_(Item.state != State.DRAFT, Item.marking != "red"), mine)
            going = Item.state.in_(sorted(APPROVED))

            def count(*where: sa.ColumnElement[bool]) -> int:
                return store.scalar(sa.select(sa.func.count(Engagement.id)).where(seen, *where)) or 0

            def first(*where: sa.ColumnElement[bool]) -> list[Engagement]:
                return list(store.scalars(sa.select(Engagement).where(*where).order_by(Item.starts_on).limit(6)))

            tiles, parts = [], []
            if Role.LEADERSHIP in roles:
                for label, where in (
                    ("Under way", (going, Item.starts_on <= today, Item.ends_on >= today,
                                   Item.starts_on >= today - timedelta(days=120))),
                    ("Being decided", (Item.state.in_(DECIDING), Item.starts_on >= today,
                                       Item.starts_on <= today + timedelta(days=90))),
                    *((f"Within {days}", (going, Item.starts_on > today,
                                          Item.starts_on <= today + timedelta(days=days))) for days in (30, 60, 90)),
                ):  # fmt: skip
                    tiles.append((label, count(*where)))
                overdue = sa.select(sa.func.count(Commitment.id)).join(Item, Item.id == Commitment.engagement_id).where(
                    seen, Commitment.settled_on.is_(None), Commitment.due_on < today
                )  # fmt: skip
                tiles.append(("Promises overdue", store.scalar(overdue)))
                parts.append(("Coming up", first(seen, going, Item.starts_on >= today)))
            own = Item.requester_id == me.id
            parts.append(("Your drafts", first(own, Item.state.in_(sorted(WITH_THE_REQUESTER)))))
            parts.append(("With others", first(own, Item.state.in_(DECIDING))))
            trips = store.execute(
                sa.select(Trip, Item.title).join(Item, Item.id == Trip.engagement_id)
                .where(Trip.person_id == me.id, Trip.cancelled_at.is_(None), Trip.returns_on >= today)
                .order_by(Trip.departs_on).limit(6)
            ).all()  # fmt: skip
            unread = store.scalar(
                sa.select(sa.func.count()).where(OutboxMessage.person_id == me.id, OutboxMessage.read_at.is_(None))
            )
            return render_template_string(
                PAGE, me=me, csrf=found.csrf_token, tiles=tiles, parts=parts, trips=trips, unread=unread
            )

    return app
