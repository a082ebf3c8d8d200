"""Snapshots by brute force: one customer after the other, with nothing but pandas and a calendar.

`lines` are the events of one customer before the cut-off, with the columns day (a midnight),
amount, returned, and, where asked for, order, item or another column.
"""

import math
from itertools import pairwise

import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
NAN = float("nan")


def by_customer(frame, cutoff, describe, tz=None, net=False):
    """Dict of columns by customer, for those with a purchase before the cut-off."""
    frame = frame.copy()
    local = frame["timestamp"]
    if tz is not None:
        local = local.dt.tz_convert(tz).dt.tz_localize(None)
    frame["day"] = local.dt.normalize()
    frame["returned"] = frame["amount"] < 0
    cut = pd.Timestamp(cutoff)
    known = frame[frame["day"] < cut]
    found = {}
    for customer, lines in known.groupby("customer_id"):
        if (~lines["returned"]).any():
            found[customer] = describe(lines, cut, net)
    return pd.DataFrame.from_dict(found, orient="index").sort_index()


def days_of(lines):
    return sorted(set(lines.loc[~lines["returned"], "day"]))


def money(lines, since, net):
    """Spend on or after a day."""
    chosen = lines if net else lines[~lines["returned"]]
    return math.fsum(chosen.loc[chosen["day"] >= since, "amount"])


def orders(lines, since):
    """Orders first seen on or after a day; a line without an order id is one of its own."""
    bought = lines[~lines["returned"]]
    first = bought.groupby("order_id")["day"].min()
    alone = bought.loc[bought["order_id"].isna(), "day"]
    return int((first >= since).sum() + (alone >= since).sum())


def rfm(lines, cut, net):
    days = days_of(lines)
    n = len(days) - 1
    return {
        "frequency": n,
        "recency": (days[-1] - days[0]) / DAY,
        "T": (cut - DAY - days[0]) / DAY,
        "monetary_value": money(lines, days[0] + DAY, net) / n if n else 0.0,
        "days_since_last": (cut - days[-1]) / DAY,
        "n_orders": orders(lines, pd.Timestamp.min),
        "total_amount": money(lines, pd.Timestamp.min, net),
    }


def windows(lengths, young):
    def describe(lines, cut, net):
        days, out = days_of(lines), {}
        bought = lines[~lines["returned"]]
        age = (cut - days[0]) / DAY
        for word in ("orders", "days", "spend", "items"):
            for w in lengths:
                since = cut - w * DAY
                value = {
                    "orders": lambda s=since: orders(lines, s),
                    "days": lambda s=since: sum(day >= s for day in days),
                    "spend": lambda s=since: money(lines, s, net),
                    "items": lambda s=since: bought.loc[bought["day"] >= s, "item"].nunique(),
                }[word]()
                out[f"{word}_{w}d"] = NAN if young == "nan" and age < w else value
        if young == "coverage":
            out |= {f"coverage_{w}d": min(age / w, 1.0) for w in lengths}
        return out

    return describe


def gaps(lines, cut, net):
    days = days_of(lines)
    found = pd.Series([(b - a) / DAY for a, b in pairwise(days)], dtype=float)
    since = (cut - days[-1]) / DAY
    last = found.iloc[-1] if len(found) else NAN
    return {
        "gap_mean": found.mean(),
        "gap_sd": found.std(),
        "gap_median": found.median(),
        "gap_max": found.max(),
        "gap_min": found.min(),
        "gap_last": last,
        "gap_cv": found.std() / found.mean(),
        "silence_over_gap_mean": since / found.mean(),
        "silence_over_gap_max": since / found.max(),
        "gap_last_over_mean": last / found.mean(),
    }


def tenure(lines, cut, net):
    days = days_of(lines)
    age = (cut - days[0]) / DAY
    ages = [(day - days[0]) / DAY for day in days]
    return {
        "tenure": age,
        "purchase_rate": len(days) / age,
        "recency_share": ages[-1] / (age - 1) if age > 1 else NAN,
        "centroid": float(np.mean(ages)) / (age - 1) if age > 1 else NAN,
    }


def trend(pairs, of):
    def describe(lines, cut, net):
        days = days_of(lines)
        age = (cut - days[0]) / DAY

        def count(w):
            since = cut - w * DAY
            return orders(lines, since) if of == "orders" else sum(day >= since for day in days)

        out, values = {}, []
        for near, far in pairs:
            value = (count(near) / near) / ((count(far) + 0.5) / far) if age >= far else NAN
            out[f"trend_{of}_{near}d_{far}d"] = value
            values.append(value)
        (a, b), (_, c) = pairs
        return out | {f"acceleration_{of}_{a}d_{b}d_{c}d": values[0] - values[1]}

    return describe


def season(lines, cut, net):
    days = days_of(lines)
    n = len(days)
    out = {"weekend_share": sum(day.day_of_week >= 5 for day in days) / n}
    return out | {
        f"quarter_{q}_share": sum(day.quarter == q for day in days) / n for q in range(1, 5)
    }


def spending(lines, cut, net):
    spend = lines[~lines["returned"]].groupby("day")["amount"].sum()
    mean, last = spend.mean(), spend.iloc[-1]
    return {
        "spend_mean": mean,
        "spend_sd": spend.std(),
        "spend_max": spend.max(),
        "spend_min": spend.min(),
        "spend_first": spend.iloc[0],
        "spend_last": last,
        "spend_last_over_mean": last / mean if mean > 0 else NAN,
    }


def returns(lines, cut, net):
    back, bought = lines[lines["returned"]], lines.loc[~lines["returned"], "amount"].sum()
    days = set(back["day"])
    amount = -back["amount"].sum()
    return {
        "return_days": len(days),
        "return_days_90d": sum(day >= cut - 90 * DAY for day in days),
        "days_since_return": (cut - max(days)) / DAY if days else NAN,
        "returned_amount": amount,
        "returned_share": amount / bought if bought > 0 else NAN,
    }


def basket(lines, cut, net):
    bought = lines[~lines["returned"]]
    n = orders(lines, pd.Timestamp.min)
    return {
        "orders_per_day": n / bought["day"].nunique(),
        "spend_per_order": bought["amount"].sum() / n,
        "items_per_order": len(bought.dropna(subset="item").drop_duplicates(["day", "item"])) / n,
    }


def variety(column, stem):
    def describe(lines, cut, net):
        bought = lines[~lines["returned"]]
        met = bought.dropna(subset=column).drop_duplicates(["day", column])
        n = met[column].nunique()
        return {
            f"{stem}_distinct": n,
            f"{stem}_per_day": len(met) / bought["day"].nunique(),
            f"{stem}_new_share": n / len(met) if len(met) else NAN,
        }

    return describe


def mix(column, levels):
    def describe(lines, cut, net):
        bought = lines[~lines["returned"]]
        met = bought.dropna(subset=column).drop_duplicates(["day", column])
        shares = met[column].value_counts(normalize=True)
        some = len(met) > 0
        out = {
            f"{column}_top_share": shares.max() if some else NAN,
            f"{column}_entropy": -(shares * np.log(shares)).sum() if some else NAN,
        }
        n = bought["day"].nunique()
        return out | {
            f"{column}_{level}_share": (met[column] == level).sum() / n if some else NAN
            for level in levels
        }

    return describe
