"""What the secretariat's room asks for."""

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from engage.rules.voting import Outcome
from engage.services.recommendations import LONGEST, LONGEST_CONSEQUENCE, LONGEST_OPTION, MOST_OPTIONS
from engage.web.forms import Form, Once, prose, text

LARGE = {"class": "usa-input--xl"}
CHOOSE = "Choose one of the five outcomes."


class ReturnForm(Once, Form):
    """What the requester must answer first."""

    reason = prose(
        "Your questions",
        description="Shown to the requester and kept. A blank line between two makes each a question of its own.",
    )


class PlaceForm(Once, Form):
    """Nothing but the decision to place it."""


class RaiseForm(Once, Form):
    """Why the board should meet on it."""

    why = prose("Why the board should meet on it", 2000, description="Kept, and shown with its way to a decision.")


class GoOnForm(Once, Form):
    """Why it is screened without the supervisor's word."""

    without = prose("Why it goes on without the endorsement", 2000, description="Kept with the request.")


class ClaimForm(Once, Form):
    """Whose an imported draft is."""

    person = text("E-mail address of the requester", 200, render_kw={"autocomplete": "off"})


class RecommendationForm(Once, Form):
    """What the secretariat recommends to the board, and what else could be done."""

    outcome = RadioField(
        "What should the board do?",
        [InputRequired(CHOOSE), AnyOf([word.value for word in Outcome], message=CHOOSE)],
        choices=[SelectChoice(word.value, word.label) for word in Outcome],
        validate_choice=False,
    )
    reason = prose("Why", LONGEST, description=f"The memo is one page: at most {LONGEST:,} characters.")


for _n in range(1, MOST_OPTIONS + 1):
    setattr(RecommendationForm, f"what_{_n}", text(f"Option {_n}", LONGEST_OPTION, render_kw=LARGE))
    setattr(RecommendationForm, f"leads_{_n}", text(f"What option {_n} leads to", LONGEST_CONSEQUENCE, render_kw=LARGE))
