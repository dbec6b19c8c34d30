"""Facts on the house's paper: tagged, titled, the same bytes each time, and text that stays text."""

import io
from datetime import UTC, datetime

import pypdf
import pytest

from engage.documents import pdf
from engage.documents.blocks import blocks

MADE = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def letter(body: str, title: str = "A letter", facts: tuple[tuple[str, str], ...] = ()) -> bytes:
    return pdf.render("letter", {"kind": "Letter", "foot": "Foot.", "facts": facts, "body": blocks(body)},
                      title=title, made_at=MADE)


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def text_of(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(made).pages).split())


def tags(made: bytes) -> set[str]:
    found = set()

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.add(str(node["/S"]))
            walk(node.get("/K", []))

    walk(read(made).trailer["/Root"]["/StructTreeRoot"])
    return found


def test_a_document_is_tagged_titled_and_says_its_language():
    made = letter("# Why\n\nBecause.\n\n- one\n- two", facts=(("Asked by", "Robin"),))
    root = read(made).trailer["/Root"]

    assert str(root["/MarkInfo"]["/Marked"]) == "True"
    assert root["/Lang"] == "en"
    assert read(made).metadata.title == "A letter"
    assert read(made).metadata.creation_date == MADE
    assert b"pdfuaid" in made or "pdfuaid" in str(root["/Metadata"].get_object().get_data())
    assert {"/Document", "/P", "/L", "/LI", "/Table"} - tags(made) == set()


def test_the_same_facts_make_the_same_bytes():
    assert letter("Some *text*.") == letter("Some *text*.")


def test_text_is_never_evaluated():
    made = letter("x", title='#evil[x] $y$ *b* "#read(\\"house.typ\\")')

    assert '#evil[x] $y$ *b* "#read(\\"house.typ\\")' in text_of(made)


@pytest.mark.parametrize("said", [
    "東京 and ไทย", "🎉", "a \ud800 half", "a\x00b\x07", "\u202e\u200b\ufeff", "x" * 3_000, "\ue000", "👩‍👩‍👧‍👦 हिन्दी",
])
def test_whatever_a_person_wrote_can_be_printed(said):
    assert read(letter(said, title=said)).pages[0] is not None


def test_a_letter_without_a_font_is_a_box_and_the_foot_says_so():
    said = text_of(letter("Tokyo is 東京."))

    assert "Tokyo is ▯▯." in said
    assert pdf.NOTE in said


def test_the_alphabets_that_ship_need_no_box():
    assert "▯" not in text_of(letter("Žižek, Ελλάδα, Київ, ירושלים, العربية, Հայաստան, საქართველო"))


def test_a_long_word_breaks_instead_of_leaving_the_page():
    assert text_of(letter("w" * 400)).count("w") == 400


def test_a_template_that_lacks_a_fact_says_so():
    with pytest.raises(pdf.CannotBePrinted, match="letter"):
        pdf.render("letter", {"kind": "Letter"}, title="x", made_at=MADE)


def test_markdown_becomes_blocks():
    assert blocks("# Go\n\nA **bold** *lean* [link](https://a.example)\nnext.\n\n> said\n\n3. three\n   - deep") == [
        {"kind": "heading", "level": 1, "runs": [{"text": "Go"}]},
        {"kind": "paragraph", "runs": [
            {"text": "A "}, {"text": "bold", "strong": True}, {"text": " "}, {"text": "lean", "em": True},
            {"text": " "}, {"text": "link", "href": "https://a.example"}, {"text": " "}, {"text": "next."}]},
        {"kind": "quote", "blocks": [{"kind": "paragraph", "runs": [{"text": "said"}]}]},
        {"kind": "steps", "start": 3, "items": [[
            {"kind": "paragraph", "runs": [{"text": "three"}]},
            {"kind": "list", "items": [[{"kind": "paragraph", "runs": [{"text": "deep"}]}]]}]]},
    ]


def test_headings_skip_no_level():
    said = blocks("### a\n\n# b\n\n###### c\n\n## d\n\n> # e", under=1)

    assert [block["level"] for block in said[:4]] == [2, 2, 3, 3]
    assert said[4]["blocks"][0]["level"] == 2
    assert letter("### a\n\n# b\n\n###### c\n\n## d\n\n> # e")


@pytest.mark.parametrize("said", [
    "[x](javascript:alert(1))", "<script>x</script>", "![p](https://a.example/p.png)", "    code", "[x](/etc/passwd)",
])
def test_markdown_that_could_run_stays_text(said):
    made = letter(said)

    assert "/URI" not in tags(made)
    assert b"javascript:" not in made
