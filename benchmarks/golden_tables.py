"""Golden records and estimates without labels, on synthetic lists whose truth is known.

    python benchmarks/golden_tables.py [rules] [estimates] [speed]

Part `rules`: share of golden values that are those of the person, ways of writing apart, among
people with several records; true entities are given, so that only the choice is judged. Part
`estimates`: what `expected_match_scores` says of a Deduplicator beside what is true. Both by
default, on seeds that were not used while anything was decided. Part `speed`: a million records
with ten columns (--records), in seconds of the processor. The mistakes of these lists are in the
later records of a person, so that "oldest" is right but for those who moved: on real lists nobody
knows which record is the good one.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import polars as pl
from _recommend_text import table

from crmkit.cleaning import Deduplicator, GoldenRecord, RecordNormalizer
from crmkit.datasets import make_customers
from crmkit.metrics import expected_match_scores

SEEDS = ((911, "en"), (912, "en"), (913, "zh"))
PERSON = (
    "first_name", "last_name", "email", "phone", "street", "city", "postcode", "birth_date",
)  # fmt: skip
KINDS = {name: name for name in PERSON}
RULES = ("most_recent", "oldest", "most_frequent", "longest", "most_complete", "first")
CUTS = (0.2, 0.5, 0.8, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", default=["rules", "estimates"])
    parser.add_argument("--records", type=int, default=1_000_000)
    asked = parser.parse_args()
    for name in asked.names:
        if name == "rules":
            header = ["rules", *(n.replace("_", " ") for n in PERSON), "mean"]
            print(table("Share of golden values that are right", [header, *rules()]))
        elif name == "estimates":
            header = ["list", "threshold", "precision", "estimated", "recall", "estimated"]
            print(table("Precision and recall of pairs", [header, *estimates()]))
        elif name == "speed":
            print(speed(asked.records))
        else:
            parser.error(f"{name!r} is none of rules, estimates, speed")


def rules() -> Iterator[list[str]]:
    """A row for each rule, over all lists."""
    lists = [dirty(seed, language) for seed, language in SEEDS]
    asked = {"usual, with when=": {"when": "signup_date"}, "usual": {}}
    asked |= {rule: {"rules": rule, "when": "signup_date"} for rule in RULES}
    asked |= {"most_frequent, none together": {"rules": "most_frequent", "together": []}}
    for label, parameters in asked.items():
        shares = np.mean([right(*each, parameters) for each in lists], axis=0)
        yield [label, *(f"{share:.3f}" for share in (*shares, shares.mean()))]


def dirty(seed: int, language: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records of people who have several, and the people as they are."""
    shop = make_customers(5000, duplicates=0.6, language=language, days=60, random_state=seed)
    records = shop.records.merge(shop.truth.records[["record_id", "customer_id"]])
    return records, shop.truth.people.set_index("customer_id")


def right(records: pd.DataFrame, people: pd.DataFrame, parameters: dict) -> list[float]:
    """Share of right golden values of each column."""
    model = GoldenRecord("customer_id", kinds=KINDS, record="record_id", **parameters)
    golden = model.fit_transform(records).set_index("customer_id")
    several = records["customer_id"].value_counts().loc[lambda n: n > 1].index
    found, true = (
        normal(each.loc[several, list(PERSON)]) for each in (golden, people.astype("str"))
    )
    return [float((found[name] == true[name]).mean()) for name in found]


def normal(values: pd.DataFrame) -> pd.DataFrame:
    """Normal forms, dates in the order of the year first."""
    made = RecordNormalizer(KINDS, date_order="DMY").fit_transform(values)
    return made[[f"{name}_normal" for name in PERSON]].fillna("")


def estimates() -> Iterator[list[str]]:
    """A row for each list and threshold."""
    for seed, language in SEEDS:
        shop = make_customers(5000, duplicates=0.2, language=language, days=60, random_state=seed)
        person = shop.truth.records.set_index("record_id")["customer_id"]
        pairs = Deduplicator(record="record_id").fit(shop.records).pairs(joined=False)
        p = pairs["probability"].to_numpy()
        sides = (person.loc[pairs[f"record_id_{side}"]].to_numpy() for side in "ab")
        same = np.equal(*sides)
        size = person.value_counts()
        n_true = float((size * (size - 1) / 2).sum())
        for row in expected_match_scores(p, CUTS).itertuples():
            reached = same[p >= row.threshold]
            measured = reached.mean(), row.precision, reached.sum() / n_true, row.recall
            yield [f"{language} {seed}", f"{row.threshold:g}", *(f"{x:.3f}" for x in measured)]


def speed(n: int) -> str:
    """Seconds of the processor for n records of ten columns, four in ten of people with others."""
    random = np.random.default_rng(0)
    entity = random.integers(0, int(0.8 * n), n)
    other = (random.random(n) < 0.1).astype(np.int64)
    records = pd.DataFrame(
        {
            "record_id": np.arange(n),
            "entity": entity,
            "first_name": [f"Given{i % 3000}" for i in entity],
            "last_name": [f"Family{i % 30_000}" for i in entity + other],
            "email": [f"user{i}@example.com" for i in 2 * entity + other],
            "phone": [f"555{i:08d}" for i in entity + 10**7 * other],
            "street": [f"{i % 200} Some Street" for i in entity + other],
            "city": np.array(["Boston", "Albany", "Houston"])[entity % 3],
            "postcode": [f"{10_000 + i % 9000}" for i in entity],
            "birth_date": np.datetime_as_string(np.datetime64("1950-01-01") + entity % 20_000),
            "updated": np.datetime64("2020-01-01T00:00:00") + random.integers(0, 10**8, n),
            "source": np.array(["shop", "web", "desk"])[random.integers(0, 3, n)],
        }
    )
    told = []
    for library, frame in (("pandas", records), ("polars", pl.from_pandas(records))):
        begin = time.process_time()
        golden = GoldenRecord(record="record_id", when="updated").fit_transform(frame)
        seconds = time.process_time() - begin
        told.append(f"{library}: {n:,} records, {len(golden):,} entities, {seconds:.1f} CPU s")
    return "\n".join(told)


if __name__ == "__main__":
    main()
