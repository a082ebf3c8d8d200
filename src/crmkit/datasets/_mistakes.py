"""What goes wrong when a value is written down: typos and other ways of writing.

Each function takes one value and numbers from 0 to 1 that decide, so it is the same every time.
"""

import datetime
from string import ascii_lowercase

from crmkit.datasets._names import Names


def typo(text: str, kind: float, place: float, choice: float, names: Names) -> str:
    """Make one slip: leave a letter out, double, replace or exchange one; never the same text."""
    at = min(int(place * len(text)), len(text) - 1)
    if kind < 0.25 and len(text) > 2:
        return text[:at] + text[at + 1 :]
    if kind < 0.4:
        return text[: at + 1] + text[at:]
    if kind < 0.7 and len(text) > 1:
        at = min(at, len(text) - 2)
        exchanged = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if exchanged != text:
            return exchanged
    return text[:at] + _other(text[at], choice, names) + text[at + 1 :]


def nickname(first: str, choice: float, names: Names) -> str:
    """Name a friend would use, or the name itself where none is known."""
    known = names.nicknames.get(first)
    if known:
        return known[int(choice * len(known))]
    return names.nickname_form.format(first[-1]) if names.nickname_form else first


def phone_form(phone: str, choice: float, names: Names) -> str:
    """Write a phone number of digits in one of the usual forms."""
    form = names.phone_forms[int(choice * len(names.phone_forms))]
    return form.format(phone[:3], phone[3:-4], phone[-4:])


def date_form(date: str, choice: float, names: Names) -> str:
    """Write an ISO date (YYYY-MM-DD) in one of the other forms."""
    day = datetime.date.fromisoformat(date)
    form = names.date_forms[int(choice * len(names.date_forms))]
    return form.format(year=day.year, month=day.month, day=day.day)


def street_form(street: str, names: Names) -> str:
    """Shorten the words of a street that have a usual short form."""
    for long, short in names.short_forms:
        street = street.replace(long, short)
    return street


def name_form(name: str, choice: float) -> str:
    """Write a name in capitals, in small letters, or with blanks around it."""
    return (name.upper(), name.lower(), f"{name} ", f" {name}")[int(choice * 4)]


def _other(letter: str, choice: float, names: Names) -> str:
    """Another letter or digit that this one is taken for."""
    if letter.isdigit():
        return "0123456789".replace(letter, "")[int(choice * 9)]
    small = letter.lower()
    alphabet = ascii_lowercase if letter.isascii() else names.letters
    likely = names.confused.get(small) or alphabet.replace(small, "")
    other = likely[int(choice * len(likely))]
    return other.upper() if letter.isupper() else other
