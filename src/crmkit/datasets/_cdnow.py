"""CDNOW: the purchases by which the papers on purchase models are measured."""

import numpy as np
import pandas as pd

from crmkit.datasets._sources import CDNOW

SAMPLE_COLUMNS = ["customer_id", "sample_id", "timestamp", "quantity", "amount"]


def load_cdnow(*, sample: bool = False) -> pd.DataFrame:
    """Load the CDNOW purchases: nothing in, events out (one row per purchase).

    Use it to try or test a purchase model: published estimates of BG/NBD, Pareto/NBD and
    Gamma-Gamma exist for the sample (all calibrate on the first 39 weeks, ``as_of="1997-10-01"``).
    All customers first bought within twelve weeks, and there are no items: for segments over
    years of joining, or for recommendation, take `load_complete_journey` or `make_customers`.

    Parameters
    ----------
    sample : bool, default=False
        False for all 23,570 customers (69,659 rows), True for the tenth of them that the papers
        use: 2,357 customers (6,919 rows), with the same ids as in the full list.

    Returns
    -------
    pandas.DataFrame
        In the order of the file, with the default column names of `crmkit.EventLog`:

        * `customer_id` (text, five digits),
        * `timestamp` (day of the purchase, 1997-01-01 to 1998-06-30, no time of day),
        * `quantity` (int64, number of CDs),
        * `amount` (float, US dollars for the whole purchase, not per CD; 0 is a real purchase).

        A customer who bought twice on one day has two rows, some of them alike: they are two
        orders, not a copying error.

    Raises
    ------
    MissingExtraError
        If the package `lifetimes`, which carries the files, is not installed.

    Notes
    -----
    Source: files `CDNOW_master.txt` and `CDNOW_sample.txt` of the Python package lifetimes, as
    published by P. Fader and B. Hardie. Licence: none stated for the data, which were published
    for academic use; the package is under MIT. The package is archived: only its files are read.

    References
    ----------
    P. S. Fader and B. G. S. Hardie (2001), "Forecasting repeat sales at CDNOW: a case study",
    Interfaces 31(3), S94-S107.

    Examples
    --------
    >>> from crmkit.datasets import load_cdnow
    >>> events = load_cdnow(sample=True)
    >>> events.shape, events["customer_id"].nunique()
    ((6919, 4), 2357)
    >>> events.head(2)
      customer_id  timestamp  quantity  amount
    0       00004 1997-01-01         2   29.33
    1       00004 1997-01-18         2   29.73
    """
    path = CDNOW.file("CDNOW_sample.txt" if sample else "CDNOW_master.txt")
    columns = SAMPLE_COLUMNS if sample else [c for c in SAMPLE_COLUMNS if c != "sample_id"]
    events = pd.read_csv(
        path,
        sep=r"\s+",
        names=columns,
        skiprows=0 if sample else 1,
        dtype={"customer_id": str, "timestamp": str, "quantity": np.int64, "amount": np.float64},
    )
    days = pd.to_datetime(events["timestamp"], format="%Y%m%d")
    events["timestamp"] = days.astype("datetime64[us]")
    return events[["customer_id", "timestamp", "quantity", "amount"]]
