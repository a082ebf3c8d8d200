"""The CDNOW sample summarised in a few lines of pandas, apart from crmkit: weeks are days / 7.

Published estimates: Fader, Hardie and Lee (2005), Marketing Science 24, 275-284; Fader and
Hardie (2013), note 025.
"""

import importlib.util
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

PURCHASES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
LOG_LIKELIHOOD = -9582.4
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}


@cache
def purchases() -> pd.DataFrame:
    """One row per customer and day of purchase until the end of September 1997, with its spend."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        pytest.skip("lifetimes brings the CDNOW sample and is not installed")
    path = Path(found.origin).parent / "datasets" / "CDNOW_sample.txt"
    names = ["customer_id", "sample_id", "day", "n_cds", "amount"]
    lines = pd.read_csv(path, sep=r"\s+", header=None, names=names)
    lines["day"] = pd.to_datetime(lines["day"].astype(str), format="%Y%m%d")
    lines = lines[lines["day"] <= "1997-09-30"]
    return lines.groupby(["customer_id", "day"], as_index=False)["amount"].sum()


def customers() -> pd.DataFrame:
    """The 2,357 customers, ages in weeks, with the columns that purchase models read."""
    days = purchases()
    by_customer = days.groupby("customer_id")
    first, last = by_customer["day"].min(), by_customer["day"].max()
    repeat = days[days["day"] > days["customer_id"].map(first)]
    spend = repeat.groupby("customer_id")["amount"].mean()
    return pd.DataFrame(
        {
            "frequency": by_customer.size() - 1,
            "recency": (last - first).dt.days / 7,
            "T": (pd.Timestamp("1997-09-30") - first).dt.days / 7,
            "monetary_value": spend.reindex(first.index, fill_value=0.0),
            "first_purchase": first,
            "last_purchase": last,
        }
    ).reset_index()
