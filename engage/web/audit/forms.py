"""What the trail may be narrowed by: a GET form, so that a view is an address."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import wtforms
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp

from engage.services import people
from engage.web import access
from engage.web.forms import Day, clean, sound

WORD = Regexp(r"[a-z0-9_.]{1,40}\Z", message="Use the word as the trail writes it, such as sign_in.")


class Filters(wtforms.Form):
    """Who, what, about which record, when, with what end. `chosen` is ready for the query."""

    who = StringField("Who (e-mail address)", [Optional(), Length(max=200), sound], filters=[clean])
    action = StringField("Act", [Optional(), WORD], filters=[clean])
    kind = StringField("Record (item, person …)", [Optional(), WORD], filters=[clean])
    number = StringField(
        "Number of the record", [Optional(), Regexp(r"[0-9]{1,9}\Z", message="Use digits.")], filters=[clean]
    )
    outcome = SelectField(
        "Outcome",
        choices=[SelectChoice("", "Any"), SelectChoice("done", "Done"), SelectChoice("denied", "Denied")],
        default="",
    )
    since = Day("From")
    until = Day("Through")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen: dict[str, Any] = {}

    def validate_who(self, field: Any) -> None:
        """Somebody who is known."""
        if field.data:
            found = people.by_email(field.data)
            if found is None:
                raise ValidationError("Nobody is known by this address.")
            self.chosen["actor"] = found.id

    def validate_number(self, field: Any) -> None:
        """A number means something beside a kind."""
        if field.data and not self.kind.data:
            raise ValidationError("Give the kind of record too.")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Whether every filter is understood; gathers them in `chosen`."""
        sound_all = super().validate(*args, **kwargs)
        words = {"action": self.action.data, "kind": self.kind.data, "outcome": self.outcome.data}
        self.chosen |= {name: value for name, value in words.items() if value}
        if sound_all and self.number.data:
            self.chosen["record"] = int(self.number.data)
        if self.since.data:
            self.chosen["since"] = _midnight(self.since.data)
        if self.until.data:
            self.chosen["until"] = _midnight(self.until.data + timedelta(days=1))
        return sound_all


def _midnight(day: date) -> datetime:
    """When an office day begins, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(access.settings().home_zone)).astimezone(UTC)
