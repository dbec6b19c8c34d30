"""Every kind of field, drawn by the form macros and read as the page checks read it."""

import pytest
import wtforms
from drawing import draw
from pages import Page
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice as Choice
from wtforms.validators import InputRequired, Length


class Leg(wtforms.Form):
    """A part that repeats."""

    country = wtforms.StringField("Country", [InputRequired("Name the country.")])


class Everything(wtforms.Form):
    """One field of every kind."""

    csrf_token = wtforms.HiddenField(default="token")
    once = wtforms.HiddenField(default="once-7")
    version = wtforms.HiddenField(default="4")
    title = wtforms.StringField("Title", [InputRequired("Say what it is called.")], description="In a line.")
    purpose = wtforms.TextAreaField("Purpose", [InputRequired("Say why."), Length(max=2000)])
    email = wtforms.EmailField("E-mail", render_kw={"class": "usa-input--small", "autocomplete": "email"})
    password = wtforms.PasswordField("Password")
    departs_on = wtforms.DateField("Departs on", [InputRequired("Give the day.")])
    at = wtforms.TimeField("At", [InputRequired("Give the time.")])
    cost = wtforms.DecimalField("Cost", [InputRequired("Give the cost.")])
    goal = wtforms.SelectField(
        "Goal", [InputRequired("Choose a goal.")], choices=[Choice("", "Choose"), Choice("1", "Goal 1")]
    )
    kind = wtforms.RadioField(
        "Kind", [InputRequired("Choose a kind.")], choices=[Choice("a", "Overseas"), Choice("b", "Virtual")]
    )
    reviews = wtforms.SelectMultipleField(
        "Reviews",
        [InputRequired("Choose a review.")],
        choices=[Choice("s", "Security"), Choice("l", "Legal")],
        widget=wtforms.widgets.ListWidget(),
        option_widget=wtforms.widgets.CheckboxInput(),
        description="Any number.",
    )
    advice = wtforms.BooleanField("Advice only", [InputRequired("Say yes.")], description="Nothing else.")
    paper = wtforms.FileField("Invitation", [InputRequired("Attach it.")])
    legs = wtforms.FieldList(wtforms.FormField(Leg, "Leg"), "Legs", min_entries=2)
    save = wtforms.SubmitField("Save draft")


def refused() -> Everything:
    """The form after an empty POST."""
    form = Everything(MultiDict({"title": "", "purpose": "<b>kept</b>", "once": "once-7"}))
    assert not form.validate()
    return form


def control(page: Page, name: str) -> dict[str, str]:
    """The only control of that name."""
    (found,) = [c for c in page.controls if c.get("name") == name]
    return found


def test_every_kind_of_field_passes_the_page_checks_fresh_and_refused():
    for form in (Everything(), refused()):
        draw('{{ form.form(f, "Send", secondary=("Cancel", "/list")) }}', f=form).check()


def test_hint_and_problem_are_tied_to_their_control():
    page = draw("{{ form.field(f.title) }}", f=refused())

    assert control(page, "title")["aria-describedby"] == "title-hint title-error"
    assert control(page, "title")["aria-invalid"] == "true"
    assert control(page, "title")["class"] == "usa-input engage-input--text usa-input--error"
    assert "Error: Say what it is called." in page.text


def test_a_field_without_hint_or_problem_is_tied_to_nothing():
    email = control(draw("{{ form.field(f.email) }}", f=Everything()), "email")

    assert "aria-describedby" not in email
    assert "aria-invalid" not in email
    assert email["class"] == "usa-input engage-input--email usa-input--small"


@pytest.mark.parametrize("name", "title purpose departs_on at cost goal kind reviews advice paper".split())
def test_required_is_said_in_words_and_the_problem_has_its_own_id(name):
    form = refused()
    form[name].errors = ["Mend this."]
    html = draw("{{ form.field(f[name]) }}", f=form, name=name).html

    assert html.count("(required)") == 1
    assert html.count(f'id="{name}-error"') == 1


def test_the_summary_names_each_problem_once_and_links_to_where_it_is_mended():
    page = draw("{{ form.problems(f) }}", f=refused())

    assert [link for link in page.links if link.startswith("#") and link != "#main"] == [
        "#title", "#departs_on", "#at", "#cost", "#goal", "#kind-0", "#reviews-0", "#advice", "#paper",
        "#legs-0-country", "#legs-1-country",
    ]  # fmt: skip
    assert "Leg 2, Country: Name the country." in page.text


def test_every_link_of_the_summary_leads_to_an_id_of_the_page():
    page = draw('{{ form.form(f, "Send") }}', f=refused())

    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []


def test_a_sound_form_has_no_summary():
    assert "usa-alert" not in draw("{{ form.problems(f) }}", f=Everything()).html


def test_a_problem_of_the_whole_form_stands_alone_as_its_sentence():
    form = Everything()
    form.form_errors.append("That address and password do not go together.")
    page = draw("{{ form.problems(f) }}", f=form)

    assert "That address and password do not go together." in page.text
    assert "Please mend" not in page.text


def test_a_form_posts_its_token_its_one_time_id_and_its_version_and_keeps_the_text():
    page = draw('{{ form.form(f, "Send", action="/here") }}', f=refused())
    sent = page.forms[-1]

    assert (sent["method"], sent["action"]) == ("post", "/here")
    assert (sent["fields"]["csrf_token"], sent["fields"]["once"], sent["fields"]["version"]) == (
        "token",
        "once-7",
        "4",
    )
    assert sent["fields"]["purpose"] == "<b>kept</b>"
    assert "<b>kept</b>" not in page.html


def test_two_forms_on_a_page_do_not_share_an_id():
    page = draw("{{ form.hidden(f) }}{{ form.hidden(f) }}", f=Everything())

    assert page.ids == ["find", "main"]


def test_a_file_makes_the_form_multipart():
    assert 'enctype="multipart/form-data"' in draw('{{ form.form(f, "Send") }}', f=Everything()).html
    assert "enctype" not in draw('{{ form.form(f, "Send") }}', f=Leg()).html


def test_further_buttons_follow_the_main_one_so_that_enter_presses_the_main_one():
    html = draw('{{ form.form(f, "Send") }}', f=Everything()).html

    assert html.index(">Send</button>") < html.index('name="save" value="1">Save draft</button>')


def test_a_page_may_lay_out_the_fields_itself():
    page = draw('{% call form.form(f, "Send") %}{{ form.field(f.title) }}{% endcall %}', f=Everything())

    assert [c["name"] for c in page.controls] == ["q", "title"]
    assert page.forms[-1]["fields"]["once"] == "once-7"


def test_filters_are_a_get_form_without_the_token():
    page = draw('{{ form.filters(f, "/list") }}', f=Everything())

    assert page.forms[-1]["method"] == "get"
    assert "csrf_token" not in page.forms[-1]["fields"]


def test_a_confirm_button_is_a_form_of_its_own():
    page = draw('{{ form.confirm_button("/withdraw", "Withdraw", "token", once="o", version=3) }}')

    assert page.forms[-1] == {
        "action": "/withdraw",
        "method": "post",
        "fields": {"csrf_token": "token", "once": "o", "version": "3"},
    }
