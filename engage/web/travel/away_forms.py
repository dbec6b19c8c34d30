"""What travellers type on the way, and what those who hand out devices note."""

from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.rules.away import Device
from engage.web.forms import Form, prose, text


class CheckInForm(Form):
    """One tap, and a few words for who wants to add them."""

    help = BooleanField("I need help")
    note = text("Anything the duty officer should know", 200)


class ContactForm(Form):
    """Whom to call."""

    name = text("Name", 200, validators=[InputRequired("Give the name of the person to call.")])
    phone = text("Phone number, with country code", 40, validators=[InputRequired("Give a phone number.")])
    relation = text("Who they are to you", 200)


class LoanForm(Form):
    """A loaner device."""

    device = RadioField(
        "Device",
        [InputRequired("Choose a device.")],
        choices=[SelectChoice(device.value, device.label) for device in Device],
    )


class IssueForm(Form):
    """The device handed out."""

    tag = text("Number in the inventory", 40)


class InspectionForm(Form):
    """What the inspection of a returned device showed."""

    result = RadioField(
        "Result",
        [InputRequired("Say what the inspection showed.")],
        choices=[SelectChoice("clean", "Clean"), SelectChoice("found", "Something was found")],
    )
    finding = prose("What was found", 2000)
