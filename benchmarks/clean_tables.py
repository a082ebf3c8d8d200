"""Who is one person: matching with default settings, on open and synthetic lists.

    CRMKIT_DATA=folder python benchmarks/clean_tables.py [open] [synthetic] [clean] [precise]
        [supervised] [speed]

All tables but `speed` by default, and all without labels but `supervised`. Kinds of columns are
detected; columns that hold the truth are taken away. Open sets are read from CRMKIT_DATA/dedupe
and left out with a word where it is not set. Scores are of the clusters, never of pairs before
clustering; seeds of the synthetic lists were not used while anything was decided. `speed` takes
--records (default 100_000).
"""

import argparse
import os
import resource
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from _clean_supervised import AIMS, supervised
from _recommend_text import aim, table

from crmkit.cleaning import Deduplicator
from crmkit.datasets import make_customers
from crmkit.exceptions import DataWarning
from crmkit.metrics import b_cubed, pairwise_scores

TRUTH = "entity_id"
OPEN = {
    # file: aimed at before it was measured, of pairwise F1
    "febrl1": 1.0,
    "febrl2": 0.998,
    "febrl3": 0.999,
    "febrl4_link": 0.999,
    "splink_fake_1000": 0.91,
    "restaurant": 0.88,
    "historical_figures_50k": 0.87,
    "chicago_early_childhood_true_ids": None,
}
SEEDS = (901, 902, 903)
PARTS = ("open", "synthetic", "clean", "precise", "supervised")
HEADER = ["list", "records", "F1", "precision", "recall", "B-cubed F1", "exact", "largest", "CPU s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", default=[*PARTS])
    parser.add_argument("--records", type=int, default=100_000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore", DataWarning)
    for name in asked.names:
        if name == "open":
            print(open_sets())
        elif name == "synthetic":
            print(table("Synthetic customer lists, one record in six a duplicate", synthetic()))
        elif name == "clean":
            print(table("Lists in which nobody is twice", clean()))
        elif name == "precise":
            print(table("Synthetic customer lists at precision=0.99", precise()))
        elif name == "supervised":
            print(taught())
        elif name == "speed":
            print(speed(asked.records))
        else:
            parser.error(f"{name!r} is none of {', '.join(PARTS)}, speed")


def open_sets() -> str:
    """Scores on the open sets, and whether the aims were reached."""
    folder = os.environ.get("CRMKIT_DATA")
    if folder is None:
        return "Open sets left out: CRMKIT_DATA is not set.\n"
    rows, aims = [HEADER], []
    for name, bound in OPEN.items():
        records = pd.read_parquet(Path(folder) / "dedupe" / f"{name}.parquet")
        row, f1 = measured(name, records)
        rows.append(row)
        if bound is not None:
            aims.append(f"* {aim(name, f1, bound).text}")
    return "\n".join([table("Open sets", rows), *aims, ""])


def synthetic() -> list[list[str]]:
    """Scores on lists of `make_customers`, in two languages."""
    rows = [HEADER]
    for language in ("en", "zh"):
        for seed in SEEDS:
            records = customers(10_000, seed, 0.2, language)
            rows.append(measured(f"{language}, seed {seed}", records)[0])
    return rows


def precise() -> list[list[str]]:
    """What was wanted, expected and reached where a precision is asked for."""
    rows = [["list", "precision", "expected", "interval", "recall", "F1"]]
    for language in ("en", "zh"):
        for seed in SEEDS:
            records = customers(10_000, seed, 0.2, language)
            matcher = Deduplicator(precision=0.99).fit(records.drop(columns=TRUTH))
            scores = pairwise_scores(records[TRUTH], matcher.labels_)
            low, high = matcher.precision_interval_
            rows.append(
                [
                    f"{language}, seed {seed}",
                    f"{scores['precision']:.4f}",
                    f"{matcher.estimated_precision_:.4f}",
                    f"{low:.4f} to {high:.4f}",
                    f"{scores['recall']:.4f}",
                    f"{scores['f1']:.4f}",
                ]
            )
    return rows


def taught() -> str:
    """Scores with labels, and whether the aims were reached by every draw."""
    folder = os.environ.get("CRMKIT_DATA")
    if folder is None:
        return "Open sets left out: CRMKIT_DATA is not set.\n"
    rows, lowest = supervised(Path(folder))
    aims = [f"* {aim(name, lowest[name], bound).text}" for name, bound in AIMS.items()]
    return "\n".join([table("With labelled pairs", rows), *aims, ""])


def clean() -> list[list[str]]:
    """Records that are wrongly joined where nobody is twice."""
    rows = [["list", "records", "joined", "expected matches", "CPU s"]]
    for label, records in without_duplicates():
        matcher, _, seconds = matched(records)
        rows.append(
            [
                label,
                f"{len(records):,}",
                f"{len(records) - matcher.n_entities_:,}",
                f"{matcher.expected_matches_:.1f}",
                f"{seconds:.1f}",
            ]
        )
    return rows


def without_duplicates() -> Iterator[tuple[str, pd.DataFrame]]:
    for language in ("en", "zh"):
        for seed in SEEDS:
            yield f"{language}, seed {seed}", customers(5_000, seed, 0.0, language)
    folder = os.environ.get("CRMKIT_DATA")
    if folder is not None:
        for name in ("febrl2", "splink_fake_1000", "restaurant", "historical_figures_50k"):
            records = pd.read_parquet(Path(folder) / "dedupe" / f"{name}.parquet")
            first = records.drop_duplicates(TRUTH).reset_index(drop=True)
            yield f"{name}, first of each", first


def speed(n: int) -> str:
    """Time and memory of one list, and of `predict` for a thousand new records."""
    records = customers(round(n / 1.2) + 1_000, SEEDS[0], 0.2, "en")
    known, new = records.iloc[:-1_000], records.iloc[-1_000:]
    start = time.perf_counter()
    matcher, row, seconds = matched(known)
    wall = time.perf_counter() - start
    start = time.perf_counter()
    matcher.predict(new.drop(columns=TRUTH))
    again = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    f1 = pairwise_scores(known[TRUTH], matcher.labels_)["f1"]
    return (
        f"{len(row):,} records: {wall:.1f} s wall, {seconds:.1f} s CPU, peak {peak:.2f} GB with "
        f"pandas and the list, F1 {f1:.4f}; predict of 1,000 new records {again:.1f} s.\n"
    )


def customers(n: int, seed: int, duplicates: float, language: str) -> pd.DataFrame:
    """Records of made-up customers with the true customer of each."""
    made = make_customers(n, duplicates=duplicates, language=language, random_state=seed)
    truth = made.truth.records[["record_id", "customer_id"]]
    return made.records.merge(truth.rename(columns={"customer_id": TRUTH}), on="record_id")


def measured(label: str, records: pd.DataFrame) -> tuple[list[str], float]:
    """A line of the table, and the pairwise F1."""
    _, labels, seconds = matched(records)
    pairs, cubed = pairwise_scores(records[TRUTH], labels), b_cubed(records[TRUTH], labels)
    scores = [pairs["f1"], pairs["precision"], pairs["recall"], cubed["f1"]]
    shown = [f"{score:.4f}" for score in [*scores, exact_share(records[TRUTH], labels)]]
    largest = f"{np.bincount(labels).max()} of {records[TRUTH].value_counts().max()}"
    return [label, f"{len(records):,}", *shown, largest, f"{seconds:.1f}"], pairs["f1"]


def matched(records: pd.DataFrame) -> tuple[Deduplicator, np.ndarray, float]:
    """The fitted matcher, its labels, and the seconds of CPU that it took."""
    start = time.process_time()
    matcher = Deduplicator().fit(records.drop(columns=TRUTH))
    return matcher, matcher.labels_, time.process_time() - start


def exact_share(truth: pd.Series, labels: np.ndarray) -> float:
    """Share of the true entities that are found exactly as they are."""
    codes = pd.factorize(truth)[0]
    joint = pd.Series(codes * (labels.max() + 1) + labels)
    n_true, n_found = np.bincount(codes), np.bincount(labels)
    sizes = joint.value_counts()
    true, found = np.divmod(sizes.index.to_numpy(), labels.max() + 1)
    return float(((sizes == n_true[true]) & (sizes == n_found[found])).sum() / len(n_true))


if __name__ == "__main__":
    main()
