"""What the awareness pages may be narrowed by: a GET form, so that a view is an address."""

import re
from datetime import date, timedelta
from typing import Any

import wtforms
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from engage.reference.countries import country
from engage.reference.places import country_named
from engage.rules.standing import Standing
from engage.web.awareness import as_of, choice_queries
from engage.web.awareness.facts_queries import AsOf
from engage.web.awareness.place_queries import When
from engage.web.forms import clean, sound

LIVE, DONE, DRAFTS = "live", "done", "drafts"


def monday_of(week: str) -> date | None:
    """The first day of an ISO week as browsers write it ("2026-W10"); None when there is no such week."""
    match = re.fullmatch(r"(\d{4})-W(\d{2})", week)
    if not match:
        return None
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return None


def _choices(every: str, named: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", every), *(SelectChoice(value, label) for value, label in named)]


def _day_seen() -> StringField:
    return StringField(
        "As of (a past or coming day)", [Optional(), Length(max=10)], filters=[clean], render_kw={"type": "date"}
    )


class SeenOn(wtforms.Form):
    """A form that may ask for another day than today; `seen` is that day as the queries take it."""

    seen: AsOf

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = as_of.read("") or AsOf(date.min)

    def validate_as_of(self, field: Any) -> None:
        """A day from 2000 to 2100."""
        seen = as_of.read(field.data or "")
        if seen is None:
            raise ValidationError("Write a day from 2000 to 2100, such as 2026-03-31.")
        self.seen = seen


class Filters(SeenOn):
    """What a list is narrowed by. `chosen` holds what was understood, ready for the query."""

    country = StringField("Country (name or code)", [Optional(), Length(max=60), sound], filters=[clean])
    forum = StringField("Forum (code or name)", [Optional(), Length(max=200), sound], filters=[clean])
    partner = StringField("Partner (name or number)", [Optional(), Length(max=200), sound], filters=[clean])
    goal = SelectField("Goal", default="")
    objective = SelectField("Objective", default="")
    leader = StringField("Leader (name or e-mail)", [Optional(), Length(max=200), sound], filters=[clean])
    standing = SelectField(
        "State", default="",
        choices=_choices("Any state", [(LIVE, "Any that goes ahead"), (DRAFTS, "Idea, tentative or draft"),
                                       (DONE, "Under way or complete"),
                                       *((s.value, s.label) for s in Standing)]),
    )  # fmt: skip
    week = StringField("Week", [Optional(), Length(max=10)], filters=[clean], render_kw={"type": "week"})
    as_of = _day_seen()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        goals, objectives = choice_queries.goals_and_objectives()
        self.goal.choices = _choices("Any goal", [(str(i), label) for i, label in goals])
        self.objective.choices = _choices("Any objective", [(str(i), label) for i, label in objectives])
        self.chosen: dict[str, Any] = {}

    def validate_country(self, field: Any) -> None:
        """A country by its code or English name."""
        if field.data:
            known = country(field.data.upper())
            code = known.code if known else country_named(field.data)
            if code is None:
                raise ValidationError("There is no country of that name or code.")
            self.chosen["country"] = code

    def validate_forum(self, field: Any) -> None:
        """A forum of the register."""
        if field.data:
            found = choice_queries.forum_named(field.data)
            if found is None:
                raise ValidationError("The register has no forum of that code or name.")
            self.chosen["forum"] = found

    def validate_partner(self, field: Any) -> None:
        """A partner of the register."""
        if field.data:
            number = field.data.isascii() and field.data.isdecimal() and len(field.data) < 10
            found = (
                choice_queries.partner_numbered(int(field.data)) if number else choice_queries.partner_named(field.data)
            )
            if found is None:
                raise ValidationError("The register has no partner of that name.")
            self.chosen["partner"] = found

    def validate_goal(self, field: Any) -> None:
        """One of the goals."""
        if field.data and field.data.isdecimal():
            self.chosen["goal"] = int(field.data)

    def validate_objective(self, field: Any) -> None:
        """One of the objectives."""
        if field.data and field.data.isdecimal():
            self.chosen["objective"] = int(field.data)

    def validate_leader(self, field: Any) -> None:
        """Somebody of that name, or several."""
        if field.data:
            found = choice_queries.people_named(field.data)
            if not found:
                raise ValidationError("Nobody here has that name or e-mail address.")
            self.chosen["leader"] = found

    def validate_standing(self, field: Any) -> None:
        """One of the standings."""
        if field.data == LIVE:
            self.chosen["ahead"] = True
        elif field.data == DONE:
            self.chosen["done"] = True
        elif field.data == DRAFTS:
            self.chosen["drafts"] = True
        elif field.data in set(Standing):  # another value is refused by the field itself
            self.chosen["standing"] = field.data

    def validate_week(self, field: Any) -> None:
        """An ISO week."""
        if field.data:
            first = monday_of(field.data)
            if first is None or not 2000 <= first.year <= 2100:
                raise ValidationError("Write the week as year and number, such as 2026-W10.")
            self.chosen |= {"since": first, "until": first + timedelta(days=6)}


class TimelineForm(Filters):
    """A timeline's filters, and what its rows are."""

    by = SelectField(
        "A row for each", choices=[SelectChoice("country", "Country"), SelectChoice("person", "Leader")],
        default="country",
    )  # fmt: skip
    week = None


class AgendaForm(Filters):
    """An agenda's filters, and how far it goes."""

    length = SelectField(
        "How far", choices=[SelectChoice("7", "A week"), SelectChoice("28", "Four weeks")], default="7"
    )
    week = None


class MapForm(SeenOn):
    """When, for which goal, and seen on which day. `chosen` is ready for the query."""

    when = SelectField(
        "When", choices=[SelectChoice(one.value, one.label) for one in When], default=When.AHEAD.value
    )
    goal = SelectField("Goal", default="")
    as_of = _day_seen()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goal.choices = _choices("Any goal", [(str(i), label) for i, label in choice_queries.goals()])

    def chosen(self) -> tuple[When, int | None]:
        """The period, and the goal's id if one is asked for."""
        return When(self.when.data), int(self.goal.data) if self.goal.data else None
