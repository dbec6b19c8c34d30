"""A form's one-time id: whoever comes second is sent where the first was."""

import factories as make
from factories import NOON

from engage.services import submissions
from engage.services.transaction import transaction


def test_the_second_use_of_a_form_finds_the_answer_of_the_first(store):
    with transaction():
        me, other = make.actor(make.person()), make.actor(make.person())
        first = submissions.claim("a form", by=me, now=NOON)
        submissions.answer("a form", "/there", by=me)
    with transaction():
        again = submissions.claim("a form", by=me, now=NOON)
        others = submissions.claim("a form", by=other, now=NOON)
    assert (first, again, others) == (None, "/there", None)
