"""Files of ours go out compressed to who takes them so; pages never do."""

import gzip
import re

import factories as make
import getting_ready as prepare

from engage.services.transaction import transaction

SHEET = "/static/vendor/uswds/css/uswds.min.css"


def fetch(app, path=SHEET, **headers):
    """Status, headers and bytes of a file, the style sheet unless told otherwise."""
    with app.test_client().get(path, headers={name.replace("_", "-"): said for name, said in headers.items()}) as got:
        return got.status_code, got.headers, got.get_data()


def test_a_style_sheet_goes_out_compressed_whole_and_once_for_each_kind_of_reader(app):
    _, plain_headers, plain = fetch(app)
    _, packed_headers, packed = fetch(app, Accept_Encoding="gzip, br")
    assert (plain_headers.get("Content-Encoding"), packed_headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed) == plain
    assert int(packed_headers["Content-Length"]) == len(packed) < len(plain) / 6
    assert "Accept-Encoding" in plain_headers["Vary"]
    assert "Accept-Encoding" in packed_headers["Vary"]


def test_a_part_of_a_file_and_a_file_not_changed_are_left_alone(app):
    status, headers, part = fetch(app, Accept_Encoding="gzip", Range="bytes=0-99")
    assert (status, headers.get("Content-Encoding"), len(part)) == (206, None, 100)
    known = fetch(app)[1]["ETag"]
    assert fetch(app, Accept_Encoding="gzip", If_None_Match=known)[0] == 304


def test_a_page_with_secrets_is_never_compressed(app):
    page = app.test_client().get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers


def test_a_travellers_page_with_all_it_loads_but_fonts_weighs_less_than_100_kilobytes(visitor, app, store):
    with transaction():
        trip = prepare.trip()
        traveller = store.get(make.Person, trip.person_id)
    visitor.sign_in(traveller)
    for path in ("/", "/trips", f"/trips/{trip.id}", f"/trips/{trip.id}/away", "/training",
                 f"/trips/{trip.id}/guides/{prepare.version_of('EE').guide_id}"):  # fmt: skip
        page = visitor.get(path)
        loaded = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg)[^"]*)"', page.html)
        assert len(loaded) >= 4
        files = [fetch(app, one, Accept_Encoding="gzip")[2] for one in dict.fromkeys(loaded)]
        assert len(page.html.encode()) + sum(map(len, files)) < 100_000, path
