"""Names of features as a manager would say them; a name that is not known stays as it is."""

import re
from collections.abc import Mapping, Sequence

_SAID = {
    "frequency": "bought again {} time(s)",
    "n_orders": "{} order(s) so far",
    "T": "first purchase {} {unit} ago",
    "recency": "bought over {} {unit}",
    "monetary_value": "mean spend of a repeat purchase {}",
    "total_amount": "total spend {}",
    "gap_mean": "buys every {} {unit} on average",
    "gap_median": "every second pause lasts {} {unit} or less",
    "gap_max": "longest pause {} {unit}",
    "gap_min": "shortest pause {} {unit}",
    "gap_last": "last pause {} {unit}",
    "silence_over_gap_mean": "silent for {} times the usual pause",
    "silence_over_gap_max": "silent for {} times the longest pause",
    "gap_last_over_mean": "last pause {} times the usual one",
    "tenure": "customer for {} {unit}",
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
    "days": "bought on {} of the last {span}",
    "spend": "spend of {} in the last {span}",
    "items": "{} product(s) in the last {span}",
}
_UNITS = {"h": "hours", "D": "days", "W": "weeks", "M": "months", "d": "days", "w": "weeks"}
_PER_DAY = {"h": 1 / 24, "D": 1.0, "W": 7.0, "M": 30.4}
_MISSING = "missing"


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
    elif unit in _PER_DAY and name in _SAID:
        length = _UNITS[unit].removesuffix("s") if value == "1" else _UNITS[unit]
        text = _SAID[name].format(value, unit=length)
    else:
        return f"{name} = {value}"
    return text.replace("(s)", "" if value == "1" else "s")


def _unknown(name: str, unit: str) -> str:
    window = _WINDOW.fullmatch(name)
    if window is not None:
        return (
            f"{window[1]} of the last {window[2]} {_UNITS[window[3]]} unknown, too new a customer"
        )
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
