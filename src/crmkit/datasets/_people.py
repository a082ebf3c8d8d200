"""The true people behind the records: households, twins, shared phones, addresses.

Four in ten households are one person; in the others people share the address, mostly the family
name and sometimes the phone or the e-mail address. No two of a household share a given name, but
twins share the birth date. All else that two people have in common is chance.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats
from crmkit.datasets._names import DOMAINS, Names
from crmkit.datasets._purchases import YEAR, Ints

Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

HOUSEHOLD_SIZES = (0.40, 0.30, 0.15, 0.10, 0.05)  # households of 1, 2, ... 5 people
TWIN_PARTNERS, TWIN_CHILDREN, TWINS_ALIKE = 0.08, 0.4, 0.7
SAME_GENDER_PARTNERS, OWN_FAMILY_NAME = 0.05, 0.15
SHARED_PHONE, SHARED_EMAIL = 0.3, 0.04
ADULT, PARENT = 18, 20  # years


def draw_people(
    rng: np.random.Generator, n: int, names: Names, today: pd.Timestamp
) -> pd.DataFrame:
    """Draw n people in random order; all are at least 18 years old today."""
    household, member = _households(rng, n)
    head = np.flatnonzero(member == 0)[household]
    age, twin = _ages(rng, household, member)
    born = today.to_datetime64().astype("datetime64[D]") - np.ceil(age * YEAR).astype("m8[D]")
    given = _given_names(rng, household, _genders(rng, member, head, twin), names)
    family = _ranked(rng, n, len(names.family))
    family = np.where((member == 1) & ~twin & _some(rng, n, OWN_FAMILY_NAME), family, family[head])
    written = _words(names.female + names.male)
    surname = _words(names.family)
    phone = draw_phones(rng, n, names)
    email = draw_emails(rng, written[1][given], surname[1][family], born)
    street, city, postcode = draw_addresses(rng, household[-1] + 1, names)
    people = pd.DataFrame(
        {
            "household_id": household,
            "first_name": written[0][given],
            "last_name": surname[0][family],
            "email": np.where((member > 0) & _some(rng, n, SHARED_EMAIL), email[head], email),
            "phone": np.where((member > 0) & _some(rng, n, SHARED_PHONE), phone[head], phone),
            "street": street[household],
            "city": city[household],
            "postcode": postcode[household],
            "birth_date": born.astype("datetime64[us]"),
            "twin": twin | np.append(twin[1:], False),
        }
    )
    return people.iloc[rng.permutation(n)].reset_index(drop=True)


def draw_addresses(rng: np.random.Generator, n: int, names: Names) -> tuple[Texts, Texts, Texts]:
    """Street with number, city and postcode; a street of a city lies in one postcode."""
    street, city = rng.integers(len(names.streets), size=n), _ranked(rng, n, len(names.cities))
    number = rng.integers(1, 200, size=n)
    lines = [
        names.address.format(street=names.streets[s], number=k)
        for s, k in zip(street.tolist(), number.tolist(), strict=True)
    ]
    free = names.postcode_digits - 3
    areas = np.array([f"{i:0{free}d}" for i in range(10**free)], dtype=object)
    area = areas[(37 * street + 11 * city) % 10**free]
    name, start = _words(names.cities)
    return _texts(lines), name[city], start[city] + area


def draw_phones(rng: np.random.Generator, n: int, names: Names) -> Texts:
    """Numbers of full length, all different as long as there are enough."""
    digits = names.phone_digits - len(names.phone_start)
    step, offset = 10 * int(rng.integers(10 ** (digits - 1))) + 7, int(rng.integers(10**digits))
    values = (step * np.arange(n, dtype=np.int64) + offset) % 10**digits
    return _texts([f"{names.phone_start}{value:0{digits}d}" for value in values.tolist()])


def draw_emails(rng: np.random.Generator, first: Texts, last: Texts, born: Dates) -> Texts:
    """Addresses made of the name and sometimes the birth year; a number where one is taken."""
    n = len(first)
    year = 1970 + born.astype("datetime64[Y]").astype(np.int64)
    digits = _texts([f"{y % 100:02d}" for y in year.tolist()])
    initial = _texts([word[0] for word in first])
    forms = np.stack(
        [
            first + "." + last,
            first + last + digits,
            initial + "." + last + digits,
            last + "_" + first,
        ]
    )
    local = forms[rng.integers(len(forms), size=n), np.arange(n)]
    domain = _texts(DOMAINS)[rng.integers(len(DOMAINS), size=n)]
    taken = pd.Series(local + domain).groupby(local + domain).cumcount().to_numpy()
    more = np.where(taken > 0, ("." + (taken + 1).astype(str).astype(object)), "")
    return np.asarray(local + more + "@" + domain)


def _households(rng: np.random.Generator, n: int) -> tuple[Ints, Ints]:
    """Household of each person, in blocks, and place in the household: 0 is its head."""
    size = rng.choice(np.arange(1, len(HOUSEHOLD_SIZES) + 1), n, p=HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(n), size)[:n]
    return household, np.arange(n) - (np.cumsum(size) - size)[household]


def _ages(rng: np.random.Generator, household: Ints, member: Ints) -> tuple[Floats, Flags]:
    """Age in years and whether a person is the twin of the one before."""
    n, size = len(household), np.bincount(household)
    parents = size[household] > 2
    head = np.where(parents, rng.uniform(45, 75, n), rng.uniform(22, 80, n))[member == 0][household]
    gap = PARENT + rng.random(n) * np.minimum(15, head - ADULT - PARENT)
    partner = np.maximum(head + rng.uniform(-6, 6, n), ADULT + 1)
    age = np.select([member == 0, member == 1], [head, partner], head - gap)
    twin = (member == 1) & ~parents & _some(rng, n, TWIN_PARTNERS)
    twin |= (member == 3) & _some(rng, n, TWIN_CHILDREN)
    return np.where(twin, np.roll(age, 1), age), twin


def _genders(rng: np.random.Generator, member: Ints, head: Ints, twin: Flags) -> Ints:
    """0 for female, 1 for male."""
    gender = rng.integers(2, size=len(member))
    other = np.where(_some(rng, len(member), SAME_GENDER_PARTNERS), gender[head], 1 - gender[head])
    gender = np.where(member == 1, other, gender)
    alike = twin & _some(rng, len(member), TWINS_ALIKE)
    return np.where(alike, np.roll(gender, 1), gender)


def _given_names(rng: np.random.Generator, household: Ints, gender: Ints, names: Names) -> Ints:
    """Place of each given name in female + male; different ones within a household."""
    female, male = len(names.female), len(names.male)
    given = np.empty(len(household), np.int64)
    open_ = np.arange(len(household))
    while len(open_):
        women, men = _ranked(rng, len(open_), female), _ranked(rng, len(open_), male)
        given[open_] = np.where(gender[open_] == 0, women, female + men)
        key = household * (female + male) + given
        again = np.ones(len(key), dtype=bool)
        again[np.unique(key, return_index=True)[1]] = False
        open_ = np.flatnonzero(again)
    return given


def _ranked(rng: np.random.Generator, size: int, n_words: int) -> Ints:
    """Draw places in a list whose k-th word has a frequency in proportion to 1 / (k + 8)."""
    edges = np.cumsum(1 / (np.arange(n_words) + 9.0))
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(size), side="right")


def _some(rng: np.random.Generator, n: int, share: float) -> Flags:
    return np.asarray(rng.random(n) < share)


def _words(pairs: tuple[tuple[str, str], ...]) -> tuple[Texts, Texts]:
    return _texts([pair[0] for pair in pairs]), _texts([pair[1] for pair in pairs])


def _texts(words: list[str] | tuple[str, ...]) -> Texts:
    return np.array(words, dtype=object)
