"""What the inbox and the choice of mail ask for."""

from typing import Any

import wtforms
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.rules.messages import TOPICS
from engage.services.inbox import Shown
from engage.web.forms import Day, Form


class InboxFilters(wtforms.Form):
    """Which messages to show. `chosen` is ready for the query."""

    shown = SelectField("Show", choices=[SelectChoice(one.value, one.label) for one in Shown], default=Shown.ALL.value)
    topic = SelectField(
        "About", choices=[SelectChoice("", "Anything"), *(
            SelectChoice(topic.word, topic.label) for topic in TOPICS.values() if topic.word != "digest"
        )], default="",
    )  # fmt: skip

    def chosen(self) -> tuple[Shown, str]:
        """What to show, and the topic; what makes no sense counts as not asked."""
        self.validate()
        shown = Shown.ALL if self.shown.errors else Shown(self.shown.data)
        return shown, "" if self.topic.errors else self.topic.data


class SnoozeForm(Form):
    """Until which day a message is put off."""

    until = Day("Put off until", [InputRequired("Choose a day.")], description="It comes back that morning, as new.")


def messages_form(typed: Any, **kept: str) -> Form:
    """A choice for each kind of message that leaves one."""
    fields = {
        topic.word: RadioField(
            topic.label,
            choices=[SelectChoice(one.value, one.label) for one in topic.choices()],
            description=topic.hint + (" It cannot be turned off." if topic.mandatory else ""),
            validate_choice=False,  # the service says why a choice is none
        )
        for topic in TOPICS.values()
        if topic.offered
    }
    made: Form = type("MessagesForm", (Form,), fields)(typed, **kept)
    return made
