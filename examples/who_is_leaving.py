"""Who is about to leave, why, and can the risk be trusted? From a log of purchases to call lists.

Reads CDNOW (all 23,570 customers of a shop for music), which is installed with the extra `data`.
Learns who bought nothing in 90 days from customers at cut-offs of the past, scores those who are
active now, prints tiers and reasons, and tests the whole recipe on the last 90 days beside simple
rules. Draws pictures into PNG files of the folder that is named, or of a new one. Takes about half
a minute. Replace `load_cdnow` by your own frame and name its columns:
crmkit.EventLog(frame, customer=..., when=..., amount=...).

Run: python examples/who_is_leaving.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.churn import RFM, ChurnReport, Gaps, RiskTiers, SurvivalCurve, Windows

AS_OF, HORIZON = "1998-07-01", "90D"
TESTED = "ChurnClassifier"


def main(folder: Path) -> None:
    log = ck.EventLog(ck.datasets.load_cdnow())
    pauses = ck.churn.inter_purchase_time(log, AS_OF)
    usual = ck.churn.suggest_horizon(log, as_of=AS_OF)
    print(
        f"Half of all pauses last longer than {pauses.median:.0f} days, and of those that end four"
    )
    print(f"in five do so within {usual}. Who buys nothing in {HORIZON}? That leaves room to test.")

    features = [RFM(), Windows(["30D", "90D", "180D"]), Gaps()]
    recipe = ck.pipelines.ChurnPipeline(HORIZON, features=features, max_customers=None, top=2)
    customers = recipe.fit_transform(log, as_of=AS_OF)
    print(f"\nOn whom: {recipe.population_}, {len(customers):,} customers on {AS_OF}")
    print(f"Learnt from: {recipe.training_}")
    print(f"The classifier {recipe.model_.reason_}")

    tiers = RiskTiers(edges=[0.5, 0.75]).fit(customers["probability_churn"])
    print("\nHow many are at what risk\n")
    print(tiers.summary(customers["probability_churn"]).round(2).to_string(index=False))
    print_customers(customers.assign(tier=tiers.predict(customers["probability_churn"])))

    check = ck.pipelines.churn_holdout(log, AS_OF, recipe, n_resamples=100)
    print("\nWould it have told who left in the last 90 days?\n", check, sep="\n")
    draw(folder, pauses, check, tiers.summary(check.probabilities[TESTED], check.y))


def print_customers(customers: pd.DataFrame) -> None:
    """Three customers of each tier, the riskiest tier first, with their reasons."""
    print("\nSome of them, and why (log-odds: plus raises the risk)")
    for tier in ["high", "medium", "low"]:
        print(f"\n{tier}")
        for row in customers[customers["tier"] == tier].head(3).itertuples():
            print(f"  {row.customer_id}  {row.probability_churn:.0%}  {row.churn_reasons}")


def draw(folder: Path, pauses: SurvivalCurve, check: ChurnReport, tiers: pd.DataFrame) -> None:
    """Pictures of the pauses and of the test."""
    forecasts = {name: check.probabilities[name] for name in (TESTED, "RecencyRule")}
    curve = pauses.times, pauses.survival
    bounds = {"lower": pauses.lower, "upper": pauses.upper}
    pictures = {
        "pauses": lambda ax: plotting.plot_survival(*curve, **bounds, ax=ax),
        "calibration": lambda ax: plotting.plot_calibration(check.y, forecasts, ax=ax),
        "gain": lambda ax: plotting.plot_gain(check.y, forecasts, groups=check.groups, ax=ax),
        "tiers": lambda ax: plotting.plot_risk_tiers(tiers, ax=ax),
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
