"""What is typed about training: a course completed, by oneself or by somebody else, and why a claim is declined."""

from wtforms import DateField, HiddenField, IntegerField, SelectField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.web.forms import Day, Form, Once, prose, text
from engage.web.uploads import SheetField, upload


class ClaimForm(Form, Once):
    """A course that I completed."""

    course_id = SelectField("Course", [InputRequired("Choose the course.")])
    completed_on = DateField("Completed on", [InputRequired("Give the day on which you completed it.")])
    evidence = text(
        "Evidence",
        200,
        description="Where the certificate can be seen: the learning system, a file number. No personal numbers.",
    )
    certificate = upload("Certificate", "A picture or a scan of it, if you have one.")


class RecordForm(ClaimForm):
    """A course that somebody else completed."""

    email = text("E-mail address of the person", 200, validators=[InputRequired("Say whose completion this is.")])


class DeclineForm(Form):
    """Why a claim is not verified."""

    reason = prose("Why it cannot be verified", 200, description="The person reads this.")


class Ticks(SelectMultipleField):
    """Any number of a list."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Whole(IntegerField):
    """A whole number that a column can hold."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read at most six digits."""
        if valuelist and len(valuelist[0].strip()) > 6:
            raise ValueError("Give a smaller number.")
        super().process_formdata(valuelist)


SMALL = {"class": "usa-input--small", "inputmode": "numeric"}


class CourseForm(Form):
    """A course."""

    version = HiddenField(validators=[Length(max=20)])
    code = text("Code", 20, description="As the learning system writes it: capital letters, digits, hyphens.")
    name = text("Name", 200, validators=[InputRequired("Name the course.")])
    hours = Whole("Hours", [Optional()], render_kw=SMALL)
    valid_months = Whole(
        "Good for, in months", [Optional()], description="Empty: for ever. Good through the same day of the month.",
        render_kw=SMALL,
    )  # fmt: skip
    starts_on = Day(
        "Which holds from", [InputRequired("Give the day.")],
        description="The day of completion counts; what was completed before keeps its own last day.",
    )  # fmt: skip
    satisfied_by = Ticks("Courses that stand for it", description="A completion of one of these counts as this one.")
    requires = Ticks("Courses that come before it", description="To be completed and verified first.")
    retired_on = Day("No longer given from", description="Empty while it is given.")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])


class SessionForm(Form):
    """When and where a session is held, and for how many."""

    version = HiddenField(validators=[Length(max=20)])
    course_id = SelectField("Course", [InputRequired("Choose the course.")])
    starts_on = Day("Begins on", [InputRequired("Give the day.")])
    starts_at = TimeField("Begins at", [InputRequired("Give the time, such as 09:30.")])
    ends_on = Day("Ends on", [InputRequired("Give the day.")])
    ends_at = TimeField("Ends at", [InputRequired("Give the time, such as 11:00.")])
    zone = text("Time zone of the place", 40, validators=[InputRequired("Give the time zone.")])
    place = text("Place", 200, validators=[InputRequired("Say where it is held, or how to join it.")])
    seats = Whole("Seats", [InputRequired("Give the number of seats.")], render_kw=SMALL)
    note = prose("Note", 1000, description="What people should bring or know. Never the content of a briefing.")


class CompletionsForm(Form):
    """What the learning system exported."""

    file = SheetField(
        "File", 500 * 1024, validators=[InputRequired("Choose the file.")],
        description="CSV with the columns email, course, completed_on and, if there is one, evidence; at most 500 kB.",
    )  # fmt: skip


class TakeForm(Form):
    """What a preview showed, to be taken."""

    content = HiddenField(validators=[InputRequired(), Length(max=700_000)])
