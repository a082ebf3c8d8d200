"""The record that gives each entity its value: rules as sort keys, one row an entity out.

Nothing depends on the order of the rows: records that a rule cannot tell apart are taken by
trusted source, by age (newest first), by gaps (fewest first), by the text of the value (longest
first, then in order of code points) and last by record id.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._survivorship._rules import Part
from crmkit.cleaning._survivorship._standing import (
    NOTHING,
    SHARED,
    Field,
    Ints,
    Standing,
    contested,
    size_order,
)

TextOf = Callable[[int], tuple[str, ...]]
Flags = npt.NDArray[np.bool_]
FAR_MORE = 10.0  # times as many entities as have a typing error have what was meant


def best_rows(group: Ints, keys: Sequence[Ints], codes: Ints, text_of: TextOf, place: Ints) -> Ints:
    """Positions of the best row of each group, groups ascending; smaller keys are better.

    Rows that tie in all keys and have different `codes` are told apart by the text of the code.
    """
    order = np.lexsort((place, *keys[::-1], group))
    ordered = group[order]
    begins = np.append(True, ordered[1:] != ordered[:-1])[: len(order)]
    top = order[begins]
    of_group = np.cumsum(begins) - 1
    same = np.ones(len(order), dtype=bool)
    for key in keys:
        same &= key[order] == key[top][of_group]
    split = same & (codes[order] != codes[top][of_group])
    open_groups = np.unique(of_group[split])
    if len(open_groups):
        at = np.flatnonzero(same & np.isin(of_group, open_groups))
        rows = order[at]
        rank = _text_ranks(codes[rows], text_of)
        again = np.lexsort((place[rows], rank, of_group[at]))
        groups = of_group[at][again]
        first = np.append(True, groups[1:] != groups[:-1])
        top[groups[first]] = rows[again[first]]
    return np.asarray(top, dtype=np.int64)


def _text_ranks(codes: Ints, text_of: TextOf) -> Ints:
    """Place of each code by its text: the longest first, then by code point."""
    distinct, inverse = np.unique(codes, return_inverse=True)
    texts = [text_of(int(code)) for code in distinct]
    order = sorted(range(len(texts)), key=lambda i: (-sum(map(len, texts[i])), texts[i]))
    rank = np.empty(len(texts), dtype=np.int64)
    rank[order] = np.arange(len(texts))
    return rank[inverse]


def best_standing(at: Standing, known: Flags, chosen: Ints | None = None) -> Ints:
    """The best known record of each entity; entities without one keep what was chosen."""
    order = at.order[known[at.order]]
    entity = at.entity[order]
    first = np.append(True, entity[1:] != entity[:-1])[: len(order)]
    made = np.full(at.n_entities, NOTHING) if chosen is None else chosen.copy()
    made[entity[first]] = order[first]
    return made


def chosen_rows(
    part: Part, fields: Sequence[Field], at: Standing, anyone: Ints, settings: NormalSettings
) -> Ints:
    """Record of each entity that gives the columns of a part; `anyone` where nothing is known."""
    if len(fields) == 1:
        return _chosen_alone(str(part.rule), fields[0], at, anyone, settings)
    return _chosen_together(str(part.rule), fields, at, anyone)


def _chosen_alone(
    rule: str, field: Field, at: Standing, anyone: Ints, settings: NormalSettings
) -> Ints:
    chosen = best_standing(at, field.codes >= 0, anyone)
    rows = contested(field.codes, at.entity, at.n_entities)
    rows = _telling(rows, field.forms[field.codes[rows]] >= 0, at)
    if not len(rows):
        return chosen
    codes, forms = field.codes[rows], field.forms[field.codes[rows]]
    group, place = at.entity[rows], at.place[rows]

    def text_of(code: int) -> tuple[str, ...]:
        return (field.text(code),)

    if rule != "most_frequent":
        keys = [*_rule_keys(rule, [field], at, rows, settings), at.rank[rows]]
        chosen[np.unique(group)] = rows[best_rows(group, keys, codes, text_of, place)]
        return chosen
    votes = _counts(group, forms)
    keys = [-votes, _rare(votes, group, [(field, forms)], at), at.rank[rows]]
    top = best_rows(group, keys, codes, text_of, place)
    winner = np.full(at.n_entities, NOTHING - 1)
    winner[group[top]] = forms[top]
    kept = np.flatnonzero(forms == winner[group])
    spelt = _counts(group[kept], codes[kept])
    keys = [-spelt, _plain_case(codes[kept], field), at.rank[rows[kept]]]
    best = kept[best_rows(group[kept], keys, codes[kept], text_of, place[kept])]
    chosen[group[best]] = rows[best]
    return chosen


def _chosen_together(rule: str, fields: Sequence[Field], at: Standing, anyone: Ints) -> Ints:
    """One record for several columns: by the rule, then the fullest that says the same."""
    known = np.asarray(np.max([field.codes for field in fields], axis=0) >= 0)
    chosen = best_standing(at, known, anyone)
    differs = np.zeros(at.n_entities, dtype=bool)
    for field in fields:
        one = field.codes[anyone]
        differs[at.entity[field.codes != one[at.entity]]] = True
    rows = np.flatnonzero(differs[at.entity] & known)
    forms = np.stack(
        [np.append(field.forms, NOTHING)[field.codes[rows]] for field in fields], axis=1
    )
    kept = _anchored(rows, forms, at)
    rows, forms = rows[kept], forms[kept]
    if not len(rows):
        return chosen
    group, place = at.entity[rows], at.place[rows]
    codes, text_of = _joint(rows, fields)
    if rule == "most_frequent":
        votes = np.sum([_counts(group, form) * (form >= 0) for form in forms.T], axis=0)
        columns = list(zip(fields, forms.T, strict=True))
        keys = [-votes, _rare(votes, group, columns, at), at.rank[rows]]
    else:
        keys = [*_rule_keys(rule, fields, at, rows, NormalSettings()), at.rank[rows]]
    top = best_rows(group, keys, codes, text_of, place)
    said = np.full((at.n_entities, len(fields)), NOTHING)
    said[group[top]] = forms[top]
    said = said[group]
    same = ((forms == said) | (forms < 0) | (said < 0)).all(axis=1)
    gaps = (forms < 0).sum(axis=1)
    ordered = [(~same).astype(np.int64), gaps, *keys]
    best = best_rows(group, ordered, codes, text_of, place)
    chosen[group[best]] = rows[best]
    return chosen


def _telling(rows: Ints, says: Flags, at: Standing) -> Ints:
    """Rows that say something; of entities where none does, all rows."""
    some = np.zeros(at.n_entities, dtype=bool)
    some[at.entity[rows[says]]] = True
    return rows[says | ~some[at.entity[rows]]]


def _anchored(rows: Ints, forms: Ints, at: Standing) -> Ints:
    """Positions of records that have the first of the columns which any of the entity has."""
    n_columns = forms.shape[1]
    lead = np.full(at.n_entities, n_columns - 1)
    for number in range(n_columns - 1, -1, -1):
        lead[at.entity[rows[forms[:, number] >= 0]]] = number
    has = forms[np.arange(len(rows)), lead[at.entity[rows]]] >= 0
    some = np.zeros(at.n_entities, dtype=bool)
    some[at.entity[rows[has]]] = True
    return np.flatnonzero(has | ~some[at.entity[rows]])


def _rare(votes: Ints, group: Ints, columns: Sequence[tuple[Field, Ints]], at: Standing) -> Ints:
    """1 for rows whose forms other entities have far less often than those of a rival, else 0.

    Rivals are rows of the entity with as many votes as any. A typing error is rare, and so is a
    family name that stands in the place of a first name.
    """
    usual = np.zeros(len(group))
    for field, forms in columns:
        usual += _commonness(field, at)[forms]
    most = np.zeros(at.n_entities, dtype=np.int64)
    np.maximum.at(most, group, votes)
    rivals = votes == most[group]
    best = np.full(at.n_entities, -np.inf)
    np.maximum.at(best, group[rivals], usual[rivals])
    return np.asarray(usual < best[group] - np.log(FAR_MORE), dtype=np.int64)


def _commonness(field: Field, at: Standing) -> npt.NDArray[np.float64]:
    """Log of the number of entities that have each form, and 0 for none behind them."""
    made = np.zeros(len(field.forms) + 1)
    if field.kind not in SHARED:
        return made
    form = np.append(field.forms, NOTHING)[field.codes]
    rows = np.flatnonzero(form >= 0)
    pairs = np.unique(form[rows] * at.n_entities + at.entity[rows]) // at.n_entities
    n_entities = np.bincount(pairs, minlength=len(field.forms)).astype(np.float64)
    made[:-1] = np.log(np.where(n_entities > 1, n_entities, 1.0 / FAR_MORE))
    return made


def _rule_keys(
    rule: str, fields: Sequence[Field], at: Standing, rows: Ints, settings: NormalSettings
) -> list[Ints]:
    """Sort keys of a rule, smaller first."""
    if rule == "most_recent":
        return [-at.newness[rows]]
    if rule == "oldest":
        age = at.newness[rows]
        return [np.where(age < 0, np.iinfo(np.int64).max, age)]
    if rule == "longest":
        return [-np.sum([_lengths(field, rows) for field in fields], axis=0)]
    if rule == "most_complete":
        return [-at.filled[rows]]
    if rule == "most_trusted":
        return [at.distrust[rows]]
    if rule == "first":
        return [at.place[rows]]
    (field,) = fields
    distinct, inverse = np.unique(field.codes[rows], return_inverse=True)
    size = size_order([field.values[code] for code in distinct], field.kind, settings)
    unread = size < 0
    size = -size if rule == "max" else size
    size[unread] = np.iinfo(np.int64).max
    return [size[inverse]]


def _lengths(field: Field, rows: Ints) -> Ints:
    """Number of letters of the value of each row, 0 where missing."""
    distinct, inverse = np.unique(field.codes[rows], return_inverse=True)
    lengths = [len(field.text(code)) if code >= 0 else 0 for code in distinct.tolist()]
    return np.asarray(lengths, dtype=np.int64)[inverse]


def _plain_case(codes: Ints, field: Field) -> Ints:
    """1 for texts in capitals or small letters alone, which are less than "McDonald" or "José"."""
    distinct, inverse = np.unique(codes, return_inverse=True)
    texts = [field.text(code) for code in distinct.tolist()]
    plain = [text == text.upper() or text == text.lower() for text in texts]
    return np.asarray(plain, dtype=np.int64)[inverse]


def _counts(group: Ints, values: Ints) -> Ints:
    """Number of rows of the same group and value, for each row."""
    width = int(values.max(initial=0)) + 2
    _, inverse, counts = np.unique(
        group * width + values + 1, return_inverse=True, return_counts=True
    )
    return np.asarray(counts.astype(np.int64)[inverse])


def _joint(rows: Ints, fields: Sequence[Field]) -> tuple[Ints, TextOf]:
    """One code for the values of several columns, and the texts that it stands for."""
    codes = np.stack([field.codes[rows] for field in fields], axis=1)
    distinct, inverse = np.unique(codes, axis=0, return_inverse=True)

    def text_of(code: int) -> tuple[str, ...]:
        held = zip(fields, distinct[code].tolist(), strict=True)
        return tuple(field.text(value) if value >= 0 else "" for field, value in held)

    return inverse.astype(np.int64).ravel(), text_of
