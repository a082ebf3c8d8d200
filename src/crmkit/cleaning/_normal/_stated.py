"""What a user states about how values are written, checked and made ready for the normal forms."""

from collections.abc import Iterable, Mapping
from typing import Any

from crmkit._validation import check_choice
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._name import NICKNAMES
from crmkit.cleaning._normal._phone import region_checked
from crmkit.cleaning._normal._settings import DATE_ORDERS, NormalSettings
from crmkit.cleaning._normal._text import as_text
from crmkit.exceptions import DataError


def stated(
    owner: str,
    *,
    date_order: Any,
    phone_region: Any,
    nicknames: object,
    placeholders: object,
    decimal: str,
) -> NormalSettings:
    """Settings of parameters; each wrong one is refused in words."""
    if date_order is not None:
        check_choice(date_order, "date_order", DATE_ORDERS, owner)
    if phone_region is not None:
        region_checked(phone_region, owner)
    check_choice(decimal, "decimal", (".", ","), owner)
    return NormalSettings(
        date_order=date_order,
        phone_region=phone_region,
        nicknames=_nickname_table(nicknames, owner),
        placeholders=_small(placeholders, owner),
        decimal=decimal,
    )


def _nickname_table(nicknames: object, owner: str) -> Mapping[str, str]:
    """Nicknames in normal form with their given names; an own table goes before the built-in."""
    if isinstance(nicknames, bool):
        return NICKNAMES if nicknames else {}
    if not isinstance(nicknames, Mapping):
        raise DataError(
            f"{owner}: nicknames must be True, False or a dict of nicknames to given names, got "
            f"{nicknames!r}."
        )
    short, long = (
        normalised(list(words), "first_name") for words in (nicknames, nicknames.values())
    )
    own = {a: b for a, b in zip(short, long, strict=True) if a is not None and b is not None}
    return {**NICKNAMES, **own}


def _small(placeholders: object, owner: str) -> frozenset[str]:
    """Placeholders as they are looked up: small letters, single blanks."""
    if isinstance(placeholders, str) or not isinstance(placeholders, Iterable):
        raise DataError(
            f"{owner}: placeholders must be a list of texts such as ['walk-in'], got "
            f"{placeholders!r}."
        )
    return frozenset(" ".join(as_text(value).casefold().split()) for value in placeholders)
