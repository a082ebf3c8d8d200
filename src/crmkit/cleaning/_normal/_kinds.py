"""The kinds of columns that records have, in one vocabulary for all of cleaning."""

from collections.abc import Iterable, Mapping

from crmkit.exceptions import DataError, nearest

KINDS: dict[str, str] = {
    "first_name": "given name",
    "last_name": "family name",
    "name": "full name of a person",
    "company": "name of a firm or an organisation",
    "email": "e-mail address",
    "phone": "phone or fax number",
    "street": "street and number, or a whole address",
    "city": "town or suburb",
    "postcode": "postal code",
    "state": "state, province or region",
    "country": "country, by name or code",
    "birth_date": "date of birth",
    "date": "any other date",
    "number": "an amount or a measure",
    "category": "one of a few words",
    "text": "free text",
    "set": "several words, in any order",
    "latitude": "degrees north, from -90 to 90",
    "longitude": "degrees east, from -180 to 180",
    "id": "number that others gave to the person",
    "ignore": "nothing of use",
}
IGNORE = "ignore"
DATES = ("birth_date", "date")
NUMBERS = ("number", "latitude", "longitude")


def check_kinds(kinds: Mapping[str, str], columns: Iterable[str], owner: str) -> None:
    """Refuse columns that are not there and words that are no kind, all in one error."""
    columns = list(columns)
    faults = []
    for name, kind in kinds.items():
        if name not in columns:
            faults.append(f"there is no column {name!r}{_meant(name, columns)}")
        if kind not in KINDS:
            faults.append(f"{kind!r} of {name!r} is no kind{_meant(kind, KINDS)}")
    if faults:
        raise DataError(f"{owner}: kinds: {'; '.join(faults)}. Kinds are {', '.join(KINDS)}.")


def _meant(wanted: object, names: Iterable[str]) -> str:
    near = nearest(str(wanted), names)
    return "" if near is None else f" (did you mean {near!r}?)"
