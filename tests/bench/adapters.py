"""The only place that tells the load driver what to ask of our program: addresses, forms and who sends them."""

import json
from pathlib import Path
from typing import Any

from tests.bench.seed import MEMBER, PASSWORD, REQUESTER, SECRETARIAT, TRAVELLER, Seeded

TOKEN = 'name="csrf_token"[^>]* value="([^"]+)"'
STATE = "in_progress"  # four of ten engagements; the page is what a governing role sees of all of them
ACTS = ("submit", "vote", "acknowledge")
CLIENTS = 8  # the driver gives each client a block of the list of numbers: here, each the whole list


def pages(deep: str) -> dict[str, Any]:
    """What is looked at. `deep` is the cursor of a page near the list's end."""
    listed = f"/register?standing={STATE}"
    return {
        "list": {"path": listed, "must": 'rel="next"'},
        "list_deep": {"path": f"{listed}&after={deep}", "must": 'data-label="State"'},
        "detail": {"path": "/engagements/{id}", "must": "Technical exchange"},
    }


def acts(seeded: Seeded) -> dict[str, tuple[str, list[int], dict[str, Any], str]]:
    """Each act: who does it, on which records, the POST that does it, and the count that proves it was done."""
    answers = {f"question_{place}": str(answer) for place, answer in enumerate(seeded.answers)}
    read = {"version_id": str(seeded.guide_version), "sha256": seeded.guide_sha256,
            "must_know": [str(place) for place in range(seeded.must_know)]}  # fmt: skip
    return {
        "submit": (REQUESTER, seeded.drafts, post("/engagements/{id}/submit", once="bench-{id}", reason=""),
                   "SELECT count(*) FROM item_version"),
        "vote": (MEMBER, seeded.open_motions, post("/board/items/{id}", motion="{id}", choice="yes", reason=""),
                 "SELECT count(*) FROM ballot"),
        "acknowledge": (TRAVELLER, seeded.trips, post(f"/trips/{{id}}/guides/{seeded.guide}", **read, **answers),
                        "SELECT count(*) FROM acknowledgement"),
    }  # fmt: skip


def post(path: str, **form: Any) -> dict[str, Any]:
    """An act that is done once to each record, and answered by leading on."""
    return {"method": "POST", "path": path, "form": {"csrf_token": "{csrf}", **form}, "states": ["once"], "once": True,
            "ok": [303], "not_location": "/sign-in"}  # fmt: skip


def write(folder: Path, name: str, base: str, where: dict[str, str], seeded: Seeded) -> dict[str, Path]:
    """Write the adapters of the server `name` at `base` into `folder`; `where` says how its rows are counted.

    One adapter for the pages, one for each act: each has its own person and its own list of numbers. The act's page
    is called "transition", so that it stands beside the references' own.
    """
    known = {"pages": (SECRETARIAT, seeded.submitted, pages(seeded.deep), "")}
    for act, (who, numbers, request, count) in acts(seeded).items():
        known[act] = (who, numbers * CLIENTS, {"transition": request}, count)
    written = {}
    for what, (who, numbers, asked, count) in known.items():
        listed = folder / f"{name}_{what}.ids"
        listed.write_text("\n".join(map(str, numbers)))
        written[what] = folder / f"{name}_{what}.json"
        written[what].write_text(json.dumps({
            "name": f"{name}_{what}", "base": base, "pid": name, **where, "users": [[who, PASSWORD]],
            "login": {"get": "/sign-in", "csrf": TOKEN, "post": "/sign-in", "ok": [303], "not_location": "/sign-in",
                      "fields": {"csrf_token": "{csrf}", "email": "{user}", "password": "{password}", "next": ""}},
            "session_csrf": {"get": "/engagements", "pattern": TOKEN},
            "ids_file": str(listed), "ids": {"first": 1}, "pages": asked, "verify_sql": count,
        }))  # fmt: skip
    return written
