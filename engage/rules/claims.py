"""The only place that says what looks like a bank account or a card: a claim keeps days and a reference alone."""

import re

_RUN = re.compile(r"(?:\d[ -]?){9,19}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_WORDS = re.compile(r"\b(iban|swift|bic|routing|account|card|cvv|cvc)\b", re.IGNORECASE)
SHORTEST_ACCOUNT = 8


def looks_like_bank_data(text: str) -> bool:
    """Whether `text` holds what looks like a card (ISO/IEC 7812), an IBAN (ISO 13616) or an account number.

    A run of 13 to 19 digits that passes the Luhn check is a card; nine digits that pass the check of the American
    Bankers Association are a routing number; beside a word of banking any eight digits are an account.
    """
    if _IBAN.search(text.upper()):
        return True
    for run in _RUN.findall(text):
        digits = re.sub(r"\D", "", run)
        if (13 <= len(digits) <= 19 and _luhn(digits)) or (len(digits) == 9 and _routing(digits)):
            return True
    return bool(_WORDS.search(text)) and bool(re.search(rf"(?:\d[ -]?){{{SHORTEST_ACCOUNT},}}", text))


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _routing(digits: str) -> bool:
    return sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0 and digits != "000000000"
