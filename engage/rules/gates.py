"""The only place that counts back from a departure: the last safe day of each gate before it."""

from enum import StrEnum


class Gate(StrEnum):
    """Something that must be begun in time before a departure, in the order in which they usually fall."""

    SUBMISSION = "submission"
    VISA = "visa"
    CLEARANCE = "clearance"
    MEDICAL = "medical"
    TRAINING = "training"
    GUIDANCE = "guidance"
