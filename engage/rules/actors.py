"""The only place for who acts, and for an item or a trip as the policy sees it."""

from dataclasses import dataclass, field

from engage.rules.items import ItemKind
from engage.rules.marking import Marking
from engage.rules.roles import Role
from engage.rules.workflow import State


@dataclass(frozen=True)
class Actor:
    """Who acts: the person as the rules see them, with the roles in force at that moment.

    `id` is None for a visitor nobody knows and for the program itself.
    """

    id: int | None = None
    name: str = "Nobody"
    email: str = ""
    roles: frozenset[Role] = frozenset()
    office_id: int | None = None
    zone: str = "America/New_York"
    address: str = ""
    request_id: str = ""
    session_id: int | None = None
    is_authenticated: bool = field(default=False)
    is_active: bool = field(default=True)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in (Flask-Login asks)."""
        return not self.is_authenticated

    def get_id(self) -> str:
        """The id as text (Flask-Login asks)."""
        return str(self.id)


NOBODY = Actor()
PROGRAM = Actor(name="Engage")


@dataclass(frozen=True)
class Subject:
    """An item as the policy sees it: its state and whose it is.

    Of an amendment, `amended_state` is the state of the engagement that it changes, as which it is seen, and the
    travellers are those of the engagement and those whom the amendment would add.
    """

    state: State
    requester_id: int | None
    traveller_ids: frozenset[int] = frozenset()
    supervisor_id: int | None = None
    recused_ids: frozenset[int] = frozenset()
    assistant_ids: frozenset[int] = frozenset()  # of a trip: whom its traveller named for today
    kind: ItemKind = ItemKind.ENGAGEMENT
    amended_state: State | None = None
    marking: Marking = Marking.GREEN
    office_id: int | None = None  # the requester's
