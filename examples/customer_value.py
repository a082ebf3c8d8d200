"""
What is each customer worth within a year?
==========================================

From a log of purchases to a table of values. Reads the CDNOW sample (2,357 customers of a shop for
music), which is installed with the extra ``data``, and prints what the segments bring, the most
valuable customers, and whether the forecast held on data that the model had not seen.

With your own data, replace ``load_cdnow`` by your frame and name its columns:
``crmkit.EventLog(frame, customer=..., when=..., amount=...)``.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/customer_value.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting

AS_OF = "1998-07-01"
TESTED, HORIZON = "1997-10-01", "39W"

# sphinx_gallery_thumbnail_path = "_static/gallery/customer_value.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(7.0, 4.2), layout="constrained").add_subplot()


# %%
# What is in the log
# ------------------
# Read this before anything else: what was found, and what happens to it.
log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
print(log.report())

# %%
# One row per customer
# --------------------
# Segment, stage, tier, expected purchases and value, all in one table.
pipeline = ck.pipelines.CustomerValuePipeline(unit="W")
customers = pipeline.fit_transform(log, as_of=AS_OF)

segments = ck.segment.segment_summary(customers, customers["segment"], value="clv")
columns = ["segment", "n_customers", "revenue", "share_of_revenue"]
expected = segments[columns].rename(columns={"revenue": "value", "share_of_revenue": "share"})
print("Value expected within a year, by segment\n")
print(expected.round(2).to_string(index=False))
ax = plotting.plot_concentration(customers["clv"], ax=picture("concentration"))

# %%
# Who is worth most, and what the value is made of.
columns = ["customer_id", "segment", "n_orders", "expected_purchases", "expected_spend", "clv"]
print("The five most valuable customers\n")
print(customers.nsmallest(5, "clv_rank")[columns].round(2).to_string(index=False))

# %%
# Did the forecast hold on the past?
# ----------------------------------
# Fitted on the first 39 weeks, judged by the next 39, beside rules that need no model.
check = ck.pipelines.holdout_report(log, as_of=TESTED, horizon=HORIZON)
print("Did the forecast hold on the past?\n", check, sep="\n")
ax = plotting.plot_holdout(check, ax=picture("holdout"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
