"""
How much do duplicates change what customers are worth?
=======================================================

Clean first, then value: both ways. A made-up shop of which everything is known: 3,000 people, half
as many further records of them with typing errors, moves and new phones, and orders booked under
whatever record was at hand. Finds who is one person, makes one golden record of each, gives the
orders their golden ids, and tells the spend of 26 weeks three times: as the list stands, cleaned,
and by the truth, which no shop has.

With your own data: a frame of records, and ``crmkit.EventLog(frame, customer=<the record id>)``.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/clean_then_value.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from sklearn.base import clone

import crmkit as ck
from crmkit import plotting
from crmkit.cleaning import Deduplicator
from crmkit.clv import CustomerLifetimeValue
from crmkit.metrics import pairwise_scores
from crmkit.pipelines import CleanThenValue, CustomerValuePipeline

PEOPLE = 3000
AS_OF, HORIZON, BEST = "2024-07-01", "26W", 300

# sphinx_gallery_thumbnail_path = "_static/gallery/clean_then_value.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(9.0, 5.0), layout="constrained").add_subplot()


# %%
# Who is one person, and what is each worth?
# ------------------------------------------
# The recipe finds people without labels, books their orders under one golden id, and values both
# lists; the truth of the made-up shop only judges.
shop = ck.datasets.make_customers(PEOPLE, duplicates=0.5, returns=0.0, random_state=7)
listed = ck.EventLog(shop.events, customer="record_id", order="order_id")
worth = CustomerLifetimeValue(horizon=HORIZON, discount_rate=0.0)
recipe = CleanThenValue(
    CustomerValuePipeline(value=worth, churn=None, recommender=None, level=None),
    Deduplicator(record="record_id"),
)
recipe.fit(listed, shop.records, as_of=AS_OF)
matcher, golden = recipe.matcher_, recipe.golden_
person = shop.truth.records.set_index("record_id")["customer_id"]
true = person.loc[shop.records["record_id"]]
scores = pairwise_scores(true, matcher.labels_)
print(f"{recipe.n_records_:,} records are {recipe.n_people_:,} people; the truth says {PEOPLE:,}.")
print(f"Pairs: precision {scores['precision']:.3f}, recall {scores['recall']:.3f}\n")
effect = recipe.compare(listed, as_of=AS_OF, truth=shop.truth.records[["record_id", "customer_id"]])
print(effect.text)

# %%
# What speaks for a pair
# ----------------------
pair = matcher.pairs().query("probability > 0.9").iloc[-1]
evidence = matcher.explain(pair["record_id_a"], pair["record_id_b"])
ax = plotting.plot_match_evidence(evidence, ax=picture("evidence"))
ax = plotting.plot_entity_sizes(matcher.labels_, true, ax=picture("people"))

# %%
# Which record is right?
# ----------------------
# Every value of a golden record tells where it is from, and what it was chosen against.
print("People whose records differ, and the rule that chose\n")
print(pd.DataFrame({"people": golden.n_contested_, "rule": golden.rules_}).to_string())
print("\nWhere some of the names are from\n")
told = golden.provenance(contested_only=True).query("column == 'last_name'")
print(told[["value", "record_id", "rejected"]].head().to_string(index=False))

# %%
# Which list foretold what came?
# ------------------------------
# The same model on the log as it is listed, on the log with golden ids, and on the true one.
true_log = ck.EventLog(shop.events, customer="customer_id", order="order_id")
tables = {
    "as listed": recipe.listed_.transform(listed, as_of=AS_OF),
    "cleaned": recipe.transform(listed, as_of=AS_OF),
    "by the truth": clone(recipe.listed_).fit_transform(true_log, as_of=AS_OF),
}
values = {}
for name, table in tables.items():
    ids = table.iloc[:, 0]
    values[name] = table.assign(value=table["clv"], person=ids.map(person).fillna(ids))
later = shop.events[shop.events["timestamp"] >= AS_OF]
came = later.groupby("customer_id")["amount"].sum()
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
print(f"The next {HORIZON}: {came.sum():,.0f} were spent\n")
print(pd.DataFrame(rows).T.to_string(float_format="{:,.0f}".format))

# %%
# How much of a person is seen?
# -----------------------------
# The value of the best record of a person who is listed twice, as a share of the person's value.
by_person = {name: table.groupby("person")["value"] for name, table in values.items()}
twice = by_person["as listed"].size()[lambda n: n > 1].index
whole = by_person["by the truth"].max().loc[twice]
ax = picture("values")
for name, colour in (("as listed", "#D55E00"), ("cleaned", "#0072B2")):
    share = by_person[name].max().reindex(twice, fill_value=0.0) / whole
    seen = f"{share.median():.0%} of their value is seen"
    print(f"People who bought under several records, {name}: {seen}")
    ax.hist(share.clip(upper=1.5), 30, range=(0.0, 1.5), alpha=0.6, color=colour, label=name)
ax.set_title("People who bought under several records: how much of their value is seen", loc="left")
ax.set(xlabel="value of the best record / value of the person (last: 1.5 or more)")
legend = ax.legend(frameon=False)

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
