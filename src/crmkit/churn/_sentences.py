"""Names of features as a manager would say them; a name that is not known stays as it is."""

import re
from collections.abc import Mapping, Sequence

_SAID = {
    "frequency": "bought again {} times",
    "n_orders": "{} orders so far",
    "T": "first purchase {} {unit} ago",
    "recency": "bought over {} {unit}",
    "monetary_value": "mean spend of a repeat purchase {}",
    "total_amount": "total spend {}",
}
_WINDOW = re.compile(r"(orders|days|spend|items)_(\d+)([hdw])")
_IN_WINDOW = {
    "orders": "{} orders in the last {span}",
    "days": "bought on {} of the last {span}",
    "spend": "spend of {} in the last {span}",
    "items": "{} products in the last {span}",
}
_UNITS = {"h": "hours", "D": "days", "W": "weeks", "M": "months", "d": "days", "w": "weeks"}
_PER_DAY = {"h": 1 / 24, "D": 1.0, "W": 7.0, "M": 30.4}
_MISSING = "missing"


def sentence(name: str, row: int, words: Mapping[str, Sequence[str]], unit: str) -> str:
    """What a feature says of a customer.

    `words` holds the values of all features as text; `unit` is that of ages, "" where unknown.
    """
    value = words[name][row]
    window = _WINDOW.fullmatch(name)
    if window is not None:
        span = f"{window[2]} {_UNITS[window[3]]}"
        if value == _MISSING:
            return f"{window[1]} of the last {span} unknown, too new a customer"
        return _IN_WINDOW[window[1]].format(value, span=span)
    if value == _MISSING:
        return f"{name} unknown"
    if name == "days_since_last":
        return f"last purchase {value} days ago{_habit(row, words, unit)}"
    if name in _SAID:
        return _SAID[name].format(value, unit=_UNITS.get(unit, "periods"))
    return f"{name} = {value}"


def _habit(row: int, words: Mapping[str, Sequence[str]], unit: str) -> str:
    """How many days usually lie between purchases, from the columns of RFM, if there are any."""
    if unit not in _PER_DAY or "recency" not in words or "frequency" not in words:
        return ""
    span, times = words["recency"][row], words["frequency"][row]
    if _MISSING in (span, times) or float(times) <= 0:
        return ""
    return f", usually every {float(span) / float(times) * _PER_DAY[unit]:.0f}"
