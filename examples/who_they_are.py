"""
Who are our customers, what do we know of each, and who behaves strangely?
==========================================================================

Groceries of a year. Kinds of households by how they buy, with rules and a check whether the kinds
hold; the core of the shop, beside the kinds; the card of one household with the evidence of each
tag, brought up to date from the purchases of a month; and the few who behave quite unlike others,
at a promised rate of false alarms.

Reads Complete Journey, which is installed with the extra ``data``. Its times are those of
Greenwich, and are put on the clock of the shops first. With your own data, replace ``read_lines``
by your frame and name its columns.

As a script it draws its pictures into PNG files of the folder that is named, or of a new one::

    python examples/who_they_are.py pictures
"""

import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import crmkit as ck
from crmkit import plotting
from crmkit.segment import (
    BehaviourSegmenter,
    CoreCustomers,
    CustomerProfile,
    UnusualBehaviour,
    compare_segments,
    describe_customers,
)

BEFORE, AFTER = "2017-12-01", "2018-01-01"
COLUMNS = ["days_since_last", "n_orders", "mean_order"]
ONE_IN = 1  # households
HOUSEHOLD = 243
NAMES = {"customer": "household_id", "when": "when", "amount": "sales_value"}
NAMES |= {"order": "basket_id", "quantity": "quantity"}

# sphinx_gallery_thumbnail_path = "_static/gallery/who_they_are.png"


def picture(name):
    """Axes of a new figure of that name."""
    return plt.figure(name, figsize=(11.0, 5.5), layout="constrained").add_subplot()


# %%
# The base, in numbers
# --------------------
def read_lines():
    """Lines with category, promotion and local time; what households told of themselves."""
    journey = ck.datasets.load_complete_journey()
    few = journey.transactions["household_id"] % ONE_IN == HOUSEHOLD % ONE_IN
    lines = journey.transactions[few].merge(journey.products, on="product_id")
    greenwich = lines["transaction_timestamp"].dt.tz_localize("UTC")
    lines = lines.assign(
        when=greenwich.dt.tz_convert("America/New_York").dt.tz_localize(None),
        category=lines["product_category"].str.capitalize(),
        on_offer=(lines["retail_disc"] > 0) | (lines["coupon_disc"] > 0),
    )
    return lines, journey.demographics[["household_id", "age", "household_size"]]


lines, people = read_lines()
log = ck.EventLog(lines, **NAMES)
customers = ck.summarize(log, as_of=BEFORE)
customers["mean_order"] = customers["total_amount"] / customers["n_orders"]
base = describe_customers(customers, columns=[*COLUMNS, "total_amount"])
print(base)
ax = plotting.plot_lorenz(base, ax=picture("concentration"))

# %%
# What kinds are there?
# ---------------------
# As many as would come out again from other samples, and as rules can tell.
kinds = BehaviourSegmenter(COLUMNS).fit(customers)
print(f"Kinds of households: {kinds.reason_}\n")
for row in kinds.describe().itertuples():
    print(f"{row.share_of_customers:4.0%}  {row.segment}\n      {row.rule}")
print(f"\nThe rules put {kinds.fidelity_:.0%} of the households into their kind.")
ax = plotting.plot_segment_profile(kinds, ax=picture("kinds"))
ax = plotting.plot_segment_stability(kinds, ax=picture("stability"))

# %%
# Which kinds are core?
# ---------------------
# Two answers about the same customers, side by side.
core = CoreCustomers().fit(customers)
both = compare_segments(customers, {"kind": kinds, "core": core})
print("Which kinds are core, share of each kind\n")
print(both.matrix("kind", "core", "share").round(2).to_string())

# %%
# What do we know of one household?
# ---------------------------------
# Tags with the evidence for each.
profile = CustomerProfile(category="category", promotion="on_offer")
profile.fit(log, people, as_of=BEFORE)
print(f"Household {HOUSEHOLD} before {BEFORE}\n")
for row in profile.tags([HOUSEHOLD]).itertuples():
    print(f"{row.tag:18} {row.value:26} {row.evidence}")

# %%
# What does December add? Only its lines are read, and the cards are those of all lines.
before = profile.profile_frame()
december = lines[(lines["when"] >= BEFORE) & (lines["when"] < AFTER)]
profile.update(ck.EventLog(december, **NAMES), as_of=AFTER)
whole = profile.predict_frame(log, as_of=AFTER)
same = "same" if profile.profile_frame().equals(whole) else "NOT the same"
print(f"With December alone added, the cards are the {same} as from all events.")
joined = before.merge(whole, on="household_id", suffixes=("", "_after"))
for tag in ("spending_power", "price_sensitivity", "engagement", "life_cycle"):
    changed = (joined[tag] != joined[f"{tag}_after"]).mean()
    print(f"{changed:4.0%} have another {tag}")
ax = plotting.plot_profile(profile, HOUSEHOLD, ax=picture("card"))

# %%
# Who behaves strangely?
# ----------------------
# At a promised rate: beside the number flagged stands what chance alone would flag.
unusual = UnusualBehaviour().fit(log, as_of=BEFORE)
judged = unusual.predict_frame(log, as_of=BEFORE)
told = judged[judged["unusual"]].sort_values("p_value")
print(f"{len(told)} of {unusual.n_customers_:,} behave strangely; ", end="")
print(f"chance would flag {unusual.expected_by_chance_:.1f}\n")
for row in told.itertuples():
    print(f"{row.household_id:5}  {row.reasons}")
ax = plotting.plot_unusual(judged, ax=picture("strange"))

# %%
# Run as a script, it keeps the pictures.
if plt.get_fignums():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in plt.get_figlabels():
        plt.figure(name).savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {plt.gca().get_title(loc='left')}")
    print(f"{len(plt.get_fignums())} pictures in {folder}")
