"""Whom is it worth keeping, and what would a coupon earn? Risk and value of each household joined.

Reads Complete Journey (a year of groceries), which is installed with the extra `data`; the half of
its households with even numbers, to be done in half a minute. Says for each household the risk of
four weeks without a purchase, the profit of the next half year and what a coupon would earn on
average, and tests the plan on the last four weeks. A household silent for so long is taken for
lost, which not all are: read the profit as its upper end. The costs, the margin and the acceptance
at the top are made up: put in your own. Draws pictures into PNG files of the folder that is named,
or of a new one.

Run: python examples/whom_to_keep.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.churn import ChurnReport, RetentionValue

AS_OF, FOUR_WEEKS_BEFORE = "2018-01-01", "2017-12-04"
VALUE = ck.clv.CustomerLifetimeValue(horizon="26W", margin=0.25)
RECIPE = ck.pipelines.ChurnPipeline("28D", within="84D", n_cutoffs=5, top=1)
COUPON = {"offer_cost": 5.0, "contact_cost": 0.25, "acceptance": 0.3}
BUDGET = 250.0


def main(folder: Path) -> None:
    log = read_log()
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
    print("\nThe five it pays for most\n")
    print(table.nlargest(5, "expected_profit")[columns].round(2).to_string(index=False))
    active = table[table["churn_source"] == "classifier"]
    print("\nThe five most likely to be silent, of those who were here in twelve weeks\n")
    print(active.nlargest(5, "probability_churn")[columns].round(2).to_string(index=False))

    plan = offer.rank(active, budget=BUDGET)
    chosen = plan[plan["treat"]]
    print(f"\nWith {BUDGET:.0f} to spend: {len(chosen)} households, ", end="")
    print(f"expected profit {chosen['expected_profit'].sum():,.0f}")
    print_assumption(active)

    check = ck.pipelines.churn_holdout(log, AS_OF, RECIPE, n_resamples=100)
    print("\nIs the risk any good?\n", check, sep="\n")
    draw(folder, check, curves(log, check))


def read_log() -> ck.EventLog:
    """Purchases of half of the households."""
    lines = ck.datasets.load_complete_journey().transactions
    return ck.EventLog(
        lines[lines["household_id"] % 2 == 0],
        customer="household_id",
        when="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        item="product_id",
    )


def print_assumption(table: pd.DataFrame) -> None:
    """What becomes of the plan if fewer accept: nobody has measured it yet."""
    print("\nIf fewer accept\n")
    for acceptance in (0.3, 0.2, 0.1):
        offer = RetentionValue(**{**COUPON, "acceptance": acceptance})
        row = offer.predict_frame(table)
        gain = row.loc[row["treat"], "expected_profit"].sum()
        print(f"{acceptance:.0%} accept: {row['treat'].sum():4} households, profit {gain:7,.0f}")


def curves(log: ck.EventLog, check: ChurnReport) -> dict[str, pd.DataFrame]:
    """What the coupon would have earned in the last four weeks, by two orders of the households."""
    then = ck.summarize(log, as_of=FOUR_WEEKS_BEFORE, unit="W")
    worth = pd.Series(VALUE.fit(then).predict(then), index=then["household_id"])
    terms = {**COUPON, "value": worth[check.groups].to_numpy(), "random_state": 0}
    risk = check.probabilities["ChurnClassifier"]
    found = {
        order: ck.metrics.profit_curve(check.y, risk, order=order, **terms)
        for order in ("profit", "risk")
    }
    best = found["profit"]["expected_profit"].idxmax()
    print("\nWhat the coupon would have earned in the four weeks before, had as many accepted\n")
    print(f"as planned, the best {best:.0%}: {found['profit'].loc[best, 'profit']:7,.0f}")
    print(f"the riskiest {best:.0%}:         {found['risk'].loc[best, 'profit']:7,.0f}")
    print(f"everybody:               {found['profit']['profit'].iloc[-1]:7,.0f}")
    return found


def draw(folder: Path, check: ChurnReport, found: dict[str, pd.DataFrame]) -> None:
    """Pictures of the plan and of the test."""
    risk = {name: check.probabilities[name] for name in ("ChurnClassifier", "RFMLogistic")}
    pictures = {
        "profit": lambda ax: plotting.plot_profit(found["profit"], ax=ax),
        "profit_by_risk": lambda ax: plotting.plot_profit(found["risk"], ax=ax),
        "calibration": lambda ax: plotting.plot_calibration(check.y, risk, ax=ax),
        "lift": lambda ax: plotting.plot_lift(check.y, risk, ax=ax),
    }
    folder.mkdir(parents=True, exist_ok=True)
    print("\nPictures\n")
    for name, picture in pictures.items():
        figure = Figure(figsize=(7.0, 5.0), layout="constrained")
        ax = picture(figure.add_subplot())
        figure.savefig(folder / f"{name}.png", dpi=100)
        print(f"{name}.png: {ax.get_title(loc='left')}")
    print(f"\n{len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="crmkit-")))
