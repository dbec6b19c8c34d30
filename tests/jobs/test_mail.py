"""Mail reaches people once, whatever the mail server does."""

import random
import ssl
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select, update

from engage.documents import mails
from engage.environment import MailServer
from engage.jobs import smtp
from engage.jobs.mail import Carrier
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.services import outbox
from engage.services.transaction import transaction

sys.path.insert(0, str(Path(__file__).parent))
from post_office import DROP, HANG, open_office


@pytest.fixture
def office():
    """A mail server in good health, and the port it listens on."""
    with open_office() as (server, port):
        server.port = port
        yield server


@pytest.fixture
def carrier(app, office):
    """A way to send to that server, its clock at NOON."""
    return carry(app, MailServer("127.0.0.1", office.port))


def carry(app, server, **more):
    settings = replace(app.config["SETTINGS"], mail=server)
    return Carrier(settings, "runner", lambda: NOON, chance=random.Random(1), **more)


def post(*names, template="trip_opened", **facts):
    """A message to a new person of each name, with that name as its subject."""
    known = {"title": "Tallinn", "departs_on": "2026-04-01", "returns_on": "2026-04-05"}
    with transaction():
        people = [make.person(name=name, email=f"{name}@example.gov") for name in names]
        outbox.post(
            *(
                outbox.message(f"k:{p.name}", to=p.id, template=template, subject=p.name, about=("trip", 7), now=NOON,
                               urgent=True,
                               **(known | facts))
                for p in people
            )
        )  # fmt: skip


def ledger(store):
    """What became of each message: (delivery, attempts, what is said of it), by subject."""
    m = OutboxMessage
    rows = store.execute(select(m.subject, m.delivery, m.attempts, m.last_error)).all()
    store.rollback()
    return {subject: tuple(rest) for subject, *rest in rows}


def due_in(store, subject):
    due = store.scalar(select(OutboxMessage.due_at).where(OutboxMessage.subject == subject)) - NOON
    store.rollback()
    return due


def test_a_message_arrives_as_plain_text_and_says_that_a_program_wrote_it(store, carrier, office):
    post("Zoë")
    with transaction():
        store.execute(update(Person).where(Person.name == "Zoë").values(email="zoe@example.gov"))

    assert carrier.deliver() == 1

    (mail,) = office.taken()
    assert {k: mail[k] for k in ("From", "To", "Subject", "Auto-Submitted", "Message-ID", "Date")} == {
        "From": "Engage <engage@localhost>",
        "To": "Zoë <zoe@example.gov>",
        "Subject": "Zoë",
        "Auto-Submitted": "auto-generated",
        "Message-ID": mails.message_id("k:Zoë", "localhost"),
        "Date": "Mon, 02 Mar 2026 17:00:00 +0000",
    }
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert text.startswith('Hello Zoë,\n\n"Tallinn" is approved')
    assert "\nhttp://localhost/trips/7\n" in text
    assert '<a href="http://localhost/trips/7">http://localhost/trips/7</a>' in html
    assert "<p>&quot;Tallinn&quot; is approved" in html
    assert ledger(store) == {"Zoë": (Delivery.SENT, 1, "")}


def test_a_batch_goes_over_one_line_and_a_second_pass_sends_nothing(store, carrier, office):
    post(*(f"p{n}" for n in range(30)))

    assert carrier.deliver() == 30
    assert carrier.deliver() == 0
    assert office.lines == 1
    assert set(office.ids().values()) == {1}


def test_without_a_mail_server_messages_wait(store, app):
    post("a")

    assert carry(app, None).deliver() == 0
    assert ledger(store) == {"a": (Delivery.QUEUED, 0, "")}


def test_while_the_server_is_away_nothing_is_lost_and_no_attempt_is_counted(store, app, office):
    post("a", "b")
    away = carry(app, MailServer("127.0.0.1", 1))

    assert away.deliver() == 0
    assert {(d, n) for d, n, _ in ledger(store).values()} == {(Delivery.QUEUED, 0)}
    assert all(why.startswith("The mail server cannot be used: ") for _, _, why in ledger(store).values())
    assert timedelta(seconds=45) <= due_in(store, "a") <= timedelta(seconds=75)

    back = carry(app, MailServer("127.0.0.1", office.port))
    back.clock = lambda: NOON + timedelta(minutes=2)
    assert back.deliver() == 2


def test_a_server_that_takes_nothing_from_us_is_tried_again_and_blames_no_message(store, carrier, office):
    office.at_sender = "530 5.7.0 Authentication required"
    post("a")

    assert carrier.deliver() == 0
    assert ledger(store) == {
        "a": (Delivery.QUEUED, 0, "The mail server takes nothing from us: 530 5.7.0 Authentication required")
    }


@pytest.mark.parametrize("where", ["at_rcpt", "after_data"])
def test_a_no_for_now_backs_off_and_a_no_for_ever_stops_and_is_shown(store, carrier, office, where):
    post("busy", "gone", "well")
    getattr(office, where).update({"busy@example.gov": "451 4.3.0 Later", "gone@example.gov": "550 5.1.1 Nobody"})

    assert carrier.deliver() == 1
    assert ledger(store) == {
        "busy": (Delivery.QUEUED, 1, "451 4.3.0 Later"),
        "gone": (Delivery.REFUSED, 1, "550 5.1.1 Nobody"),
        "well": (Delivery.SENT, 1, ""),
    }
    assert timedelta(seconds=45) <= due_in(store, "busy") <= timedelta(seconds=75)
    assert office.lines == 1


def test_each_pause_is_longer_until_a_message_is_given_up(store, carrier, office):
    office.after_data["busy@example.gov"] = "451 Later"
    post("busy")
    now, pauses = NOON, []
    for _ in range(outbox.MOST_ATTEMPTS):
        carrier.clock = lambda: now  # noqa: B023  called in this turn only
        carrier.deliver()
        due = NOON + due_in(store, "busy")
        pauses.append(due - now)
        now = due

    minutes = [round(pause / timedelta(minutes=1)) for pause in pauses[:-1]]
    assert minutes == sorted(minutes)
    assert ledger(store) == {"busy": (Delivery.PARKED, 8, "Given up after 8 attempts. 451 Later")}
    assert carrier.deliver() == 0


def test_a_line_that_drops_in_data_is_tried_again_under_the_same_message_id(store, carrier, office):
    post("a", "b", "c")
    office.after_data["b@example.gov"] = DROP

    assert carrier.deliver() == 2
    assert ledger(store)["b"][:2] == (Delivery.QUEUED, 1)
    assert office.lines == 2

    office.after_data.clear()
    carrier.clock = lambda: NOON + timedelta(minutes=2)
    assert carrier.deliver() == 1
    assert office.subjects() == Counter("abc")
    assert set(office.ids()) == {mails.message_id(f"k:{name}", "localhost") for name in "abc"}


def test_a_server_that_never_answers_costs_a_time_out_and_holds_up_nobody_else(store, carrier, office, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 1.0)
    post("slow", "well")
    office.after_data["slow@example.gov"] = HANG

    assert carrier.deliver() == 1
    assert ledger(store)["slow"] == (Delivery.QUEUED, 1, "The line broke: Connection unexpectedly closed: timed out")
    assert ledger(store)["well"][0] is Delivery.SENT


def test_a_message_without_a_text_is_set_aside_with_the_reason_and_blocks_nobody(store, carrier, office):
    post("untold", template="no_such_text")
    post("short", template="trip_opened", title=None)
    post("well")
    with transaction():
        facts = {"departs_on": "2026-04-01"}
        store.execute(update(OutboxMessage).where(OutboxMessage.subject == "short").values(facts=facts))

    assert carrier.deliver() == 1
    told = ledger(store)
    assert told["untold"] == (
        Delivery.REFUSED, 1, "There is no text for this message: mail/no_such_text.txt is missing."
    )  # fmt: skip
    assert told["short"][0] is Delivery.REFUSED
    assert told["short"][2].startswith("mail/trip_opened.txt asks for what the message does not say: ")


@pytest.mark.parametrize("address", ["not an address", "two@x.gov\r\nBcc: all@x.gov", "@", "käthe@example.gov"])
def test_an_address_that_cannot_stand_is_refused(store, carrier, office, address):
    post("a", "well")
    with transaction():
        store.execute(update(Person).where(Person.name == "a").values(email=address))

    assert carrier.deliver() == 1
    assert ledger(store)["a"][0] is Delivery.REFUSED
    assert office.subjects() == Counter(["well"])


def test_nothing_goes_to_a_disabled_person(store, carrier, office):
    post("a")
    with transaction():
        store.execute(update(Person).where(Person.name == "a").values(disabled_at=NOON))

    assert carrier.deliver() == 0
    assert ledger(store) == {"a": (Delivery.SUPPRESSED, 1, "The person's account is disabled.")}


def test_told_to_stop_it_finishes_the_message_in_hand_and_gives_the_rest_back(store, app, office):
    post("a", "b", "c")
    stop = []
    office.when_taken = lambda: stop.append(True)
    carrier = carry(app, MailServer("127.0.0.1", office.port), stopping=lambda: bool(stop))

    assert carrier.deliver() == 1
    assert ledger(store) == {
        "a": (Delivery.SENT, 1, ""), "b": (Delivery.QUEUED, 0, ""), "c": (Delivery.QUEUED, 0, ""),
    }  # fmt: skip


def test_what_cannot_be_sent_well_before_the_lease_ends_is_given_back(store, app, office):
    post("a", "b")
    carrier = carry(app, MailServer("127.0.0.1", office.port), lease=timedelta(minutes=5))
    late = iter([NOON, NOON, NOON + timedelta(minutes=4)])
    carrier.clock = lambda: next(late, NOON + timedelta(minutes=4))

    assert carrier.deliver() == 2
    assert set(office.ids().values()) == {1}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only those trust who are told to, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_gets_no_mail_and_a_known_one_does(store, app, certificate, how, monkeypatch):
    post("a")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    options = {"tls": context} if how == "tls" else {"tls_context": context, "require_starttls": True}
    with open_office(**options) as (office, port):
        carrier = carry(app, MailServer("127.0.0.1", port, **{how: True}))
        assert carrier.deliver() == 0
        assert "CERTIFICATE_VERIFY_FAILED" in ledger(store)["a"][2]

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        carrier.clock = lambda: NOON + timedelta(minutes=2)
        assert carrier.deliver() == 1
        assert office.subjects() == Counter(["a"])


def test_no_upgrade_no_mail(store, app, office):
    post("a")

    assert carry(app, MailServer("127.0.0.1", office.port, starttls=True)).deliver() == 0
    assert office.taken() == []
