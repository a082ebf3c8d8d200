"""
How do we score every night, and notice when the data break?
============================================================

Replays twelve nights of Complete Journey (a year of groceries), which is installed with the extra
``data``; a quarter of its households. The first night takes in ten months and fits; every further
night gets the lines of the day before alone, and one of them a second time. On one day three in
four lines are lost on the way, as when a file of a cash desk is missing: the watch says so, and
puts the fit of the new month off until the data are sound again. Give the command of a job like
this to cron, and ``sys.exit(not night.ok)`` at its end.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/daily_scoring.py pictures
"""

import sys
import tempfile
from pathlib import Path

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
watched = {}
for midnight in pd.date_range(FIRST, LAST):
    came = day < midnight if str(midnight.date()) == FIRST else day == midnight - pd.Timedelta("1D")
    night = DailyScoring(folder, pipeline).run(log_of(lines[came]), as_of=midnight)
    print(night)
    watched[midnight] = night.watch.assign(fitted=night.refitted)

# %%
# What was usual, and what came
# -----------------------------
# ``night.watch`` holds what was compared: the lines of each day beside the same weekdays before it,
# and how far the shares of the segments have moved since the model was fitted.

BLUE, RED, GREY = "#0072B2", "#D55E00", "#999999"
watch = pd.concat(watched, names=["night"]).reset_index("night").reset_index(drop=True)
lines_of = watch[watch["what"] == "events"]
ax = plt.figure("nights", figsize=(7.0, 4.2), layout="constrained").add_subplot()
days = pd.to_datetime(lines_of["day"]).dt.strftime("%d %b")
low, high = lines_of["usual"] / lines_of["limit"], lines_of["usual"] * lines_of["limit"]
band = ax.fill_between(days, low, high, color=GREY, alpha=0.25, lw=0, label="without an alarm")
usual = ax.plot(days, lines_of["usual"], color=GREY, label="usual for the weekday")
for alarm, colour, name in ((False, BLUE, "came"), (True, RED, "came: an alarm")):
    some = lines_of[lines_of["alarm"] == alarm]
    dots = ax.scatter(days[some.index], some["now"], color=colour, s=70, zorder=3, label=name)
title = ax.set_title("Lines of each day, and what the watch expects", loc="left")
ax.set_ylim(0, 1.25 * high.max())
ax.tick_params("x", labelsize="small")
legend = ax.legend(frameon=False, ncols=4, loc="upper left", fontsize="small")

# %%
# A model grows old slowly: the index of the shares begins at 0 with each fit.

moved = watch[(watch["what"] == "shares of segment") & (watch["day"] == "since the fit")]
ax = plt.figure("segments", figsize=(7.0, 4.2), layout="constrained").add_subplot()
nights = moved["night"].dt.strftime("%d %b")
shift = ax.plot(nights, moved["now"], marker="o", color=BLUE, label="stability index")
limit = ax.plot(nights, moved["limit"], color=RED, ls=":", label="limit")
for when in nights[moved["fitted"]]:
    fit = ax.axvline(when, color=GREY, lw=1)
    told = ax.annotate(" fit", (when, 0.9), xycoords=("data", "axes fraction"), color="#555555")
title = ax.set_title("How far the segments have moved since the fit", loc="left")
ax.set_ylim(bottom=0)
ax.tick_params("x", labelsize="small")
legend = ax.legend(frameon=False, loc="center right")

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

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    kept = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    kept.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(kept / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {kept}")
