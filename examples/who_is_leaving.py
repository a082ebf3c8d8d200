"""
Who is about to leave, why, and can the risk be trusted?
========================================================

From a log of purchases to call lists. Reads CDNOW (all 23,570 customers of a shop for music), which
is installed with the extra ``data``. Learns who bought nothing in 90 days from customers at
cut-offs of the past, scores those who are active now, prints tiers and reasons, and tests the whole
recipe on the last 90 days beside simple rules. Takes about half a minute.

With your own data, replace ``load_cdnow`` by your frame and name its columns:
``crmkit.EventLog(frame, customer=..., when=..., amount=...)``.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/who_is_leaving.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting
from crmkit.churn import RFM, Gaps, RiskTiers, Windows

AS_OF, HORIZON = "1998-07-01", "90D"
SAMPLE = False  # True takes a tenth of the customers
TESTED = "ChurnClassifier"

# sphinx_gallery_thumbnail_path = "_static/gallery/who_is_leaving.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(7.0, 5.0), layout="constrained").add_subplot()


# %%
# How long is a usual pause?
# --------------------------
# Nobody says goodbye to a shop. Whether a silence means anything is read from the pauses between
# purchases, those that have not ended yet included.
log = ck.EventLog(ck.datasets.load_cdnow(sample=SAMPLE))
pauses = ck.churn.inter_purchase_time(log, AS_OF)
usual = ck.churn.suggest_horizon(log, as_of=AS_OF)
print(f"Half of all pauses last longer than {pauses.median:.0f} days, and of those that end four")
print(f"in five do so within {usual}. Who buys nothing in {HORIZON}? That leaves room to test.")

bounds = {"lower": pauses.lower, "upper": pauses.upper}
ax = plotting.plot_survival(pauses.times, pauses.survival, **bounds, ax=picture("pauses"))

# %%
# Learn from the past, score the present
# --------------------------------------
# The recipe stands at earlier dates, describes each customer by what was known then, and learns who
# stayed away afterwards. ``top=2`` asks for the two strongest reasons of each risk.
features = [RFM(), Windows(["30D", "90D", "180D"]), Gaps()]
recipe = ck.pipelines.ChurnPipeline(HORIZON, features=features, max_customers=None, top=2)
customers = recipe.fit_transform(log, as_of=AS_OF)
print(f"On whom: {recipe.population_}, {len(customers):,} customers on {AS_OF}")
print(f"Learnt from: {recipe.training_}")
print(f"The classifier {recipe.model_.reason_}")

# %%
# Tiers, and some customers with their reasons
# --------------------------------------------
# Reasons are in log-odds: plus raises the risk, minus lowers it.
tiers = RiskTiers(edges=[0.5, 0.75]).fit(customers["probability_churn"])
print("How many are at what risk\n")
print(tiers.summary(customers["probability_churn"]).round(2).to_string(index=False))

customers = customers.assign(tier=tiers.predict(customers["probability_churn"]))
for tier in ["high", "medium", "low"]:
    print(f"\n{tier}")
    for row in customers[customers["tier"] == tier].head(3).itertuples():
        print(f"  {row.customer_id}  {row.probability_churn:.0%}  {row.churn_reasons}")

# %%
# Would it have told who left in the last 90 days?
# ------------------------------------------------
# The whole recipe, carried out one horizon earlier, beside rules that need no model.
check = ck.pipelines.churn_holdout(log, AS_OF, recipe, n_resamples=100)
print(check)

# %%
# Is the promised risk the true one, and how many leavers does a short list find?
forecasts = {name: check.probabilities[name] for name in (TESTED, "RecencyRule")}
told = tiers.summary(check.probabilities[TESTED], check.y)
ax = plotting.plot_calibration(check.y, forecasts, ax=picture("calibration"))
ax = plotting.plot_gain(check.y, forecasts, groups=check.groups, ax=picture("gain"))
ax = plotting.plot_risk_tiers(told, ax=picture("tiers"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
