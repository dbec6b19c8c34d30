"""What a member is asked before they read the board's papers."""

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from engage.web.forms import Form, prose

CHOOSE = "Choose one of the two."


class AnswerForm(Form):
    """Step aside, or take part and say why."""

    answer = RadioField(
        "Do you step aside?",
        [InputRequired(CHOOSE), AnyOf(["aside", "part"], message=CHOOSE)],
        choices=[
            SelectChoice("aside", "I step aside: my seat does not vote, and I read no papers of it"),
            SelectChoice("part", "I take part: I can judge it fairly"),
        ],
        validate_choice=False,
    )
    reason = prose("Why?", description="Kept with the item. Members and the secretariat read it.")
