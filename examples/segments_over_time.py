"""
Who got better, who got worse, and what comes next?
===================================================

Stages of the life cycle and RFM segments of the same customers at four dates, on one scale. Edges
are learnt at the first date and kept: fitted anew, every fifth would always hold a fifth of the
customers, and a shop that loses its customers would show the same segments as before. Tells who
moved where, a forecast of the sizes with its check on the last known date, and what became of those
who came together.

Reads the CDNOW sample, installed with the extra ``data``: all its customers joined within twelve
weeks, so that most of them go is no surprise.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/segments_over_time.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting
from crmkit.segment import LifecycleStager, RFMSegmenter, cohort_table, migration_matrix

DATES = ["1997-10-01", "1998-01-01", "1998-04-01", "1998-07-01"]
SIDE = "Champions"

# sphinx_gallery_thumbnail_path = "_static/gallery/segments_over_time.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(9.0, 5.5), layout="constrained").add_subplot()


# %%
# Who moved where?
# ----------------
# Each customer has a stage by the own rhythm of buying, at every date.
log = ck.EventLog(ck.datasets.load_cdnow(sample=True))
moves = migration_matrix(LifecycleStager(), log, DATES)
print(moves)
ax = plotting.plot_segment_flow(moves, ax=picture("flow"))

# %%
# The last quarter, as customers.
before, after = moves.dates[-2:]
print(f"From {before:%Y-%m-%d} (rows) to {after:%Y-%m-%d} (columns), customers\n")
print(moves.matrix(-1, shares=False).drop(index="(new)").to_string())
ax = plotting.plot_migration(moves, pair=-1, ax=picture("moves"))

# %%
# Who slipped, and why?
# ---------------------
# Each stage comes with its reason.
slipped = moves.movers("loyal", "at risk")
stages = moves.segmenter.predict_frame(log, as_of=DATES[-1])
print(f"{len(slipped)} slipped from loyal to at risk in the last quarter, such as\n")
for row in stages[stages["customer_id"].isin(slipped["customer_id"])].head(3).itertuples():
    print(f"{row.customer_id}: {row.reason}")
ax = plotting.plot_lifecycle(moves.segmenter, stages, ax=picture("stages"))

# %%
# Why the edges are kept
# ----------------------
# The best RFM segment on the edges of the first date, and on edges learnt anew each time: the
# second hides that the customers go.
frozen = migration_matrix(RFMSegmenter(), log, DATES)
kept = frozen.size_counts[:, frozen.segments.index(SIDE)]
print(f"{SIDE} by RFM at {len(DATES)} dates\n")
for date, n in zip(DATES, kept, strict=True):
    anew = RFMSegmenter().fit_predict(ck.summarize(log, as_of=date)) == SIDE
    print(f"{date}: {n} on the edges kept, {anew.sum()} on edges learnt anew")

# %%
# What comes next?
# ----------------
# The moves, carried on for two quarters, with the check that says whether they could have been.
ahead = moves.forecast(2)
print(ahead)
ax = plotting.plot_segment_sizes(moves, ahead, ax=picture("sizes"))

# %%
# What became of those who came together?
# ---------------------------------------
cohorts = cohort_table(log, period="M", as_of=DATES[-1])
print("Share who bought in the months after the month of the first purchase\n")
print(cohorts.wide().iloc[:, :13].round(2).to_string())
ax = plotting.plot_cohorts(cohorts, ax=picture("cohorts"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
