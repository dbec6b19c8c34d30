"""Many tries of one instant are many tries: each sees those before it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from factories import NOON

from engage.extensions import db
from engage.services import sign_in
from engage.services.transaction import transaction

AT_ONCE = 12


def test_tries_of_the_same_instant_pass_as_often_as_tries_one_by_one(store, app):
    line = Barrier(AT_ONCE)

    def attempt(number: int) -> timedelta:
        with app.app_context():
            line.wait()
            with transaction():
                pause, _ = sign_in.attempt("anna@agency.gov", f"10.0.0.{number}", now=NOON)
            db.session.remove()
            return pause

    with ThreadPoolExecutor(AT_ONCE) as pool:
        pauses = list(pool.map(attempt, range(AT_ONCE)))

    assert sum(pause == timedelta(0) for pause in pauses) == sign_in.FREE_TRIES
