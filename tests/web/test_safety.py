"""What every answer carries, what every cookie is, and that nothing a client sends breaks the server."""

from http.cookies import SimpleCookie

import factories as make
import pytest
from flask import Flask

from engage import create_app
from engage.config import Mode, Settings, UnsafeSettings
from engage.extensions import db
from engage.models.people import Person
from engage.rules.policy import Role
from engage.services import links, passwords
from engage.services.transaction import transaction
from engage.web import access

PASSWORD = "a kettle sings at dawn"


@pytest.fixture
def production(store, database) -> Flask:
    """The same database, served for real: https, secure cookies, no demonstration people."""
    made = create_app(Settings.for_tests(database.url, mode=Mode.PRODUCTION, hosts=("engage.agency.gov",),
                                         url="https://engage.agency.gov"))
    made.config["CLOCK"] = lambda: make.NOON
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def somebody(email: str = "somebody@agency.gov", *roles: Role) -> Person:
    """A person with a password."""
    with transaction():
        who = make.person(*roles, email=email)
        who.password_hash = passwords.hashed(PASSWORD)
    return who


def sign_in(app: Flask, email: str):
    """The answer to a sign-in at https."""
    client, base = app.test_client(), "https://engage.agency.gov"
    page = client.get("/sign-in", base_url=base).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    typed = {"csrf_token": token, "email": email, "password": PASSWORD}
    return client.post("/sign-in", base_url=base, data=typed)


def cookies(answer) -> dict[str, SimpleCookie]:
    """The cookies an answer sets, by name."""
    found = {}
    for header in answer.headers.getlist("Set-Cookie"):
        found |= SimpleCookie(header)
    return found


EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/healthz", "/admin", "/static/engage.css"])
def test_every_answer_carries_the_headers(app, store, path):
    answer = app.test_client().get(path, buffered=True)

    assert {name: answer.headers.get(name) for name in EVERY_ANSWER} == EVERY_ANSWER
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Server" not in answer.headers


def test_pages_are_kept_by_nobody_and_files_for_ever(app, store):
    client = app.test_client()

    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    kept = client.get("/static/engage.css", buffered=True).headers["Cache-Control"]
    assert kept == "public, max-age=31536000, immutable"


def test_production_speaks_https_alone(production):
    answer = production.test_client().get("/sign-in", base_url="https://engage.agency.gov")

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_the_demonstration_leaves_https_out(app, store):
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


def test_production_cookies_are_bound_to_this_host_and_out_of_reach_of_scripts(store, production):
    somebody()

    answer = sign_in(production, "somebody@agency.gov")
    cookie = cookies(answer)["__Host-engage"]

    assert answer.status_code == 303
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True, True, "Lax", "/", "")  # fmt: skip
    assert len(cookie.value) >= 43  # 256 random bits
    assert answer.headers["Location"] == "/"


def test_the_visitors_cookie_is_as_strict(production):
    answer = production.test_client().get("/sign-in", base_url="https://engage.agency.gov")
    cookie = cookies(answer)["__Host-engage-visit"]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True, True, "Lax", "/", "")  # fmt: skip


def test_demonstration_people_do_not_get_into_production(store, production):
    somebody("admin@example.gov", Role.ADMINISTRATOR)

    answer = sign_in(production, "admin@example.gov")

    assert answer.status_code == 422
    assert "__Host-engage" not in cookies(answer)


def test_production_does_not_start_over_demonstration_people(store, database):
    somebody("admin@example.gov", Role.ADMINISTRATOR)
    settings = Settings.for_tests(database.url, mode=Mode.PRODUCTION)

    with pytest.raises(UnsafeSettings) as refusal:
        create_app(settings)

    assert refusal.value.problems == [
        "The database has demonstration accounts (admin@example.gov): disable them, or take a new one."]


def test_production_starts_when_they_are_disabled_or_never_had_a_password(store, database):
    who = somebody("admin@example.gov")
    with transaction():
        db.session.merge(who).disabled_at = make.NOON
        make.person(email="invited@example.gov")

    assert create_app(Settings.for_tests(database.url, mode=Mode.PRODUCTION)).name == "engage"


def test_production_starts_before_its_tables_are_there(tmp_path):
    create_app(Settings.for_tests(f"sqlite:///{tmp_path}/new.db", mode=Mode.PRODUCTION))
    create_app(Settings.for_tests(f"sqlite:///{tmp_path}/no/folder/new.db", mode=Mode.PRODUCTION))


def test_a_link_gives_a_demonstration_person_no_password_in_production(store, production):
    with transaction():
        path = links.post(make.person(email="chair@example.gov"), now=make.NOON)

    answer = production.test_client().get(path, base_url="https://engage.agency.gov")

    assert answer.status_code == 404


# ---------------------------------------------------------------- hosts and proxies


HOSTS = ["evil.example", "localhost.evil.example", "a b", "", "localhost:99999999", "exa\u00e4mple", "[::1",
         "localhost/../x", "." * 300, "xn--\u0000"]


def test_only_our_own_names_are_answered_to(app, store):
    client = app.test_client()

    assert [client.get("/sign-in", headers={"Host": host}).status_code for host in HOSTS] == [400] * len(HOSTS)
    assert "evil.example" not in client.get("/sign-in", headers={"Host": "evil.example"}).get_data(as_text=True)


def test_a_strangers_word_on_addresses_is_not_believed(visitor, store, app):
    who = somebody()
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    client.post("/sign-in", data={"csrf_token": token, "email": who.email, "password": PASSWORD},
                headers={"X-Forwarded-For": "10.9.8.7"})

    assert client.get("/account").get_data(as_text=True).count("127.0.0.1") == 1


def test_our_own_proxies_word_is_believed_as_far_as_there_are_proxies(database, store):
    made = create_app(Settings.for_tests(database.url, proxies=1))
    seen = []
    made.add_url_rule("/address", "entrance.address", lambda: seen.append(access.address()) or "")

    with made.app_context():
        made.test_client().get("/address", headers={"X-Forwarded-For": "6.6.6.6, 10.9.8.7"})
        db.session.remove()
        db.engine.dispose()

    assert seen == ["10.9.8.7"]


@pytest.mark.parametrize(("path", "taken"), [
    ("/engagements?x=1", True), ("/", True), ("//evil.example", False), ("https://evil.example", False),
    ("/\\evil.example", False), ("/\tevil", False), ("\n/x", False), ("javascript:alert(1)", False), ("", False),
    (None, False), ("/" + "a" * 3000, False), ("/a\ud800", False),
])  # fmt: skip
def test_only_own_paths_are_led_on_to(path, taken):
    assert access.own_path(path) == (path if taken else None)


# ---------------------------------------------------------------- hostile requests

HUGE = str(10**30)
PATHS = ["/engagements/{}", "/board/items/{}", "/trips/{}", "/screening/{}", "/partners/{}", "/admin/people/{}",
         "/inbox/{}", "/guidance/{}", "/enter/{}", "/static/{}", "/{}"]
VALUES = [HUGE, "-1", "0", "2147483648", "9223372036854775808", "\u0661", "%00", "%ff%fe", "%ED%A0%80", "%F0%9F%98%80",
          "..%2f..%2fetc%2fpasswd", "%2e%2e/", "a" * 3000, "'%20OR%201=1--", "<script>", "%25", "%", "{{7*7}}",
          "1;2", "1.0"]
LISTS = ["/engagements", "/register", "/calendar", "/inbox", "/partners", "/forums", "/events", "/trail",
         "/admin/people",
         "/board/decisions", "/training", "/trips", "/guidance", "/screening", "/abroad", "/sign-in"]
QUERIES = ["after=x", "after=2026-01-01_" + HUGE, "after=%00_1", "after=2026-01-01T00:00:00_1", "after=_",
           "after=\u0661_1",
           "before=" + HUGE, "before=-1", "before=%00", "page=" + HUGE, "q=%00", "q=%ff", "q=" + "a" * 5000,
           "q=%25_%5C",
           "month=9999-99", "month=0001-01", "month=9999-12", "from=0001-01-01", "from=9999-12-31", "from=x",
           "week=9999-W99",
           "week=0000-W00", "state=%00", "state=nothing", "country=%00", "country=ZZ", "goal=" + HUGE, "goal=-1",
           "forum=%F0%9F",
           "since=0001-01-01&until=9999-12-31", "number=" + HUGE, "kind=%00", "next=//evil", "next=%00",
           "a[]=1&a[]=2", "&&&=&",
           "x=" + "%f0%9f%98%80" * 500, "%00=%00", "standing=%00", "standing=x", "office=" + HUGE, "who=%00",
           "year=" + HUGE]


@pytest.fixture
def insider(store, visitor):
    """Somebody who may enter every room but the auditor's, in a house with something in it."""
    with transaction():
        who = make.person(*(set(Role) - {Role.AUDITOR}))  # an auditor could not ask for an engagement
        make.board()
        make.engagement(by=who)
    return visitor.sign_in(who)


def broken(answers: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The answers that are our fault."""
    return [(what[:120], status) for what, status in answers if status >= 500]


def test_no_number_or_name_in_a_path_breaks_the_server(insider):
    answers = []
    for path in PATHS:
        for value in VALUES:
            answers.append((path.format(value), insider.client.get(path.format(value)).status_code))
            db.session.rollback()

    assert broken(answers) == []
    assert {status for what, status in answers if HUGE in what} == {404}


def test_no_query_breaks_the_server(insider):
    with transaction():
        insider.sign_in(make.person(*Role))
    answers = []
    for path in LISTS:
        for query in QUERIES:
            answers.append((f"{path}?{query}", insider.client.get(f"{path}?{query}").status_code))
            db.session.rollback()

    assert broken(answers) == []


NASTY = ["\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe", "\u202e", "\U0001f600" * 300,
         "a" * 70_000,
         HUGE, "-" + HUGE, "NaN", "1e999", "0x10", "'; DROP TABLE person; --", "<script>alert(1)</script>",
         "../../etc/passwd",
         "2026-02-30", "0000-00-00", "99999-01-01", "\r\nSet-Cookie: x=y", "=1+1", "{{7*7}}", "%s%n", " ", "\u0661"]


def forms_of(insider, app) -> list[tuple[str, dict[str, str]]]:
    """Every form that a few rooms show, with what stands in it."""
    found = {}
    for path in ("/account", "/account/password", "/admin/people/new", "/admin/people/1", "/admin/numbers",
                 "/engagements/new",
                 "/training", "/training/record", "/inbox"):  # fmt: skip
        page = insider.get(path)
        for form in page.forms:
            if form["method"] == "post" and form["action"] != "/sign-out":
                found[form["action"] or path] = form["fields"]
    return list(found.items())


def test_no_value_in_any_field_breaks_the_server(insider, app):
    answers = []
    for action, fields in forms_of(insider, app):
        names = [name for name in fields if name != "csrf_token"]
        tries = [dict.fromkeys(names, value) for value in NASTY]
        tries += [{name: value} for name in names for value in ("a\x00b", HUGE)]
        tries += [{"csrf_token": value} for value in NASTY[:4]]
        for wrong in tries:
            answer = insider.client.post(action, data={**fields, **wrong})
            answers.append((f"{action} {wrong!r}", answer.status_code))
            db.session.rollback()

    assert len(answers) > 500
    assert broken(answers) == []


BODIES = [
    (b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"anything", "multipart/form-data"),
    (b"--x" * 5000, "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"\xff\"; filename=\"\x00\"\r\n\r\na\r\n--x--",
     "multipart/form-data; boundary=x"),
    (b"%zz=%zz&&&&=%00", "application/x-www-form-urlencoded"),
    (b"{\"a\": [", "application/json"),
    (b"\xff" * 1000, "text/plain"),
    (b"a=b" * 500_000, "application/x-www-form-urlencoded"),
    (b"a=b&" * 5000, "application/x-www-form-urlencoded"),
    (b"<x/>", "application/xml; charset=\xff"),
]


def test_no_body_breaks_the_server(insider):
    answers = []
    for path in ("/sign-in", "/engagements/new", "/admin/people/new", "/account/absences"):
        for body, kind in BODIES:
            answer = insider.client.post(path, data=body, headers={"Content-Type": kind})
            answers.append((f"{path} {kind} {body[:30]!r}", answer.status_code))

    assert [(what, status) for what, status in answers if status not in (400, 413)] == []


HEADERS = [
    {"Cookie": "engage=" + "a" * 100_000}, {"Cookie": "engage=\xff\xfe"}, {"Cookie": "engage-visit=" + "." * 5000},
    {"Cookie": "engage-visit=eyJjc3JmIjoxfQ.x.y"}, {"Cookie": ";;;=;;="}, {"Cookie": "engage"},
    {"Content-Length": "-1"},
    {"Content-Length": "many"}, {"Range": "bytes=9999999-"}, {"Range": "x"}, {"If-Modified-Since": "never"},
    {"If-None-Match": "\"" * 99}, {"Accept": "\x7f"}, {"User-Agent": "\xff" * 3000}, {"Accept-Language": "," * 999},
    {"Origin": "null"}, {"Sec-Fetch-Site": "\xff"}, {"Referer": "x" * 9000}, {"Transfer-Encoding": "chunked, chunked"},
    {"X-HTTP-Method-Override": "DELETE"}, {"Authorization": "Basic %%%"}, {"Expect": "a miracle"},
]


def test_no_header_breaks_the_server(insider):
    answers = []
    for path in ("/sign-in", "/account", "/static/engage.css"):
        for headers in HEADERS:
            answer = insider.client.get(path, headers=headers, buffered=True)
            answers.append((f"{path} {headers}", answer.status_code))

    assert broken(answers) == []


METHODS = ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "HEAD", "OPTIONS", "POST", "QUERY", "\u00e4"]


def test_no_method_breaks_the_server(insider):
    answers, offered = [], []
    for path in ("/sign-in", "/engagements", "/trail/verify", "/static/engage.css", "/nowhere", "/healthz"):
        for method in METHODS:
            answer = insider.client.open(path, method=method, buffered=True)
            answers.append((f"{method} {path}", answer.status_code))
            if answer.status_code == 405 and method in answer.headers["Allow"].split(", "):
                offered.append((method, path))

    assert broken(answers) == []
    assert offered == []


def test_an_error_says_an_id_and_nothing_of_the_inside(app, store, monkeypatch):
    app.testing = False
    monkeypatch.setattr("engage.web.entrance.views.SignInForm", None)

    answer = app.test_client().get("/sign-in")

    app.testing = True
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "reference" in text
    assert "Traceback" not in text
    assert "SignInForm" not in text


def test_a_file_too_large_is_refused_with_its_reason(insider):
    answer = insider.client.post("/engagements/new", data=b"x" * 7_000_000,
                                 content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert "larger than this program accepts" in answer.get_data(as_text=True)
