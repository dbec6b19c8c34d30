"""The only place that knows what is owed to partners' agreements: each is its owner's to renew, or to let end."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select

from engage.extensions import db
from engage.models.partners import Agreement, Partner
from engage.rules.marking import STAYS_INSIDE
from engage.services.duties.declared import OpenDuty, Subjects

_A, _P = Agreement.__table__.c, Partner.__table__.c
_RUNNING = (
    select(_A.id, _A.owner_id, _A.title, _A.marking, _A.expires_on, _P.name)
    .join_from(Agreement.__table__, Partner.__table__, _P.id == _A.partner_id)
    .where(_A.ended_on.is_(None), _A.expires_on.is_not(None))
    .order_by(_A.expires_on, _A.id)
)


def _to_renew(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """What is marked to stay inside goes into no mail: such an agreement is called one, and no more."""
    for row in db.session.execute(_RUNNING.where(which)):
        inside = row.marking in STAYS_INSIDE
        title = f"A restricted agreement ({row.marking.label})" if inside else row.title
        what = "a restricted agreement" if inside else f"the agreement with {row.name}: {row.title}"
        yield OpenDuty(
            "agreement", "agreement", row.id, row.owner_id, row.expires_on, f"Renew or end {what}", title=title,
            path=f"/agreements/{row.id}",
        )  # fmt: skip


AGREEMENT = Subjects(
    kind="agreement", label="Agreements that expire", counted_from="The last day of the agreement",
    anchor_name="agreement.expires_on", anchor=_A.expires_on, by_day=True, about_kind="agreement", about=_A.id,
    open=_to_renew, changes={"agreement": _A.id},
)  # fmt: skip
