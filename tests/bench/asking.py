"""What asking costs beside what is here: `python -m tests.bench.asking`, on SQLite and PostgreSQL.

Lists, filters, searches, the steps of a request and the look for clashes, of an agency that begins four engagements a
day, beside 1,000 and 100,000 of them. Each is asked for in turn over every size, so that noise hits all alike; the
medians are shown with their growth and their statements. ASKING_SIZES=1000,10000 and ASKING_KINDS=sqlite choose;
ASKING_KEEP names a folder whose databases are used again.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.partners import Partner
from engage.models.people import Person
from engage.models.search import SearchEntry
from engage.rules.search_words import Kind
from engage.services import clashes, contents, search_index
from engage.services.transaction import begin_reading, transaction
from tests.bench.awareness import LEADER, REQUESTER, SECRETARIAT, Beside, in_turn
from tests.bench.seed import loading
from tests.bench.sweep import NOON, _postgres, read_whole

SIZES = tuple(map(int, os.environ.get("ASKING_SIZES", "1000,100000").split(",")))
KINDS = os.environ.get("ASKING_KINDS", "sqlite,pg").split(",")
MOST, MOST_FOUND = 1.3, 2.0  # times the cost beside the smallest; of a search
OF_A_LIST, OF_CLASHES = 15, 5  # statements
GROWING = (
    "item", "engagement", "leg", "traveller", "engagement_partner", "state_span", "trip", "search_entry", "search_word",
)  # fmt: skip
# None: shown, not judged. Beside 1,000 a requester has asked for three, beside 100,000 for a full page.
PAGES: dict[str, tuple[int, str, float | None]] = {
    "list": (SECRETARIAT, "/engagements", MOST),
    "list, a requester": (REQUESTER, "/engagements", None),
    "list, one state": (SECRETARIAT, "/engagements?state=approved", MOST),
    "register, by country": (LEADER, "/register?country=EE&standing=live", MOST),
    "screening": (SECRETARIAT, "/screening", MOST),
    "search, one word": (SECRETARIAT, "/search?q=exchange", MOST_FOUND),
    "search, three words": (SECRETARIAT, "/search?q=technical+exchange+tallinn", MOST_FOUND),
    "search, one that is rare": (SECRETARIAT, "/search?q=exchange+777", MOST_FOUND),
    "search, a requester": (REQUESTER, "/search?q=technical+exchange+tallinn", MOST_FOUND),
    "new request": (REQUESTER, "/engagements/start", None),
}
# As services.search_index writes them: an entry for each engagement, and the words of its title, place and purpose.
INDEX = """
INSERT INTO search_entry (id, kind, record_id, item_id, title, detail, code)
  SELECT item.id, 'engagement', item.id, item.id, title, city, ''
  FROM item JOIN leg ON engagement_id = item.id AND position = 0;
CREATE TEMPORARY TABLE said (word text, weight integer);
INSERT INTO said VALUES ('technical', 3), ('exchange', 3), ('with', 3), ('a', 3),
  ('national', 3), ('response', 3), ('team', 3),
  ('share', 1), ('what', 1), ('each', 1), ('side', 1), ('has', 1),
  ('learnt', 1), ('dated', 1), ('list', 1), ('joint', 1), ('exercises', 1);
INSERT INTO search_word (word, weight, entry_id) SELECT word, weight, id FROM search_entry CROSS JOIN said;
INSERT INTO search_word (word, weight, entry_id) SELECT CAST(record_id AS text), 3, id FROM search_entry;
INSERT INTO search_word (word, weight, entry_id) SELECT lower(city), 2, engagement_id
  FROM leg WHERE position = 0 AND city NOT LIKE '% %';
"""


class Asked(Beside):
    """Our program over so many engagements, with a draft to look around."""

    draft = 0

    def open(self) -> None:
        """Fill it, and its index, where it is empty."""
        super().open()
        with self.app.app_context():
            if not db.session.scalar(sa.select(SearchEntry.id).limit(1)):
                db.session.remove()
                with loading(NOON) as run:
                    run(INDEX)
                with transaction():
                    search_index.note(Kind.PERSON, db.session.scalars(sa.select(Person.id)))
                    search_index.note(Kind.PARTNER, db.session.scalars(sa.select(Partner.id)))
            mine = sa.select(sa.func.min(Item.id)).where(Item.state == "draft", Item.kind == "engagement")
            self.draft = db.session.scalar(mine) or 0
            db.session.remove()

    def look_around(self) -> Callable[[], None]:
        """Looks for the clashes of a draft."""
        with self.app.app_context():
            content = contents.asked_by(contents.content_of(self.draft))
            db.session.remove()

        def look() -> None:
            with self.app.app_context():
                begin_reading()
                assert clashes.find(content, item_id=self.draft, day=NOON.date()).clashes
                db.session.remove()

        return look

    def counted(self, ask: Callable[[], None]) -> int:
        """How many statements it takes."""
        self.seen.clear()
        ask()
        return len(self.seen)


def measure(kind: str, places: list[Asked]) -> list[str]:
    """Prints the figures of one database; gives what missed its mark."""
    asked: dict[str, tuple[list[Callable[[], None]], float | None, int]]
    asked = {name: ([p.ours(who, path) for p in places], most, OF_A_LIST) for name, (who, path, most) in PAGES.items()}
    asked["clashes of a request"] = ([place.look_around() for place in places], MOST, OF_CLASHES)
    missed = []
    for name, (asks, most, statements) in asked.items():
        taken, growth = in_turn(asks)
        counts = [place.counted(ask) for place, ask in zip(places, asks, strict=True)]
        mark = f"at most {most}" if most else "not judged"
        print(f"  {name}: {', '.join(f'{one:.1f}' for one in taken)} ms, x {growth:.2f} ({mark}), "
              f"statements {counts}", flush=True)  # fmt: skip
        if most and growth > most:
            missed.append(f"{kind}: {name} grew {growth:.2f} times")
        if max(counts) > statements or len(set(counts)) > 1:
            missed.append(f"{kind}: {name} takes {counts} statements")
    with places[-1].app.app_context():
        whole = read_whole(asked["clashes of a request"][0][-1], GROWING, 20_000)
        missed += [f"{kind}: the look for clashes reads all of it: {step}" for step in whole]
    return missed


def main() -> int:
    """Measures each database; 1 where something missed its mark."""
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="engage-asking-") as made:
        folder = os.environ.get("ASKING_KEEP", made)
        for kind in KINDS:
            print(f"{kind}, beside {', '.join(f'{size:,}' for size in SIZES)} engagements", flush=True)
            places = []
            for size in SIZES:
                name = f"asking_{size}"
                url = f"sqlite:///{Path(folder) / name}.db" if kind == "sqlite" else _postgres(made, name)
                places.append(Asked(url, size))
                places[-1].open()
            missed += measure(kind, places)
            for place in places:
                with place.app.app_context():
                    db.engine.dispose()
    print("\n".join(missed) or "every mark is met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
