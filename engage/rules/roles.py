"""The only place for the roles that a person is granted, and what a reviewer looks at."""

from enum import StrEnum


class Role(StrEnum):
    """What a person was granted. Asking and travelling are facts about an engagement, never roles."""

    REQUESTER = "requester"
    SUPERVISOR = "supervisor"
    SECRETARIAT = "secretariat"
    MEMBER = "board_member"
    CHAIR = "chair"
    REVIEWER = "reviewer"
    CONTENT_OWNER = "content_owner"
    TRAINING_OWNER = "training_owner"
    DUTY_OFFICER = "duty_officer"
    LEADERSHIP = "leadership"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role in words."""
        return self.value.replace("_", " ").capitalize()


class ReviewKind(StrEnum):
    """What a reviewer looks at."""

    SECURITY = "security"
    LEGAL = "legal"
    FINANCE = "finance"
    RECORDS = "records"
    FRONT_OFFICE = "front_office"

    @property
    def label(self) -> str:
        """The kind in words."""
        return "Legal and ethics" if self is ReviewKind.LEGAL else self.value.replace("_", " ").capitalize()
