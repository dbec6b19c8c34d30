"""What an uploaded file really is: sound ones pass, all others are refused in a sentence, and nothing is unpacked."""

import contextlib
import io
import time
import tracemalloc

import hostile_files as made
import pytest
from PIL import Image

from engage.importing.attachments import check, clean_name
from engage.importing.sheet import Unreadable


@pytest.mark.parametrize("name", made.SOUND)
def test_a_sound_file_passes(name):
    kept = check(name, made.SOUND[name])

    assert kept.name == name
    assert kept.content


@pytest.mark.parametrize("name", made.REFUSED)
def test_a_hostile_or_damaged_file_is_refused_in_a_sentence(name):
    with pytest.raises(Unreadable) as refusal:
        check(name, made.REFUSED[name])

    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 200


def test_a_drawing_named_pdf_is_called_what_it_is():
    with pytest.raises(Unreadable, match="this is an SVG drawing, which can hold programs"):
        check("scan.pdf", made.SVG)


def test_a_photograph_loses_the_place_it_was_taken_and_its_camera():
    before = Image.open(io.BytesIO(made.located()))
    assert before.getexif().get_ifd(0x8825)

    after = Image.open(io.BytesIO(check("badge.jpg", made.located()).content))

    assert dict(after.getexif()) == {}
    assert "exif" not in after.info
    assert after.size == before.size


def test_what_follows_the_end_of_a_picture_is_left_behind():
    kept = check("map.png", made.picture() + b"<script>alert(1)</script>")

    assert b"script" not in kept.content


def test_refusing_a_bomb_takes_no_memory():
    tracemalloc.start()
    for name in ("bomb.docx", "huge.png"):
        with pytest.raises(Unreadable):
            check(name, made.REFUSED[name])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20_000_000


@pytest.mark.parametrize(("given", "kept"), [
    ("../../etc/passwd.pdf", "passwd.pdf"),
    ("C:\\Users\\me\\scan.pdf", "scan.pdf"),
    ("a\u202egpj.pdf", "agpj.pdf"),
    ("new\r\nline.pdf", "newline.pdf"),
    ("..pdf", "pdf"),
    ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ("Re\u0301sume\u0301.pdf", "Résumé.pdf"),
    ("", "file"),
])  # fmt: skip
def test_a_name_is_made_safe_and_stays_readable(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize("body", [b"/ObjStm ", b"/ObjStm stream\n", b"/#41", b"/a#20", b"stream\n"])
def test_a_pdf_made_to_be_slow_is_judged_soon(body):
    start = b"%PDF-1.5\n" + body * (5_000_000 // len(body))
    content = start + b"\n4 0 obj<<>>endobj\nstartxref\n%d\n%%%%EOF" % (len(start) + 1)
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        check("slow.pdf", content)

    assert time.process_time() - began < 10
