"""Names of features as a manager would say them; a name that is not known stays as it is."""

import re
from collections.abc import Mapping, Sequence

_SAID = {
    "frequency": "bought again {} time(s)",
    "n_orders": "{} order(s) so far",
    "T": "customer for {} {unit}",  # whole ones: that of the first purchase does not count
    "recency": "bought over {} {unit}",
    "monetary_value": "mean spend of a repeat purchase {}",
    "total_amount": "total spend {}",
    "gap_mean": "buys every {} {unit} on average",
    "gap_median": "every second pause lasts {} {unit} or less",
    "gap_max": "longest pause {} {unit}",
    "gap_min": "shortest pause {} {unit}",
    "gap_sd": "pauses differ by {} {unit} from one to the next",
    "gap_cv": "pauses differ by {} times the usual one",
    "gap_last": "last pause {} {unit}",
    "silence_over_gap_mean": "silent for {} times the usual pause",
    "silence_over_gap_max": "silent for {} times the longest pause",
    "gap_last_over_mean": "last pause {} times the usual one",
    "tenure": "customer for {} {unit}",
    "purchase_rate": "{} purchase days per {per} since the first",
    "recency_share": "last purchase at a share of {} of the time as a customer",
    "centroid": "purchases lie on average at a share of {} of the time as a customer",
    "orders_per_day": "{} order(s) on a day with a purchase",
    "items_per_order": "{} product(s) per order",
    "items_per_day": "{} product(s) on a day with a purchase",
    "items_distinct": "{} different product(s) so far",
    "items_new_share": "share of products bought for the first time {}",
    "spend_sd": "spends differ by {} from one to the next",
    "spend_mean": "mean spend {}",
    "spend_max": "largest spend {}",
    "spend_min": "smallest spend {}",
    "spend_first": "first spend {}",
    "spend_last": "last spend {}",
    "spend_last_over_mean": "last spend {} times the mean",
    "spend_per_order": "spend per order {}",
    "weekend_share": "share of purchases at weekends {}",
    "model_no_purchase": "probability of no purchase by the purchase model {}",
    "days_since_return": "last return {} day(s) ago",
}
_PAUSES = ("gap_", "silence_over_")
_WINDOW = re.compile(r"(orders|days|spend|items)_(\d+)([hdw])")
_IN_WINDOW = {
    "orders": "{} order(s) in the last {span}",
    "days": "bought on {} day(s) of the last {span}",
    "spend": "spend of {} in the last {span}",
    "items": "{} product(s) in the last {span}",
}
_TREND = re.compile(r"trend_(?:days|orders)_(\d+)([dw])_(\d+)([dw])")
_PACE = re.compile(r"acceleration_(?:days|orders)_(\d+)([dw])_(\d+)([dw])_.*")
_TWINS = {"n_orders": "frequency", "tenure": "T", "gap_median": "gap_mean"}
_UNITS = {"h": "hours", "D": "days", "W": "weeks", "M": "months", "d": "days", "w": "weeks"}
_PER_DAY = {"h": 1 / 24, "D": 1.0, "W": 7.0, "M": 30.4}
_MISSING = "missing"


def theme(name: str) -> str:
    """What a feature is about: one name for features that say nearly the same of a customer."""
    window = _WINDOW.fullmatch(name)
    if window is not None and window[1] in ("orders", "days"):
        return f"visits_{window[2]}{window[3]}"
    return _TWINS.get(name, name)


def sentence(name: str, row: int, words: Mapping[str, Sequence[str]], unit: str) -> str:
    """What a feature says of a customer.

    `words` holds the values of all features as text; `unit` is that of ages, "" where the table is
    none of snapshots nor a summary: then `recency` and the like may mean anything.
    """
    value = words[name][row]
    if value == _MISSING:
        return _unknown(name, unit)
    if name == "days_since_last":
        days = "day" if value == "1" else "days"
        return f"last purchase {value} {days} ago{_habit(row, words, unit)}"
    window = _WINDOW.fullmatch(name)
    if window is not None:
        span = f"{window[2]} {_UNITS[window[3]]}"
        text = _IN_WINDOW[window[1]].format(value, span=span)
    elif trend := _TREND.fullmatch(name):
        near, far = (f"{trend[k]} {_UNITS[trend[k + 1]]}" for k in (1, 3))
        text = f"bought {value} times as often in the last {near} as in the last {far}"
    elif pace := _PACE.fullmatch(name):
        text = f"buying speeds up by {value} in the last {pace[1]} {_UNITS[pace[2]]}"
        text = text.replace("speeds up by -", "slows down by ")
    elif unit in _PER_DAY and name in _SAID:
        one = _UNITS[unit].removesuffix("s")
        text = _SAID[name].format(value, unit=one if value == "1" else _UNITS[unit], per=one)
    else:
        return f"{name} = {value}"
    return text.replace("(s)", "" if value == "1" else "s")


def _unknown(name: str, unit: str) -> str:
    window = _WINDOW.fullmatch(name)
    if window is not None:
        return (
            f"{window[1]} of the last {window[2]} {_UNITS[window[3]]} unknown, too new a customer"
        )
    if trend := _TREND.fullmatch(name):
        return f"pace of the last {trend[3]} {_UNITS[trend[4]]} unknown, too new a customer"
    if pace := _PACE.fullmatch(name):
        return f"change of pace of the last {pace[1]} {_UNITS[pace[2]]} unknown, too new a customer"
    if unit in _PER_DAY and name.startswith(_PAUSES):
        return "no pause between purchases yet"
    return f"{name} unknown"


def _habit(row: int, words: Mapping[str, Sequence[str]], unit: str) -> str:
    """How many days usually lie between purchases, from the columns there are."""
    if unit not in _PER_DAY:
        return ""
    if "gap_mean" in words:
        usual = _number(words["gap_mean"][row])
    elif "recency" in words and "frequency" in words:
        span, times = (_number(words[name][row]) for name in ("recency", "frequency"))
        usual = span / times if times > 0 else float("nan")
    else:
        return ""
    return f", usually every {usual * _PER_DAY[unit]:.0f}" if usual == usual else ""


def _number(text: str) -> float:
    return float("nan") if text == _MISSING else float(text)
