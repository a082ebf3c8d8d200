"""Who are our customers, what do we know of each, and who behaves strangely? Groceries of a year.

Kinds of households by how they buy, with rules and a check whether the kinds hold; the core of the
shop, beside the kinds; the card of one household with the evidence of each tag, brought up to date
from the purchases of a month; and the few who behave quite unlike others, at a promised rate of
false alarms. Reads Complete Journey, which is installed with the extra `data`. Its times are those
of Greenwich, and are put on the clock of the shops first. Draws pictures into PNG files of the
folder that is named, or of a new one. Replace `read_lines` by your own frame and name its columns.

Run: python examples/who_they_are.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

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
HOUSEHOLD = 243
NAMES = {"customer": "household_id", "when": "when", "amount": "sales_value"}
NAMES |= {"order": "basket_id", "quantity": "quantity"}


def main(folder: Path) -> None:
    lines, people = read_lines()
    log = ck.EventLog(lines, **NAMES)
    customers = ck.summarize(log, as_of=BEFORE)
    customers["mean_order"] = customers["total_amount"] / customers["n_orders"]
    base = describe_customers(customers, columns=[*COLUMNS, "total_amount"])
    print(f"{base}\n")

    kinds = BehaviourSegmenter(COLUMNS).fit(customers)
    print_kinds(kinds)
    core = CoreCustomers().fit(customers)
    both = compare_segments(customers, {"kind": kinds, "core": core})
    print("\nWhich kinds are core, share of each kind\n")
    print(both.matrix("kind", "core", "share").round(2).to_string())

    profile = print_card(lines, log, people)
    unusual = UnusualBehaviour().fit(log, as_of=BEFORE)
    judged = unusual.predict_frame(log, as_of=BEFORE)
    print_strange(unusual, judged)
    pictures = {
        "kinds": lambda ax: plotting.plot_segment_profile(kinds, ax=ax),
        "stability": lambda ax: plotting.plot_segment_stability(kinds, ax=ax),
        "concentration": lambda ax: plotting.plot_lorenz(base, ax=ax),
        "card": lambda ax: plotting.plot_profile(profile, HOUSEHOLD, ax=ax),
        "strange": lambda ax: plotting.plot_unusual(judged, ax=ax),
    }
    draw(folder, pictures)


def read_lines() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines with category, promotion and local time; what households told of themselves."""
    journey = ck.datasets.load_complete_journey()
    lines = journey.transactions.merge(journey.products, on="product_id")
    greenwich = lines["transaction_timestamp"].dt.tz_localize("UTC")
    lines = lines.assign(
        when=greenwich.dt.tz_convert("America/New_York").dt.tz_localize(None),
        category=lines["product_category"].str.capitalize(),
        on_offer=(lines["retail_disc"] > 0) | (lines["coupon_disc"] > 0),
    )
    return lines, journey.demographics[["household_id", "age", "household_size"]]


def print_kinds(kinds: BehaviourSegmenter) -> None:
    """Kinds with their sizes, rules and the reason of their number."""
    print(f"Kinds of households: {kinds.reason_}\n")
    for row in kinds.describe().itertuples():
        print(f"{row.share_of_customers:4.0%}  {row.segment}\n      {row.rule}")
    print(f"\nThe rules put {kinds.fidelity_:.0%} of the households into their kind.")


def print_card(lines: pd.DataFrame, log: ck.EventLog, people: pd.DataFrame) -> CustomerProfile:
    """What is known of one household, and what December adds."""
    profile = CustomerProfile(category="category", promotion="on_offer")
    profile.fit(log, people, as_of=BEFORE)
    print(f"\nHousehold {HOUSEHOLD} before {BEFORE}\n")
    for row in profile.tags([HOUSEHOLD]).itertuples():
        print(f"{row.tag:18} {row.value:26} {row.evidence}")
    before = profile.profile_frame()
    december = lines[(lines["when"] >= BEFORE) & (lines["when"] < AFTER)]
    profile.update(ck.EventLog(december, **NAMES), as_of=AFTER)
    whole = profile.predict_frame(log, as_of=AFTER)
    same = "same" if profile.profile_frame().equals(whole) else "NOT the same"
    print(f"\nWith December alone added, the cards are the {same} as from all events.")
    joined = before.merge(whole, on="household_id", suffixes=("", "_after"))
    for tag in ("spending_power", "price_sensitivity", "engagement", "life_cycle"):
        changed = (joined[tag] != joined[f"{tag}_after"]).mean()
        print(f"{changed:4.0%} have another {tag}")
    return profile


def print_strange(unusual: UnusualBehaviour, judged: pd.DataFrame) -> None:
    """Who is flagged and why, beside what chance would flag."""
    told = judged[judged["unusual"]].sort_values("p_value")
    print(f"\n{len(told)} of {unusual.n_customers_:,} behave strangely; ", end="")
    print(f"chance would flag {unusual.expected_by_chance_:.1f}\n")
    for row in told.itertuples():
        print(f"{row.household_id:5}  {row.reasons}")


def draw(folder: Path, pictures: dict) -> None:
    """Each picture on a figure of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    print("\nPictures\n")
    for name, picture in pictures.items():
        figure = Figure(figsize=(11.0, 5.5), layout="constrained")
        ax = picture(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")
    print(f"\n{len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="crmkit-")))
