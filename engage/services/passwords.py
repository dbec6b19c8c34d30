"""The only place that hashes, checks and judges passwords."""

import threading
import unicodedata

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from engage.rules.refusals import Incomplete

SHORTEST, LONGEST = 15, 128  # NIST SP 800-63B-4, ASVS 6.2.1 and 6.2.9: length alone, no composition rules
_hasher = PasswordHash((Argon2Hasher(),))  # argon2id, 64 MiB
_at_once = threading.Semaphore(2)  # each hash takes 64 MiB and a tenth of a second
_decoy = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$QTuIzBmqBgJxG2DCDL8+x3mZn0rJ9yLTbcP1cbCE2fA"
COMMON = frozenset(
    "passwordpassword 123456789012345 qwertyuiopasdfg letmeinletmein1 iloveyouiloveyou aaaaaaaaaaaaaaa "
    "administrator12 welcomewelcome1 changemechangeme".split()
)
CONTEXT = ("engage", "password", "governance")
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "12345678901234567890")
RUN = 5  # so many neighbours of a row, and it was no choice


def _one_form(password: str) -> str:
    """The same letters typed on any keyboard are the same password (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    with _at_once:
        return _hasher.hash(_one_form(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind `kept`; takes the same time when there is none."""
    with _at_once:
        try:
            right = _hasher.verify(_one_form(password[: LONGEST + 1]), kept or _decoy)
        except Exception:  # a hash of a kind we do not know
            return False
    return right and kept is not None


def judge(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is short, long, common, or mostly keyboard rows, the person's or our own words.

    Raises Incomplete at field "password".
    """
    bare = password.strip().lower()
    words = [w for w in (*email.lower().replace("@", ".").split("."), *name.lower().split(), *CONTEXT) if len(w) > 3]
    runs = [row[start : start + RUN] for row in ROWS for start in range(len(row) - RUN + 1)]
    rest = bare
    for easy in (*words, *runs):
        rest = rest.replace(easy, "")
    if len(password) < SHORTEST:
        raise Incomplete({"password": f"Use at least {SHORTEST} characters. A sentence you can remember does well."})
    if len(password) > LONGEST:
        raise Incomplete({"password": f"Use at most {LONGEST} characters."})
    if bare in COMMON or len(set(bare)) < 5 or len(rest) < 8:
        raise Incomplete({"password": "This is easily guessed. Leave out your name, your address and common phrases."})
