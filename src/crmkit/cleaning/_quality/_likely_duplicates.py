"""How many pairs of records are likely one person, by a quick run of the matcher.

A sample of n among N distinct rows keeps a pair with probability n (n - 1) / (N (N - 1)), so what
is found in it is multiplied by the inverse. People come into the sample by chance, each with all
pairs of their records: the number of pairs is about compound Poisson, and has the interval of
Garwood (1936), "Fiducial limits for the Poisson distribution", Biometrika 28, 437-442, for as many
independent counts as have its spread. That the matcher itself is right in only part of the pairs
is told by its own estimate; what it does not find is in no interval.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2

from crmkit import _frames
from crmkit.cleaning._deduplicator import Deduplicator
from crmkit.cleaning._matching._coded import joint_codes
from crmkit.cleaning._quality._findings import Ints
from crmkit.cleaning._quality._judged import Judged
from crmkit.exceptions import DataError, DataWarning

PERSON = ("email", "phone", "name", "company", "birth_date", "first_name", "last_name", "street")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class LikelyDuplicates:
    """Pairs of records that are likely one person, among rows that differ somewhere.

    Attributes
    ----------
    n_records : int
        Distinct rows of the frame (all columns but the id).
    n_compared : int
        Rows that were compared: all, or a random sample.
    n_found : int
        Pairs that were found among those compared.
    precision : float
        Share of them that is right, by the matcher's own probabilities.
    n_pairs : float
        Right pairs in the whole frame, estimated.
    low, high : float
        Interval of `n_pairs` for the luck of the sample (95 %); equal to it where all rows were
        compared. It does not hold the matcher's own mistakes.
    skipped : str
        Why nothing was compared; empty where something was.
    """

    n_records: int
    n_compared: int
    n_found: int
    precision: float
    n_pairs: float
    low: float
    high: float
    skipped: str = ""

    @property
    def of_a_sample(self) -> bool:
        """Whether the number was scaled from a sample."""
        return 0 < self.n_compared < self.n_records

    def __str__(self) -> str:
        if self.skipped:
            return f"likely duplicates: not looked for, {self.skipped}"
        right = f"{self.n_found:,} pairs found, {self.precision:.0%} of them right by its own word"
        if not self.of_a_sample:
            return f"likely duplicates: about {self.n_pairs:,.0f} pairs ({right})"
        return (
            f"likely duplicates: about {self.n_pairs:,.0f} pairs (95 %: {self.low:,.0f} to "
            f"{self.high:,.0f}), scaled from a sample of {self.n_compared:,} of "
            f"{self.n_records:,} rows ({right})"
        )


def skipped(why: str, n_records: int = 0) -> LikelyDuplicates:
    """Nothing compared, for a reason."""
    return LikelyDuplicates(n_records, 0, 0, np.nan, np.nan, np.nan, np.nan, why)


def likely_duplicates(
    data: Any, columns: Sequence[Judged], sample: int, random_state: int
) -> LikelyDuplicates:
    """Estimate the pairs of one person in an eager frame, whose columns are judged."""
    kinds = {column.name: column.kind for column in columns if column.kind != "ignore"}
    told = [n for n, k in kinds.items() if k in PERSON and _varies(columns, n)]
    if len(told) < 2:
        return skipped("since fewer than two columns tell people apart")
    rows = distinct_rows([column.raw.codes for column in columns])
    if len(rows) < 2:
        return skipped("since there is but one row", len(rows))
    chosen = rows
    if len(rows) > sample:
        rng = np.random.default_rng(random_state)
        chosen = np.sort(rng.choice(rows, sample, replace=False))
    flags = np.ones(len(columns[0].raw.codes), dtype=bool)
    flags[chosen] = False
    some = _frames.drop_rows(data, flags, "quality_report")
    matcher = Deduplicator(dict(kinds), random_state=random_state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            labels = matcher.fit(_only(some, list(kinds)), None).labels_
        except DataError as error:
            return skipped(f"since {error}", len(rows))
    sizes = np.bincount(labels)
    pairs = sizes * (sizes - 1) // 2
    return scaled(len(rows), len(chosen), pairs, matcher.estimated_precision_)


def scaled(n_records: int, n_compared: int, pairs: Ints, precision: float) -> LikelyDuplicates:
    """Pairs of each person found among some records to pairs among all, with the interval."""
    n_found = int(pairs.sum())
    together = float((pairs.astype(np.float64) ** 2).sum()) / n_found if n_found else 1.0
    whole = n_records == n_compared
    factor = 1.0 if whole else n_records * (n_records - 1) / (n_compared * (n_compared - 1))
    right = n_found * precision
    low, high = right, right
    if not whole:
        low, high = (end * together * precision for end in poisson_interval(n_found / together))
    return LikelyDuplicates(
        n_records, n_compared, n_found, precision, right * factor, low * factor, high * factor
    )


def poisson_interval(count: float) -> tuple[float, float]:
    """Exact interval of the mean of a Poisson count, which need not be whole."""
    tail = (1.0 - CONFIDENCE) / 2.0
    low = float(chi2.ppf(tail, 2 * count)) / 2.0 if count else 0.0
    return low, float(chi2.ppf(1.0 - tail, 2 * count + 2)) / 2.0


def distinct_rows(parts: Sequence[Ints]) -> Ints:
    """Places of the first row of each kind, in order."""
    joint = joint_codes(parts)
    first = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int64)
    first[joint[::-1]] = np.arange(len(joint))[::-1]
    return np.sort(first)


def _varies(columns: Sequence[Judged], name: str) -> bool:
    column = next(column for column in columns if column.name == name)
    return len(column.raw.values) > 1


def _only(data: Any, names: list[str]) -> Any:
    return _frames.attach(data, keep=list(names), add={}, owner="quality_report")
