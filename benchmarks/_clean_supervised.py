"""What labels add: fits with 200 labelled pairs, drawn at random or asked for by the matcher.

Each line is of one draw. Entities are judged on all records, on which the labels hold for
certain, and on the records none of whose entity's records is in a labelled pair: there the labels
can only have taught. Beside it stands the unsupervised answer on the same records.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from crmkit.cleaning import Deduplicator
from crmkit.metrics import pairwise_scores

N_LABELS = 200
LEAST = 0.001  # probability from which a pair may be drawn
SEEDS = range(5)
AIMS = {"splink_fake_1000": 0.94, "restaurant": 0.92}
HEADER = ["list", "labels", "matches", "F1", "F1 unlabelled", "without labels", "records"]

Line = tuple[list[str], float]


def supervised(folder: Path) -> tuple[list[list[str]], dict[str, float]]:
    """Lines of the table, and the lowest F1 of the draws of each list."""
    rows, lowest = [HEADER], {}
    for name in AIMS:
        records = pd.read_parquet(folder / "dedupe" / f"{name}.parquet")
        truth = pd.factorize(records.pop("entity_id"))[0]
        plain = Deduplicator().fit(records)
        rows.append(
            [name, "none", "", f"{_f1(truth, plain.labels_):.4f}", "", "", f"{len(truth):,}"]
        )
        lines = [_drawn(name, records, truth, plain, seed) for seed in SEEDS]
        rows += [row for row, _ in lines]
        lowest[name] = min(f1 for _, f1 in lines)
        rows.append(_asked(name, records, truth, plain)[0])
        rows.append(_by_entity(name, records, truth, plain)[0])
    return rows, lowest


def _drawn(
    name: str, records: pd.DataFrame, truth: np.ndarray, plain: Deduplicator, seed: int
) -> Line:
    """Labels of pairs drawn from all that have at least some probability, at most half of them."""
    pairs = plain.pairs(joined=False).query("probability >= @LEAST")
    n = min(N_LABELS, len(pairs) // 2)
    pairs = pairs.sample(n, random_state=seed)
    y = _answered(pairs, truth)
    taught = Deduplicator().fit(records, y)
    return _line(name, f"{n} of {len(plain.pairs(joined=False).query('probability >= @LEAST')):,}"
                 f" drawn, seed {seed}", y, truth, plain, taught)  # fmt: skip


def _asked(name: str, records: pd.DataFrame, truth: np.ndarray, plain: Deduplicator) -> Line:
    """Answers to ten times twenty questions."""
    taught, told = Deduplicator().fit(records), []
    for _ in range(N_LABELS // 20):
        told.append(_answered(taught.query(20), truth))
        taught.teach(told[-1])
    y = pd.concat(told)
    return _line(name, f"{len(y)} asked for", y, truth, plain, taught)


def _by_entity(name: str, records: pd.DataFrame, truth: np.ndarray, plain: Deduplicator) -> Line:
    """The entity of the records of half of all entities."""
    known = np.random.default_rng(0).random(truth.max() + 1) < 0.5
    taught = Deduplicator().fit(records, np.where(known[truth], truth, np.nan))
    f1 = _f1(truth, taught.labels_)
    free = ~known[truth]
    judged = [_f1(truth[free], each.labels_[free]) for each in (taught, plain)]
    shown = [f"{score:.4f}" for score in (f1, *judged)]
    return [name, "half of the entities", "", *shown, f"{free.sum():,}"], f1


def _line(
    name: str, how: str, y: pd.DataFrame, truth: np.ndarray, plain: Deduplicator,
    taught: Deduplicator,
) -> Line:  # fmt: skip
    f1 = _f1(truth, taught.labels_)
    told = np.unique(truth[y[["row_a", "row_b"]].to_numpy().ravel()])
    free = ~np.isin(truth, told)
    judged = [_f1(truth[free], each.labels_[free]) for each in (taught, plain)]
    shown = [f"{score:.4f}" for score in (f1, *judged)]
    return [name, how, str(int(y["match"].sum())), *shown, f"{free.sum():,}"], f1


def _answered(pairs: pd.DataFrame, truth: np.ndarray) -> pd.DataFrame:
    rows = pairs[["row_a", "row_b"]]
    return rows.assign(match=truth[rows["row_a"]] == truth[rows["row_b"]])


def _f1(truth: np.ndarray, labels: np.ndarray) -> float:
    return pairwise_scores(truth, labels)["f1"]
