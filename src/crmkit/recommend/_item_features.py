"""Item features: texts, categories and numbers of items as one sparse matrix, rows of length one.

Every column of the items gives a block of columns, each with rows of length one, so that two items
are as alike in it as the cosine tells:

text      words and, apart from them, runs of 2 to 4 characters within words, both as term counts
          times ln((1 + N) / (1 + n)) + 1, n of the N items having the term. The runs find parts of
          words and other spellings. Chinese, Japanese and Thai are written without blanks: their
          words are pairs of neighbouring characters.
category  one column a value; several values of an item are parted by "|" or ";".
number    hat functions around the quintiles: near numbers share columns, far ones none.

An item without a value has an empty row in the block. The rows of all blocks side by side are
scaled to length one again: every column of the items counts alike.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from crmkit._validation import Floats, check_real
from crmkit.exceptions import DataError
from crmkit.recommend._catalogue import Catalogue

RUNS = (2, 4)
UNSPACED = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
QUANTILES = np.linspace(0.0, 1.0, 6)


def features_of(model: Any, catalogue: Catalogue | None) -> sp.csr_matrix:
    """Features of the items by the parameters text, category, number and characters of a model."""
    return item_features(
        catalogue,
        type(model).__name__,
        text=model.text,
        category=model.category,
        number=model.number,
        characters=model.characters,
    )


def item_features(
    catalogue: Catalogue | None,
    owner: str,
    text: Sequence[str] | None = None,
    category: Sequence[str] | None = None,
    number: Sequence[str] | None = None,
    characters: float = 0.5,
) -> sp.csr_matrix:
    """Features of the items: a catalogue in, items x features as float32 out.

    `characters` is the share of the runs of characters in the weight of a text, from 0 to 1. Items
    of which nothing is told have empty rows; a catalogue that tells nothing at all is refused.
    """
    if catalogue is None:
        raise DataError(
            f"{owner}: it learns from features of the items and got none. Give one row per item: "
            "fit(log, items=frame)."
        )
    catalogue = catalogue.told(owner, text, category, number)
    blocks: list[sp.csr_matrix] = []
    for name in catalogue.names("text"):
        words = catalogue.columns[name]
        blocks += [
            np.sqrt(share) * tf_idf(words, terms)
            for share, terms in ((1.0 - characters, whole_words), (characters, runs_of_characters))
            if share > 0.0
        ]
    for name in catalogue.names("category"):
        blocks.append(tf_idf(catalogue.columns[name], values_of))
    for name in catalogue.names("number"):
        blocks.append(hats(catalogue.columns[name]))
    features = sp.hstack(blocks, format="csr") if blocks else nothing(0)
    if not features.nnz:
        raise DataError(
            f"{owner}: items= tells no text, category or number of any item. Columns: "
            f"{list(catalogue.kinds)}."
        )
    return of_length_one(features)


def check_features(model: Any, owner: str) -> None:
    """Refuse `text`, `category`, `number` or `characters` of a model that have no meaning."""
    for kind in ("text", "category", "number"):
        names = getattr(model, kind)
        if names is not None and (
            isinstance(names, str) or not all(isinstance(name, str) for name in names)
        ):
            raise DataError(
                f"{owner}: {kind} must be a list of columns of the items or None, got {names!r}."
            )
    check_real(model.characters, "characters", owner, low=0.0)
    if model.characters > 1.0:
        raise DataError(
            f"{owner}: characters must be a share from 0 to 1, got {model.characters!r}."
        )


def tf_idf(texts: npt.NDArray[Any], terms: Callable[[str], list[str]]) -> sp.csr_matrix:
    """Weights of the terms of each text, rows of length one; terms in ascending order."""
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=terms, dtype=np.float32)
    told = [text or "" for text in texts]
    if not any(terms(text) for text in told):
        return nothing(len(texts))
    counts = vectorizer.fit_transform(told).tocsr()
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1.0 + len(texts)) / (1.0 + having)) + 1.0
    counts.data *= rarity[counts.indices].astype(np.float32)
    return of_length_one(counts)


def whole_words(text: str) -> list[str]:
    """Words of a text in small letters; pairs of characters where there are no blanks."""
    found = []
    for word in _spelled(text):
        if UNSPACED.match(word) and len(word) > 1:
            found += [word[i : i + 2] for i in range(len(word) - 1)]
        else:
            found.append(word)
    return found


def runs_of_characters(text: str) -> list[str]:
    """Runs of 2 to 4 characters within words; a blank marks where a word begins and ends."""
    found = []
    for word in _spelled(text):
        marked = f" {word} "
        for size in range(RUNS[0], RUNS[1] + 1):
            found += [marked[i : i + size] for i in range(len(marked) - size + 1)]
    return found


def _spelled(text: str) -> list[str]:
    """Runs of letters and digits, those of scripts without blanks apart from others."""
    plain = "".join(c if c.isalnum() or UNSPACED.match(c) else " " for c in text.casefold())
    return UNSPACED.sub(r" \g<0> ", plain).split()


def values_of(text: str) -> list[str]:
    """Values of a category, several parted by "|" or ";"."""
    return [value for part in text.replace(";", "|").split("|") if (value := part.strip())]


def hats(values: Floats) -> sp.csr_matrix:
    """Two weights of squared sum one for each number: how near it is to the quantiles around it."""
    there = np.flatnonzero(np.isfinite(values))
    known = values[there]
    knots = np.unique(np.quantile(known, QUANTILES, method="lower")) if len(known) else known
    if len(knots) < 2:
        return nothing(len(values))
    left = np.clip(np.searchsorted(knots, known, side="right") - 1, 0, len(knots) - 2)
    share = (known - knots[left]) / (knots[left + 1] - knots[left])
    weight = np.concatenate([np.sqrt(1.0 - share), np.sqrt(share)]).astype(np.float32)
    row, column = np.concatenate([there, there]), np.concatenate([left, left + 1])
    made = sp.csr_matrix((weight, (row, column)), shape=(len(values), len(knots)))
    made.eliminate_zeros()
    return made


def nothing(n: int) -> sp.csr_matrix:
    """No features of n items."""
    return sp.csr_matrix(np.empty((n, 0), dtype=np.float32))


def of_length_one(rows: sp.csr_matrix) -> sp.csr_matrix:
    """Rows scaled to length one; empty ones stay empty."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    squares = np.bincount(row, weights=rows.data.astype(np.float64) ** 2, minlength=rows.shape[0])
    length = np.sqrt(np.where(squares > 0, squares, 1.0))
    scaled = (rows.data / length[row]).astype(np.float32)
    return sp.csr_matrix((scaled, rows.indices, rows.indptr), shape=rows.shape)
