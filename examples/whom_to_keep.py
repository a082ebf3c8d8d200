"""
Whom is it worth keeping, and what would a coupon earn?
=======================================================

Risk and value of each household joined. Reads Complete Journey (a year of groceries), which is
installed with the extra ``data``; the half of its households with even numbers, to be done in half
a minute. Says for each household the risk of four weeks without a purchase, the profit of the next
half year and what a coupon would earn on average, and tests the plan on the last four weeks. A
household silent for so long is taken for lost, which not all are: read the profit as its upper end.

The costs, the margin and the acceptance at the top are made up: put in your own.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/whom_to_keep.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting
from crmkit.churn import RetentionValue

AS_OF, FOUR_WEEKS_BEFORE = "2018-01-01", "2017-12-04"
ONE_IN = 2  # households
VALUE = ck.clv.CustomerLifetimeValue(horizon="26W", margin=0.25)
RECIPE = ck.pipelines.ChurnPipeline("28D", within="84D", n_cutoffs=5, top=1)
COUPON = {"offer_cost": 5.0, "contact_cost": 0.25, "acceptance": 0.3}
BUDGET = 250.0

# sphinx_gallery_thumbnail_path = "_static/gallery/whom_to_keep.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(7.0, 5.0), layout="constrained").add_subplot()


# %%
# Risk, value, and the profit of an offer
# ---------------------------------------
# One recipe gives each household its value, its risk and what the coupon earns on average.
lines = ck.datasets.load_complete_journey().transactions
log = ck.EventLog(
    lines[lines["household_id"] % ONE_IN == 0],
    customer="household_id",
    when="transaction_timestamp",
    amount="sales_value",
    order="basket_id",
    item="product_id",
)
offer = RetentionValue(**COUPON)
pipeline = ck.pipelines.CustomerValuePipeline(
    value=VALUE, churn=RECIPE, offer=offer, recommender=None
)
table = pipeline.fit_transform(log, as_of=AS_OF)
columns = ["household_id", "clv", "probability_churn", "value_at_risk", "expected_profit"]
treated = table[table["treat"]]
print(f"{len(table):,} households, worth {table['clv'].sum():,.0f} in half a year; at risk are")
print(f"{table['value_at_risk'].sum():,.0f}. A coupon pays for {len(treated)} of them and")
print(f"earns {treated['expected_profit'].sum():,.0f}, if {COUPON['acceptance']:.0%} accept.")

# %%
# The list of the riskiest is another one
# ---------------------------------------
# Who is most likely to go is seldom worth most: set the two lists side by side.
print("The five it pays for most\n")
print(table.nlargest(5, "expected_profit")[columns].round(2).to_string(index=False))
active = table[table["churn_source"] == "classifier"]
print("\nThe five most likely to be silent, of those who were here in twelve weeks\n")
print(active.nlargest(5, "probability_churn")[columns].round(2).to_string(index=False))

# %%
# With a budget, and if fewer accept
# ----------------------------------
# Nobody has measured the acceptance yet, so look at what becomes of the plan without it.
plan = offer.rank(active, budget=BUDGET)
chosen = plan[plan["treat"]]
print(f"With {BUDGET:.0f} to spend: {len(chosen)} households, ", end="")
print(f"expected profit {chosen['expected_profit'].sum():,.0f}\n")
for acceptance in (0.3, 0.2, 0.1):
    rows = RetentionValue(**{**COUPON, "acceptance": acceptance}).predict_frame(active)
    gain = rows.loc[rows["treat"], "expected_profit"].sum()
    print(f"{acceptance:.0%} accept: {rows['treat'].sum():4} households, profit {gain:7,.0f}")

# %%
# Is the risk any good?
# ---------------------
check = ck.pipelines.churn_holdout(log, AS_OF, RECIPE, n_resamples=100)
print(check)
risk = {name: check.probabilities[name] for name in ("ChurnClassifier", "RFMLogistic")}
ax = plotting.plot_calibration(check.y, risk, ax=picture("calibration"))
ax = plotting.plot_lift(check.y, risk, ax=picture("lift"))

# %%
# What would the coupon have earned?
# ----------------------------------
# The plan of four weeks ago, and who was silent since: by profit, by risk, and for everybody.
then = ck.summarize(log, as_of=FOUR_WEEKS_BEFORE, unit="W")
worth = pd.Series(VALUE.fit(then).predict(then), index=then["household_id"])
terms = {**COUPON, "value": worth[check.groups].to_numpy(), "random_state": 0}
by_profit, by_risk = (
    ck.metrics.profit_curve(check.y, risk["ChurnClassifier"], order=order, **terms)
    for order in ("profit", "risk")
)
best = by_profit["expected_profit"].idxmax()
print("What the coupon would have earned in the four weeks before, had as many accepted\n")
print(f"as planned, the best {best:.0%}: {by_profit.loc[best, 'profit']:7,.0f}")
print(f"the riskiest {best:.0%}:         {by_risk.loc[best, 'profit']:7,.0f}")
print(f"everybody:               {by_profit['profit'].iloc[-1]:7,.0f}")
ax = plotting.plot_profit(by_profit, ax=picture("profit"))
ax = plotting.plot_profit(by_risk, ax=picture("profit_by_risk"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
