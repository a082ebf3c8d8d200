"""Columns as detectors read them: each distinct value once, as text and in normal form.

Values stand in the order of their texts, so nothing depends on the order of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.cleaning._normal._detect import Values, kind_of
from crmkit.cleaning._normal._forms import for_column, normalised, traced
from crmkit.cleaning._normal._kinds import DATES, IGNORE
from crmkit.cleaning._normal._settings import UNKNOWN, NormalSettings
from crmkit.cleaning._normal._text import as_text, no_controls
from crmkit.cleaning._quality._shapes import shape_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A column: the text of each row by code (-1: empty), and for each text what it means.

    `forms` are normal forms, None where a text cannot be read as the kind or stands for nothing
    (`is_nothing`).
    """

    name: str
    kind: str
    codes: Ints
    texts: list[str]
    forms: list[str | None]
    is_nothing: Flags

    @cached_property
    def counts(self) -> Ints:
        """Number of rows that have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def keys(self) -> list[str]:
        """What makes two texts one value: the normal form, else the text in small letters."""
        pairs = zip(self.texts, self.forms, strict=True)
        return [text.casefold() if form is None else form for text, form in pairs]

    @cached_property
    def hashes(self) -> Hashes:
        """The keys as numbers of 64 bits, of which none can be read back."""
        return hashed(self.keys)

    @cached_property
    def known(self) -> Flags:
        """Rows that hold a value."""
        return np.append(~self.is_nothing, False)[self.codes]

    @cached_property
    def value_codes(self) -> Ints:
        """Code of the key of each row, in the order of the keys; -1 where there is no value."""
        keys = np.array([*self.keys, None], dtype=object)[:-1]
        distinct = sorted({key for key, no in zip(keys, self.is_nothing, strict=True) if not no})
        place = {key: number for number, key in enumerate(distinct)}
        of_text = np.array([place.get(key, -1) for key in keys] + [-1], dtype=np.int64)
        of_text[:-1][self.is_nothing] = -1
        return of_text[self.codes]

    @cached_property
    def letter_shapes(self) -> list[str]:
        """Shapes of the texts with all their marks."""
        return [shape_of(text) for text in self.texts]

    @cached_property
    def word_shapes(self) -> list[str]:
        """Shapes of the texts without the marks that occur in names."""
        return [shape_of(text, words=True) for text in self.texts]

    def read_as(self, meant: Mapping[int, str]) -> None:
        """Take some texts for others, which they mean; before anything is asked of the keys."""
        key_of = dict(zip(self.texts, self.keys, strict=True))
        for place, text in meant.items():
            self.keys[place] = key_of.get(text, text.casefold())

    def at(self, rows: Ints) -> "TextColumn":
        """The same column of some rows; what is known of its values is not worked out anew."""
        made = replace(self, codes=self.codes[rows])
        for name in ("keys", "hashes"):
            made.__dict__[name] = getattr(self, name)
        return made


def read_table(
    data: Any,
    names: Sequence[str],
    kinds: Mapping[str, str],
    orders: Mapping[str, str],
    owner: str,
) -> list[TextColumn]:
    """Columns of a frame; kinds and orders of dates that are not given are found."""
    made = []
    for raw in _frames.coded_columns(data, names, owner):
        codes, texts = _by_text(raw.codes, [as_text(value) for value in raw.values])
        kind = kinds.get(raw.name)
        if kind is None:
            counts = np.bincount(raw.codes[raw.codes >= 0], minlength=len(raw.values))
            kind = kind_of(raw.name, Values(raw.values, counts))
        if kind == IGNORE:
            made.append(TextColumn(raw.name, kind, codes, texts, [None] * len(texts), _none(texts)))
            continue
        settings = for_column(texts, kind, settings_of(texts, kind, orders.get(raw.name)))
        forms = normalised(texts, kind, settings)
        nothing = _nothing(texts, forms, kind, settings)
        made.append(TextColumn(raw.name, kind, codes, texts, forms, nothing))
    return made


def _nothing(
    texts: Sequence[str], forms: Sequence[str | None], kind: str, settings: NormalSettings
) -> Flags:
    """Texts without a form that stand for nothing, or have nothing to be seen in them."""
    nothing = _none(texts)
    gone = [place for place, form in enumerate(forms) if form is None]
    placeholders = traced([texts[place] for place in gone], kind, settings).changed
    nothing[[gone[number] for number in placeholders.get("placeholder", ())]] = True
    nothing[[place for place in gone if not no_controls(texts[place], settings).strip()]] = True
    return nothing


def settings_of(texts: Sequence[str], kind: str, order: str | None) -> NormalSettings:
    """Settings of a column, with the order of its dates."""
    settings = NormalSettings()
    if kind not in DATES:
        return settings
    if order is None:
        order = for_column(texts, kind, settings).date_order or UNKNOWN
    told: Any = order
    return replace(settings, date_order=told)


def hashed(texts: Sequence[str]) -> Hashes:
    """Texts as numbers of 64 bits, the same everywhere."""
    digests = (blake2b(t.encode("utf-8", "replace"), digest_size=8).digest() for t in texts)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _by_text(codes: Ints, texts: list[str]) -> tuple[Ints, list[str]]:
    """Codes of values to codes of their texts, which are distinct and sorted."""
    distinct = sorted(set(texts))
    place = {text: number for number, text in enumerate(distinct)}
    new = np.array([place[text] for text in texts] + [-1], dtype=np.int64)
    return new[codes], distinct


def _none(texts: Sequence[str]) -> Flags:
    return np.zeros(len(texts), dtype=bool)
