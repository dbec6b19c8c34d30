"""The one test client: signs in, posts with the token, and checks every page any test visits."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from engage.extensions import db
from engage.models.people import Person
from engage.services import sessions
from engage.services.transaction import transaction

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """What the checks need to know of a page: headings, ids, labels, controls, links, forms, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.h1: list[str] = []
        self.title = ""
        self.lang = ""
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.tied: list[str] = []
        self.links: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.words: list[str] = []
        self.styled: list[str] = []
        self._open: list[str] = []
        self._option: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in a:
            self.ids.append(a["id"])
        if "style" in a or any(k.startswith("on") for k in a) or (tag == "script" and "src" not in a) or tag == "style":
            self.styled.append(f"<{tag}>")
        self.tied += a.get("aria-describedby", "").split() + a.get("aria-labelledby", "").split()
        if tag == "html":
            self.lang = a.get("lang", "")
        elif tag == "h1":
            self.h1.append("")
        elif tag == "label":
            self.labels.add(a.get("for", ""))
        elif tag == "a":
            self.links.append(a.get("href", ""))
        elif tag == "form":
            self.forms.append({"action": a.get("action", ""), "method": a.get("method", "get").lower(), "fields": {}})
        if tag in ("input", "select", "textarea", "button") and self.forms and "form" in self._open:
            self._field(tag, a)
        if tag == "option" and self.forms and self._option and "selected" in a:
            self.forms[-1]["fields"][self._option[-1]] = a.get("value", "")
        if tag in ("input", "select", "textarea") and a.get("type") not in ("hidden", "submit"):
            self.controls.append(a)

    def _field(self, tag: str, a: dict[str, str]) -> None:
        name, fields = a.get("name", ""), self.forms[-1]["fields"]
        if tag == "select":
            self._option.append(name)
            fields.setdefault(name, "")
        elif tag == "textarea":
            fields[name] = ""
            self._option.append("textarea:" + name)
        elif tag == "input" and name and a.get("type") in ("checkbox", "radio"):
            if "checked" in a:  # boxes of one name are sent together
                value = a.get("value", "y")
                fields[name] = (
                    [*fields[name], value]
                    if isinstance(fields.get(name), list)
                    else ([fields[name], value] if name in fields else value)
                )
        elif tag == "input" and name and a.get("type") != "submit":
            fields[name] = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea") and self._option:
            name = self._option.pop()
            if tag == "textarea":
                field = name.removeprefix("textarea:")
                self.forms[-1]["fields"][field] = (
                    self.forms[-1]["fields"][field].removeprefix("\n").removeprefix("\r\n")
                )
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if "h1" in self._open and self.h1:
            self.h1[-1] += data
        if self._open and self._open[-1] == "textarea" and self._option:
            self.forms[-1]["fields"][self._option[-1].removeprefix("textarea:")] += data
        if not {"script", "style", "title"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        """The page's words, white space folded."""
        return " ".join(" ".join(self.words).split())

    @property
    def acts(self) -> list[str]:
        """Where the page's forms lead that change something, but for signing out, which stands on every page."""
        return [form["action"] for form in self.forms if form["method"] == "post" and form["action"] != "/sign-out"]

    def check(self) -> None:
        """One h1, a title, a language, no duplicate ids, every control labelled, every tie tied, nothing inline."""
        assert len(self.h1) == 1, f"h1: {self.h1}"
        assert self.h1[0].strip(), "the h1 is empty"
        assert self.title.strip(), "no title"
        assert self.lang == "en"
        assert len(self.ids) == len(set(self.ids)), f"twice: {sorted({i for i in self.ids if self.ids.count(i) > 1})}"
        for control in self.controls:
            named = control.get("id") in self.labels or "aria-label" in control or "aria-labelledby" in control
            assert named, f"no label: {control}"
        assert not [t for t in self.tied if t not in self.ids], f"tied to nothing: {set(self.tied) - set(self.ids)}"
        assert not self.styled, f"inline style or script: {self.styled}"


class Visitor:
    """A browser without a screen. `get` and `post` check the page they meet and keep it as `page`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.page: Page | None = None
        self.response: TestResponse | None = None
        self.csrf = ""

    def sign_in(self, who: Person) -> "Visitor":
        """Start a session for `who` without a password (the sign-in page has its own tests)."""
        now = self.app.config["CLOCK"]()
        with transaction():
            token = sessions.start(who.id, address="127.0.0.1", browser="test", now=now)
        self.client.set_cookie(self.app.config["SETTINGS"].cookie_name, token)
        row = db.session.execute(
            db.select(sessions.SignInSession.csrf_token).where(
                sessions.SignInSession.token_hash == sessions.hashed(token)
            )
        ).scalar_one()
        self.csrf = row
        db.session.rollback()
        return self

    def get(self, url: str, status: int = 200, follow: bool = False) -> Page:
        """GET a page that must answer `status`."""
        return self._met(self.client.get(url, follow_redirects=follow), status)

    def post(
        self, url: str, data: dict[str, Any] | None = None, status: int = 303, csrf: bool = True, **files: Any
    ) -> Page:
        """POST a form, with the token unless told not to; must answer `status`."""
        fields = {**({"csrf_token": self.csrf} if csrf else {}), **(data or {})}
        return self._met(self.client.post(url, data=fields, **files), status)

    def submit(self, changes: dict[str, Any], status: int = 303, form: int = -1, url: str | None = None) -> Page:
        """Send the form of the page last met as a person would: what stands there, with `changes`."""
        assert self.page is not None
        assert self.response is not None
        forms = [f for f in self.page.forms if f["method"] == "post" and f["action"] != "/sign-out"]
        chosen = forms[form]
        target = url or chosen["action"] or self.response.request.path
        return self._met(self.client.post(target, data={**chosen["fields"], **changes}), status)

    def send(self, action: str, changes: dict[str, Any] | None = None, status: int = 303) -> Page:
        """Send the form of the page last met that leads to `action`: what stands there, with `changes`."""
        assert self.page is not None
        found = next(f for f in self.page.forms if f["method"] == "post" and f["action"].split("?")[0] == action)
        return self._met(self.client.post(found["action"], data={**found["fields"], **(changes or {})}), status)

    def follow(self) -> Page:
        """Go where the last answer led."""
        assert self.response is not None
        return self.get(self.response.headers["Location"])

    def _met(self, response: TestResponse, status: int) -> Page:
        self.response = response
        assert response.status_code == status, (
            f"{response.status_code}: {Page(response.get_data(as_text=True)).text[:1500]}"
        )
        html = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        self.page = Page(html)
        saved = response.headers.get("Content-Disposition", "").startswith("attachment")  # a file, no page of ours
        if html and not saved and not 300 <= response.status_code < 400:
            self.page.check()
        db.session.rollback()  # what the test holds is read afresh
        return self.page
