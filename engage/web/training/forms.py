"""What is typed about training: a course completed, by oneself or by somebody else, and why a claim is declined."""

from wtforms import DateField, SelectField
from wtforms.validators import InputRequired

from engage.web.forms import Form, Once, prose, text
from engage.web.uploads import upload


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
