"""What customers are like, and who is unlike the others: each sentence computed from the data."""

import re

import numpy as np
import pandas as pd

from crmkit import _frames
from crmkit.report._numbers import GAP, amount, day, decimals, percent, plural, stated_percent
from crmkit.report._profile_content import ProfileContent, UnusualContent
from crmkit.segment import CustomerProfile

OWNER = "ReportContent"
UNKNOWN, NONE = "(unknown)", "(none)"
USUAL = {UNKNOWN, NONE, "(missing)", "any day", "several", "usual", "medium"}
EDGED = ("spending_power", "engagement")  # tags by quantiles: their shares tell nothing
NAMED = ("channel", "price_sensitivity")  # tags whose values do not tell what they are of
NOTABLE = 0.01  # share of customers from which a habit is read aloud
_PERCENT = re.compile(r"(\d)%")
SHOWN = 6  # values of a tag that are listed
MEASURES = {
    "returns": "returns",
    "largest_order": "amounts",
    "largest_quantity": "quantities",
    "night": "the hours of orders",
}
"""What a log may leave untold, by the measure that then is not looked at."""
RETURNS = ("returns", "return_burst", "refund_share")


def tags_of(profile: CustomerProfile) -> pd.DataFrame:
    """Customers of each value of each tag but the stage of life, which has its own section."""
    told = profile.describe()
    return told[told["tag"] != "life_cycle"].reset_index(drop=True)


def introduction(content: ProfileContent) -> list[str]:
    """Say what tags are, of when, and what stands out most often."""
    profile = content.profile
    if profile is None:
        return [f"Customers could not be tagged. {content.note}"]
    tags = tags_of(profile)
    said = [
        f"Tags of {day(np.datetime64(profile.as_of_))} say what is known of a customer and stands "
        "out beside the others. A habit is only told of customers with at least "
        f"{profile.min_evidence} purchase days, and where it is above the usual share with a "
        f"chance of {stated_percent(profile.confidence)}."
    ]
    strong = tags[~tags["value"].isin(USUAL) & ~tags["tag"].isin(EDGED)]
    strong = strong[strong["share_of_customers"] >= NOTABLE]
    strong = strong.sort_values("n_customers", ascending=False, kind="stable").head(3)
    if len(strong):
        named = ", ".join(
            f"{habit(row['tag'], row['value'])} ({plural(int(row['n_customers']), 'customer')}, "
            f"{percent(float(row['share_of_customers']))})"
            for row in strong.to_dict("records")
        )
        said.append(f"What stands out most often: {named}.")
    else:
        said.append(
            f"No habit is told of {percent(NOTABLE)} of customers or more: most buy at usual times "
            "and in the usual way, or too seldom to tell."
        )
    return said


def habit(tag: str, value: str) -> str:
    """A tag and its value in words."""
    if str(tag).startswith("preference"):
        return f"a preference for “{value}”"
    return f"{called(tag)} “{value}”" if tag in NAMED else f"“{value}”"


def spaced(text: str) -> str:
    """A text with percents written as those of the report."""
    return _PERCENT.sub(rf"\1{GAP}%", text)


def worded(value: str) -> str:
    """A value of a tag in words."""
    return "no habit" if value == NONE else str(value)


def called(tag: str) -> str:
    """A tag in words."""
    return str(tag).replace("_", " ")


def unusual_text(unusual: UnusualContent) -> list[str]:
    """Say how many are flagged, of whom, beside what was promised."""
    found = unusual.detector
    if found is None:
        return [f"Who behaves unlike the others cannot be told. {unusual.note}"]
    rate = float(found.expected_false_positives)
    n, window = int(found.n_customers_), found.window
    expected = float(found.expected_by_chance_)
    said = [
        f"{plural(int(found.n_flagged_), 'customer')} of the {n:,} who did anything in the "
        f"{days_of(window)} before {day(np.datetime64(str(found.as_of_)[:10]))} behaved unlike "
        f"customers alike. Promised: of innocent customers at most {stated_percent(rate)} are "
        f"flagged by chance, here at most {decimals(expected, 1)}."
    ]
    looked_at = measures_of(unusual)
    missing = [what for name, what in MEASURES.items() if name not in looked_at]
    if missing:
        said.append(f"Nothing is said of {together(missing)}: the log does not tell them.")
    return said


def together(words: list[str]) -> str:
    """Words in a row: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def measures_of(unusual: UnusualContent) -> list[str]:
    """What was looked at: a log without any return in these days tells nothing of returns."""
    measures = [] if unusual.detector is None else list(unusual.detector.measures_)
    back = _frames.column_values(unusual.judged, "returns", OWNER) if measures else np.zeros(1)
    if not np.nansum(back.astype(np.float64)):
        measures = [name for name in measures if name not in RETURNS]
    return measures


def days_of(window: str | float) -> str:
    """A window in words."""
    text = str(window)
    return f"{text[:-1]} days" if text.endswith("D") else f"{text} days"


def usual_of(measure: str, value: float) -> str:
    """What 99 of 100 customers have at most, as its measure is written."""
    if not np.isfinite(value):
        return "–"
    if measure == "refund_share":
        return percent(value)
    return amount(value) if measure == "largest_order" else f"{value:,.0f}"
