"""What came of engagements, counted by goal, country, forum and quarter; and what travellers learnt."""

from datetime import date
from typing import Any

import wtforms
from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from engage.reference.countries import country
from engage.reference.places import country_named
from engage.rules.outcomes import OutcomeKind, quarter_label, quarter_of
from engage.rules.reports import LessonKind
from engage.services import lessons, outcome_counts
from engage.web import access, exports, keyset
from engage.web.forms import clean, sound
from engage.web.reports import queries
from engage.web.reports.forms import chosen
from engage.web.reports.room import bp

LAST = 2**31 - 1
OUTCOME_COLUMNS = (
    exports.Column("Number", lambda row: row.id),
    exports.Column("Outcome", lambda row: exports.title(row.marking, row.summary)),
    exports.Column("Kind", lambda row: row.kind.label),
    exports.Column("How many", lambda row: row.number),
    exports.Column("Nations", lambda row: row.nations),
    exports.Column("People", lambda row: row.people),
    exports.Column("Objective", lambda row: row.code),
    exports.Column("Partner", lambda row: row.partner),
    exports.Column("Country", lambda row: row.country),
    exports.Column("Day", lambda row: row.counted_on),
    exports.Column("Engagement", lambda row: exports.title(row.marking, row.title)),
)
LESSON_COLUMNS = (
    exports.Column("Number", lambda row: row.id),
    exports.Column("Lesson", lambda row: exports.title(row.marking, row.text)),
    exports.Column("About", lambda row: row.kind.label),
    exports.Column("Country", lambda row: row.country),
    exports.Column("Partner", lambda row: row.partner),
    exports.Column("Answer", lambda row: row.answer),
    exports.Column("Engagement", lambda row: exports.title(row.marking, row.title)),
    exports.Column("Ended", lambda row: row.ends_on),
)
QUARTERS = 12  # that a page offers


def _code(given: str) -> str:
    known = country(given.upper())
    code = known.code if known else country_named(given)
    if code is None:
        raise ValidationError("There is no country of that name or code.")
    return code


class CountsFilter(wtforms.Form):
    """Which outcomes are counted."""

    first = SelectField("From", choices=[])
    last = SelectField("Through", choices=[])
    goal = chosen("Goal")
    country = StringField("Country (name or code)", [Optional(), Length(max=60), sound], filters=[clean])
    forum = chosen("Forum")

    def chosen_names(self) -> dict[str, Any]:
        """What narrows the counts."""
        found: dict[str, Any] = {name: self[name].data for name in ("goal", "forum") if self[name].data}
        if self.country.data:
            found["country"] = _code(self.country.data)
        return found

    def validate_country(self, field: Any) -> None:
        """A country by its code or English name."""
        if field.data:
            _code(field.data)


class LessonsFilter(wtforms.Form):
    """Which lessons are shown."""

    country = StringField("Country (name or code)", [Optional(), Length(max=60), sound], filters=[clean])
    partner = chosen("Partner")
    kind = SelectField("About", choices=[SelectChoice("", "Anything"), *(SelectChoice(k, k.label) for k in LessonKind)],
                       default="")  # fmt: skip

    def validate_country(self, field: Any) -> None:
        """A country by its code or English name."""
        if field.data:
            _code(field.data)


def _quarters(today: date) -> list[date]:
    found = [quarter_of(today)]
    while len(found) < QUARTERS:
        before = found[-1]
        found.append(date(before.year - (before.month == 1), (before.month - 4) % 12 + 1, 1))
    return found


@bp.get("/outcomes")
def outcomes() -> ResponseReturnValue:
    """The outcomes of filed reports, counted; and the list behind the counts. The same number of statements always."""
    today = access.today()
    quarters = _quarters(today)
    form = CountsFilter(request.args)
    offered = [SelectChoice(str(q), quarter_label(q)) for q in quarters]
    form.first.choices, form.last.choices = offered, offered
    form.first.data = form.first.data or str(quarters[3])
    form.last.data = form.last.data or str(quarters[0])
    form.goal.choices = [SelectChoice("", "Any goal")]
    form.goal.choices += [SelectChoice(str(g.id), f"Goal {g.number}: {g.title}") for g in queries.goals()]
    form.forum.choices = [SelectChoice("", "Any forum"), *(SelectChoice(str(f.id), f.name) for f in queries.forums())]
    if not form.validate():
        return render_template("reports/outcomes.html", form=form, sums={}, rows=[], next_url=None), 422
    names = form.chosen_names()
    first, last = sorted((date.fromisoformat(form.first.data), date.fromisoformat(form.last.data)))
    until = outcome_counts.last_day(last)
    me = access.me()
    sums = outcome_counts.counts(me, first, last, **names)
    if exports.asked():

        def page(last: Any) -> Any:
            after = (last.counted_on, last.id) if last else None
            return outcome_counts.listed(me, first, until, after, **names)

        return exports.answer("outcomes", OUTCOME_COLUMNS, exports.paged(page))
    rows, more = outcome_counts.listed(me, first, until, keyset.read(date), **names)
    return render_template(
        "reports/outcomes.html", form=form, sums=sums, rows=rows, quarter_label=quarter_label, kind_of=OutcomeKind,
        total=sum(row.outcomes for row in sums["quarter"]), people=sum(row.people for row in sums["quarter"]),
        nations=sum(row.nations for row in sums["quarter"]), narrowed=bool(request.args),
        next_url=keyset.following(after=keyset.cursor(more.counted_on, more.id)) if more else None,
        first_url=keyset.following(after=None) if "after" in request.args else None,
    )  # fmt: skip


def _before() -> int:
    given = request.args.get("before", "")
    return min(int(given), LAST) if given.isascii() and given.isdecimal() and len(given) < 12 else LAST


@bp.get("/lessons")
def lesson_list() -> ResponseReturnValue:
    """What travellers learnt, by country, partner and kind."""
    form = LessonsFilter(request.args)
    given = request.args.get("partner", "")
    partner = queries.partner_named(int(given)) if given.isascii() and given.isdecimal() and len(given) < 10 else None
    form.partner.choices = [SelectChoice("", "Any partner")]
    form.partner.choices += [SelectChoice(str(row.id), row.name) for row in queries.partners_of_lessons()]
    if partner and str(partner.id) not in {choice.value for choice in form.partner.choices}:
        form.partner.choices.append(SelectChoice(str(partner.id), partner.name))
    if not form.validate():
        return render_template("reports/lessons.html", form=form, rows=[], next_url=None, first_url=None), 422
    names: dict[str, Any] = {"kind": LessonKind(form.kind.data)} if form.kind.data else {}
    if form.country.data:
        names["country"] = _code(form.country.data)
    if form.partner.data:
        names["partner"] = form.partner.data
    me = access.me()
    if exports.asked():
        pages = exports.paged(lambda before: lessons.search(me, before or LAST, **names))
        return exports.answer("lessons", LESSON_COLUMNS, pages)
    rows, more = lessons.search(me, _before(), **names)
    return render_template(
        "reports/lessons.html", form=form, rows=rows, narrowed=bool(names),
        next_url=keyset.following(before=more) if more else None,
        first_url=keyset.following(before=None) if "before" in request.args else None,
    )  # fmt: skip
