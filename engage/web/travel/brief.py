"""The travel room's brief: what a traveller takes along, on screen, on paper, in one file, in a calendar."""

from urllib.parse import urlsplit

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import trip_brief as printed
from engage.services import trip_brief, trips
from engage.services.transaction import transaction
from engage.services.trip_brief import Brief
from engage.web import access
from engage.web.downloads import attachment
from engage.web.travel import queries
from engage.web.travel.room import bp


def _brief(trip_id: int) -> tuple[Brief, str]:
    """The brief of a trip the reader may see, and the address where its copies are checked."""
    found, _ = access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))
    if found.person_id != access.me().id:
        with transaction():
            trips.look(found, by=access.me(), now=access.clock())
    settings = access.settings()
    made = trip_brief.of(found, today=access.today(), home_zone=settings.home_zone)
    return made, f"{settings.url}/trips/{trip_id}/brief"


@bp.get("/trips/<int:trip_id>/brief")
def brief(trip_id: int) -> ResponseReturnValue:
    """The brief on screen; with ?of= it says whether a copy with that digest is still true."""
    made, url = _brief(trip_id)
    asked_of = request.args.get("of", "")[:64]
    return render_template(
        "travel/brief.html",
        trip_id=trip_id,
        asked_of=asked_of,
        stale=not (len(asked_of) >= 16 and made.digest.startswith(asked_of)),
        **printed.shown(made, url),
    )


@bp.get("/trips/<int:trip_id>/brief.pdf")
def brief_pdf(trip_id: int) -> Response:
    """The brief on paper."""
    made, url = _brief(trip_id)
    return attachment(printed.as_pdf(made, url), f"brief-{trip_id}.pdf")


@bp.get("/trips/<int:trip_id>/brief.html")
def brief_file(trip_id: int) -> Response:
    """The brief as one file."""
    made, url = _brief(trip_id)
    return attachment(printed.as_file(made, url), f"brief-{trip_id}.html", "text/html")


@bp.get("/trips/<int:trip_id>/trip.ics")
def calendar(trip_id: int) -> Response:
    """The trip for a calendar."""
    made, _ = _brief(trip_id)
    head = queries.head(trip_id)
    settings = access.settings()
    content = printed.as_calendar(
        made, queries.stays(head.engagement_id), trip_id=trip_id, edition=queries.edition(head.engagement_id),
        host=urlsplit(settings.url).hostname or "engage", url=f"{settings.url}/trips/{trip_id}",
    )  # fmt: skip
    return attachment(content, f"trip-{trip_id}.ics", "text/calendar")
