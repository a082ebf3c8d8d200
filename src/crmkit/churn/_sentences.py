"""Names of features as a manager would say them; a name that is not known stays as it is."""

from collections.abc import Mapping, Sequence

_SAID = {
    "frequency": "bought again {} times",
    "n_orders": "{} orders",
    "T": "first purchase {} periods ago",
    "recency": "bought over {} periods",
    "monetary_value": "mean spend of a purchase {}",
    "total_amount": "total spend {}",
}
_GAPS = ("gap_mean", "mean_gap", "gap_median")


def sentence(name: str, row: int, words: Mapping[str, Sequence[str]]) -> str:
    """What a feature says of a customer: `words` holds the values of all features as text."""
    value = words[name][row]
    if value == "missing":
        return f"{name} unknown"
    if name == "days_since_last":
        usual = next((words[gap][row] for gap in _GAPS if gap in words), "missing")
        habit = "" if usual == "missing" else f", usually every {usual}"
        return f"last purchase {value} days ago{habit}"
    return _SAID[name].format(value) if name in _SAID else f"{name} = {value}"
