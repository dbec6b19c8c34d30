"""Whatever a letter says, its bytes say the same to whoever reads mail, and nothing slips into a header."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.documents import events
from engage.documents.mime import Attachment, Letter, Unaddressable, header

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Zs")) | st.just(" "),
                max_size=150)  # fmt: skip
PROSE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n"), max_size=3000
)


def letter(subject="Yes", text="Hello\n", html="<p>Hello</p>\n", to=("Zoë Ng", "zoe@example.gov"), attached=()):
    return Letter(("Engage", "engage@localhost"), to, subject, (("Message-ID", "<a@b>"),), text, html, attached)


def read(one):
    raw = one.as_bytes()
    raw.decode("ascii")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail.defects == []
    return mail


def lines(part):
    return part.get_content().replace("\r\n", "\n").rstrip("\n")


@given(subject=WORDS, name=WORDS, text=PROSE, html=PROSE)
def test_what_is_written_is_what_is_read(subject, name, text, html):
    mail = read(letter(" ".join(subject.split()), text, html + "x", (" ".join(name.split()), "zoe@example.gov")))

    assert mail["Subject"].split() == subject.split()
    assert mail["To"].addresses[0].addr_spec == "zoe@example.gov"
    # A long name is cut into several encoded words, and its reader may see a blank where it was cut.
    assert "".join(mail["To"].addresses[0].display_name.split()) == "".join(name.split())
    plain, page = mail.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert lines(plain) == text.rstrip("\n")
    assert lines(page) == html + "x"


def test_a_file_goes_beside_the_words():
    mail = read(letter(attached=(Attachment(events.NAME, events.KIND, b"BEGIN:VCALENDAR\r\n" * 9),)))

    words, file = mail.iter_parts()
    assert (mail.get_content_type(), words.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "engage.ics")
    assert file.get_content().replace("\r\n", "\n") == "BEGIN:VCALENDAR\n" * 9


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0"])
def test_a_line_break_in_a_header_is_refused(break_):
    for bad in (
        lambda: letter(subject=f"Yes{break_}Bcc: all@x.gov").as_bytes(),
        lambda: letter(to=(f"Zoe{break_}Bcc: all@x.gov", "zoe@x.gov")).as_bytes(),
        lambda: letter(to=("Zoe", f"zoe@x.gov{break_}Bcc: all@x.gov")).as_bytes(),
        lambda: header("List-Unsubscribe", f"<a>{break_}X: y"),
    ):
        with pytest.raises(Unaddressable):
            bad()


@pytest.mark.parametrize(
    "address", ["", "@", "nobody", "a@b@c", "a b@c.gov", "käthe@example.gov", "<a@b.gov>", "a@b.gov, c@d.gov"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(Unaddressable):
        letter(to=("Zoe", address)).as_bytes()
