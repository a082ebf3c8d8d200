"""How much do duplicates change what customers are worth? Clean first, then value: both ways.

A made-up shop of which everything is known: 3,000 people, half as many further records of them
with typing errors, moves and new phones, and orders booked under whatever record was at hand. Finds
who is one person, makes one golden record of each, gives the orders their golden ids, and tells
the spend of 26 weeks three times: as the list stands, cleaned, and by the truth, which no shop has.
Draws pictures into PNG files of the folder that is named, or of a new one. With your own data: a
frame of records, and crmkit.EventLog(frame, customer=<the record id>, ...).

Run: python examples/clean_then_value.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.cleaning import Deduplicator, GoldenRecord
from crmkit.metrics import pairwise_scores

AS_OF, HORIZON, BEST = "2024-07-01", "26W", 300
PICTURES = ("evidence", "people", "values")


def main(folder: Path) -> None:
    shop = ck.datasets.make_customers(3000, duplicates=0.5, returns=0.0, random_state=7)
    person = shop.truth.records.set_index("record_id")["customer_id"]
    true = person.loc[shop.records["record_id"]]

    matcher = Deduplicator(record="record_id").fit(shop.records)
    golden = GoldenRecord(record="record_id", when="signup_date")
    people = golden.fit_transform(matcher.annotate(shop.records))
    print_cleaning(shop.records, people, golden, pairwise_scores(true, matcher.labels_))

    listed = ck.EventLog(shop.events, customer="record_id", order="order_id")
    logs = {
        "as listed": listed,
        "cleaned": golden.rekey(listed),
        "by the truth": ck.EventLog(shop.events, customer="customer_id", order="order_id"),
    }
    values = {name: value(log, person) for name, log in logs.items()}
    later = shop.events[shop.events["timestamp"] >= AS_OF]
    print_values(values, later.groupby("customer_id")["amount"].sum())
    a, b = matcher.pairs().query("probability > 0.9").iloc[-1][["record_id_a", "record_id_b"]]
    figures = {name: Figure(figsize=(9, 5), layout="constrained") for name in PICTURES}
    axes = [figure.add_subplot() for figure in figures.values()]
    plotting.plot_match_evidence(matcher.explain(a, b), ax=axes[0])
    plotting.plot_entity_sizes(matcher.labels_, true, ax=axes[1])
    plot_values(values, axes[2])
    folder.mkdir(parents=True, exist_ok=True)
    print("\nPictures\n")
    for (name, figure), ax in zip(figures.items(), axes, strict=True):
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")


def value(log: ck.EventLog, person: pd.Series) -> pd.DataFrame:
    """Expected spend of each customer of a log, and the person that the customer is in truth."""
    customers = ck.summarize(log, as_of=AS_OF, unit="W")
    model = ck.clv.CustomerLifetimeValue(horizon=HORIZON, discount_rate=0.0).fit(customers)
    ids = customers[log.customer]
    return customers.assign(value=model.predict(customers), person=ids.map(person).fillna(ids))


def print_cleaning(records, people, golden, scores) -> None:
    """How many people there are, on what their records differ, and where values are from."""
    print(f"{len(records):,} records are {len(people):,} people; the truth says 3,000.")
    print(f"Pairs: precision {scores['precision']:.3f}, recall {scores['recall']:.3f}\n")
    print("People whose records differ, and the rule that chose\n")
    print(pd.DataFrame({"people": golden.n_contested_, "rule": golden.rules_}).to_string())
    print("\nWhere some of the names are from\n")
    told = golden.provenance(contested_only=True).query("column == 'last_name'")
    print(told[["value", "record_id", "rejected"]].head().to_string(index=False))


def print_values(values: dict[str, pd.DataFrame], came: pd.Series) -> None:
    """What each list of customers says of the next 26 weeks, beside what came."""
    rows = {}
    for name, table in values.items():
        best = table.nlargest(BEST, "value")["person"].unique()
        seen = table.groupby("person")["value"].max()
        rows[name] = {
            "customers": len(table),
            "expected spend": table["value"].sum(),
            "error a person": (seen - came.reindex(seen.index).fillna(0.0)).abs().mean(),
            f"people in best {BEST}": len(best),
            "what they spent": came.reindex(best).sum(),
        }
    print(f"\nThe next {HORIZON}: {came.sum():,.0f} were spent\n")
    print(pd.DataFrame(rows).T.to_string(float_format="{:,.0f}".format))
    for name, share in shares(values).items():
        print(f"\nPeople with several records, {name}: {share.median():.0%} of their value is seen")


def shares(values: dict[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Value of the best record of a person listed twice, as a share of the person's value."""
    listed, cleaned, true = (table.groupby("person")["value"] for table in values.values())
    twice = listed.size()[lambda n: n > 1].index
    whole = true.max().loc[twice]
    seen = {"as listed": listed.max(), "cleaned": cleaned.max()}
    return {name: best.reindex(twice, fill_value=0.0) / whole for name, best in seen.items()}


def plot_values(values: dict[str, pd.DataFrame], ax):
    """How much of the value of people with several records is seen."""
    for (name, share), colour in zip(shares(values).items(), ("#D55E00", "#0072B2"), strict=True):
        ax.hist(share.clip(upper=1.5), 30, (0.0, 1.5), alpha=0.6, color=colour, label=name)
    ax.set_title("People with several records: how much of their value is seen", loc="left")
    ax.set(xlabel="value of the best record / value of the person (last: 1.5 or more)")
    ax.legend(frameon=False)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-")))
