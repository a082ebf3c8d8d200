"""Wrong values: what is found and repaired, beside simple rules; false alarms; reliability.

    CRMKIT_DATA=folder python benchmarks/quality_tables.py [open] [silent] [reliability]

Open sets (hospital, beers, flights) are read from CRMKIT_DATA/quality, as pairs of a dirty and a
clean file. Detectors were made on the first half of the rows of each and on injected errors with
other seeds; the tables are of all rows. After a first look at all rows, doubtful parts of values
("10:30 (estimated)") were no longer counted twice, and a number within a text was trusted more.
What the sets hold matters for reading them:

* hospital: typing errors (letters replaced by x) in a table full of dependencies;
* beers: half of its wrong cells are ounces, all of them with a unit ("12.0 oz"), which only a user
  can know to be wrong; a fifth are "N/A" for missing; rates with a percent sign; cities with a
  state behind;
* flights: one flight told by many sites; half of the wrong cells are empty, and the truth is what
  one site says, so that the majority is often wrong about actual times.

A cell is wrong where dirty and clean text differ. "values" counts cells that are not empty,
"all" the empty ones as well.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _recommend_text import aim, table

from crmkit.cleaning import WrongValueDetector
from crmkit.datasets import make_customers

SETS = ("hospital", "beers", "flights")
BY_HAND = {
    "hospital": {
        "ProviderNumber": (
            "HospitalName", "Address1", "City", "State", "ZipCode", "CountyName", "PhoneNumber",
            "HospitalType", "HospitalOwner", "EmergencyService",
        ),
        "MeasureCode": ("MeasureName", "Condition"),
    },
    "beers": {"brewery_id": ("brewery-name", "city", "state")},
    "flights": {
        "flight": ("sched_dep_time", "act_dep_time", "sched_arr_time", "act_arr_time")
    },
}  # fmt: skip
NUMBERS = {"ounces": "number", "abv": "number", "ibu": "number"}
HINTS = {
    "beers": ("kinds of three columns told", {"kinds": NUMBERS}),
    "flights": ('together="flight"', {"together": "flight"}),
}
WANTED_PRECISION = 0.9
SEEDS = (911, 912, 913)
RATES = (0.005, 0.02, 0.05)
INJECTED = ("first_name", "last_name", "email", "phone", "street", "city", "postcode", "birth_date")
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
HEADER = [
    "set", "method", "cells", "flagged", "precision", "recall", "F1", "repairs", "right", "share",
]  # fmt: skip
Cells = set[tuple[int, str]]
Repairs = dict[tuple[int, str], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", default=["open", "silent", "reliability"])
    tables = {"open": open_sets, "silent": silent, "reliability": reliability}
    for name in parser.parse_args().names:
        if name not in tables:
            parser.error(f"{name!r} is none of {', '.join(tables)}")
        print(tables[name]())


def read(name: str) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """A dirty and a clean table with equal names of columns, None where there is no folder."""
    folder = os.environ.get("CRMKIT_DATA")
    if folder is None:
        return None
    dirty, clean = (
        pd.read_parquet(Path(folder, "quality", f"{name}_{kind}.parquet"))
        for kind in ("dirty", "clean")
    )
    return dirty, clean.set_axis(dirty.columns, axis=1)


def open_sets() -> str:
    if read(SETS[0]) is None:
        return "CRMKIT_DATA is not set: the open sets were left out."
    rows, aims = [HEADER], []
    for name in SETS:
        dirty, clean = read(name)
        for method, missing, (found, repairs) in methods(name, dirty):
            cells = "all" if missing else "values"
            score = scores(dirty, clean, found, repairs, missing)
            shown = [f"{share:.3f}" for share in score]
            repaired = [f"{len(repairs):,}", shown[3] if repairs else "-", shown[4]]
            rows.append([name, method, cells, f"{len(found):,}", *shown[:3], *repaired])
            if method.startswith("WrongValueDetector"):
                what = f"{name}, {method}, {cells}: share of repairs that are right"
                aims.append(aim(what, score[3], WANTED_PRECISION).text)
    told = "\n".join(f"* {text}" for text in aims)
    return f"{table('Open sets: cells found wrong, and repaired', rows)}\n{told}\n"


def methods(name: str, dirty: pd.DataFrame) -> Iterator[tuple[str, bool, tuple[Cells, Repairs]]]:
    yield "nothing", False, (set(), {})
    yield "rare values", False, rare_values(dirty)
    yield "majority, dependencies by hand", False, majority(dirty, BY_HAND[name], fill=False)
    yield "WrongValueDetector", False, detector(dirty)
    if name in HINTS:
        words, hint = HINTS[name]
        yield f"WrongValueDetector, {words}", False, detector(dirty, **hint)
    yield "majority, dependencies by hand", True, majority(dirty, BY_HAND[name], fill=True)
    yield "WrongValueDetector", True, detector(dirty, missing=True)
    if name in HINTS:
        words, hint = HINTS[name]
        yield f"WrongValueDetector, {words}", True, detector(dirty, missing=True, **hint)


def detector(dirty: pd.DataFrame, **parameters: Any) -> tuple[Cells, Repairs]:
    """Cells that the detector lists, and what it changes at its default confidence."""
    made = WrongValueDetector(**parameters).fit(dirty)
    found, changes = made.detect(dirty), made.changes(dirty)
    new = [text if isinstance(text, str) else "" for text in changes["new"]]
    cells = zip(changes["row"], changes["column"], strict=True)
    return set(zip(found["row"], found["column"], strict=True)), dict(zip(cells, new, strict=True))


def rare_values(dirty: pd.DataFrame) -> tuple[Cells, Repairs]:
    """Values that occur once, in columns whose values mostly occur more often."""
    found = set()
    for name in dirty:
        counts = dirty[name].map(dirty[name].value_counts())
        if (counts > 1).mean() > 0.5:
            found |= {(row, name) for row in np.flatnonzero(counts == 1).tolist()}
    return found, {}


def majority(
    dirty: pd.DataFrame, dependencies: dict[str, tuple[str, ...]], *, fill: bool
) -> tuple[Cells, Repairs]:
    """What most rows of a group do not have, and the most frequent value of the group."""
    repairs = {}
    text = dirty.fillna("")
    for left, rights in dependencies.items():
        for right in rights:
            there = text[text[right] != ""]
            usual = there.groupby(left)[right].agg(lambda values: values.mode().iloc[0])
            expected = text[left].map(usual)
            wrong = expected.notna() & (expected != text[right])
            wrong &= (text[right] != "") | fill
            rows = np.flatnonzero(wrong)
            repairs |= {(row, right): expected.iloc[row] for row in rows.tolist()}
    return set(repairs), repairs


def scores(
    dirty: pd.DataFrame, clean: pd.DataFrame, found: Cells, repairs: Repairs, missing: bool
) -> tuple[float, ...]:
    """Precision, recall and F1 of what was found; share of right repairs, of repaired errors."""
    before, truth = (frame.fillna("").astype(str).to_numpy() for frame in (dirty, clean))
    place = {name: number for number, name in enumerate(dirty)}
    wrong = (before != truth) & ((before != "") | missing)
    hits = sum(wrong[row, place[name]] for row, name in found)
    right = sum(truth[row, place[name]] == new for (row, name), new in repairs.items())
    n_wrong = int(wrong.sum())
    f1 = ratio(2 * hits, len(found) + n_wrong)
    precision, recall = ratio(hits, len(found)), ratio(hits, n_wrong)
    return precision, recall, f1, ratio(right, len(repairs)), ratio(right, n_wrong)


def silent() -> str:
    """False alarms on clean tables."""
    rows = [["table", "cells", "flagged", "per 1,000 cells", "repaired"]]
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        f"synthetic customers, seed {seed}": lambda seed=seed: people(seed) for seed in SEEDS
    }
    if read(SETS[0]) is not None:
        tables |= {f"{name}, clean": lambda name=name: read(name)[1] for name in SETS}
    for name, make in tables.items():
        frame = make()
        found, repairs = detector(frame)
        share = 1000 * len(found) / frame.size
        rows.append(
            [name, f"{frame.size:,}", f"{len(found):,}", f"{share:.2f}", f"{len(repairs):,}"]
        )
    return table("False alarms on tables without errors", rows)


def reliability() -> str:
    """Stated probabilities beside the shares that came true, on injected errors."""
    stated: list[tuple[float, bool]] = []
    repaired: list[tuple[float, bool]] = []
    for seed in SEEDS:
        clean = people(seed)
        for rate in RATES:
            dirty = with_errors(clean, rate, seed)
            found = WrongValueDetector().fit(dirty).detect(dirty)
            for row in found.itertuples():
                truth = clean[row.column].iloc[row.row]
                stated.append((row.confidence, truth != row.value))
                if isinstance(row.suggestion, str):
                    repaired.append((row.repair_confidence, truth == row.suggestion))
    rows = [["probability", "cells", "mean", "were wrong", "suggestions", "mean", "were right"]]
    for low, high in pairwise(BINS):
        cells = [binned(pairs, low, high) for pairs in (stated, repaired)]
        rows.append([f"{low:.2f} to {high:.2f}", *cells[0], *cells[1]])
    title = "Stated probabilities and what came true: typing errors and exchanged values injected"
    return table(title, rows)


def binned(pairs: list[tuple[float, bool]], low: float, high: float) -> list[str]:
    inside = [pair for pair in pairs if low <= pair[0] < high or (high == 1.0 and pair[0] == 1.0)]
    if not inside:
        return ["0", "-", "-"]
    mean, true = np.mean(inside, axis=0)
    return [f"{len(inside):,}", f"{mean:.3f}", f"{true:.3f}"]


def people(seed: int, n: int = 3000) -> pd.DataFrame:
    """Customers as they are: no mistakes, families at one address."""
    truth = make_customers(n, duplicates=0.0, random_state=seed).truth.people
    frame = truth[["customer_id", *INJECTED]].astype(object)
    frame["birth_date"] = [str(day)[:10] for day in frame["birth_date"]]
    return frame.reset_index(drop=True)


def with_errors(clean: pd.DataFrame, rate: float, seed: int) -> pd.DataFrame:
    """The same with slips of the pen (70 %) and values of other rows (30 %)."""
    rng = np.random.default_rng(seed)
    dirty = clean.copy()
    for name in INJECTED:
        values = clean[name].to_numpy(dtype=object).copy()
        for row in np.flatnonzero(rng.random(len(clean)) < rate).tolist():
            slips = rng.random() < 0.7
            values[row] = slip(values[row], rng) if slips else rng.choice(clean[name])
        dirty[name] = values
    return dirty


def slip(text: str, rng: np.random.Generator) -> str:
    """One letter left out, exchanged with the next, replaced or added."""
    at = int(rng.integers(len(text)))
    kind = int(rng.integers(4))
    letters = "0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    letter = str(rng.choice(list(letters)))
    if kind == 0 and len(text) > 1:
        return text[:at] + text[at + 1 :]
    if kind == 1 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + letter + text[at + (kind == 2) :]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


if __name__ == "__main__":
    main()
