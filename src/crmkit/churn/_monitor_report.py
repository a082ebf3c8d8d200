"""What a check of a churn model found, in a table and in words."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit._notebook import Told

_MOST = 5
_VERDICTS = {
    "keep": "Keep the model: nothing has changed more than chance explains and matters.",
    "watch": (
        "Watch: customers have changed, the scores and what is known of their quality have not. "
        "Look at how these features are made, and check again once the labels are known."
    ),
    "recalibrate": (
        "Recalibrate: the order of the customers still holds, the probabilities do not. Fit the "
        "calibration on the new labels, or train again."
    ),
    "retrain": (
        "Train again on newer cut-offs. Before that, look for a fault in how the features are "
        "made: a new model would learn it."
    ),
}


@dataclass(frozen=True, eq=False)
class MonitorReport(Told):
    """Result of `ChurnMonitor.check`: a table and what follows from it.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per feature (`kind` "feature"), one for the scores ("score") and, with labels,
        level and groups ("calibration"), auc ("ranking") and lift ("lift"): `name`, `kind`,
        `reference` and `now` (medians of features, codes of levels where they are words, else
        means; of auc and lift the reference is what they would be among the customers of now),
        `change` (stability index, gap, or fall), `limit` (what chance explains, or what matters if
        that is more), `alarm`, `missing_before` and `missing_now` (shares of a feature).
    advice : str
        "keep", "watch", "recalibrate" or "retrain".
    text : str
        The findings in sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmkit.churn import MonitorReport
    >>> MonitorReport(pd.DataFrame(), "keep", "Keep the model.")
    Keep the model.
    """

    table: pd.DataFrame
    advice: str
    text: str

    @property
    def retrain(self) -> bool:
        """Whether the advice is to train again."""
        return self.advice == "retrain"

    def _tables(self) -> dict[str, Any]:
        return {"Comparisons, alarms first": self.table.sort_values("alarm", ascending=False)}

    def __repr__(self) -> str:
        return self.text


def advice_of(table: pd.DataFrame, n: int, labelled: bool) -> MonitorReport:
    """Weigh the alarms of a table and say what follows.

    What lift was to be expected is read off the probabilities, so beside an alarm of their
    calibration its fall is no proof that the order is worse; the area under the curve is.
    """
    loud = table[table["alarm"]]
    kinds = set(loud["kind"])
    worse = "ranking" in kinds or ("lift" in kinds and "calibration" not in kinds)
    if worse or ("score" in kinds and not labelled):
        advice = "retrain"
    elif "calibration" in kinds:
        advice = "recalibrate"
    else:
        advice = "watch" if kinds else "keep"
    against = "with labels" if labelled else "without labels yet"
    lines = [f"{n:,} customers, {against}: {len(loud)} of {len(table)} comparisons raise an alarm."]
    lines += sentences(loud)
    return MonitorReport(table, advice, "\n".join([*lines, _VERDICTS[advice]]))


def sentences(loud: pd.DataFrame) -> list[str]:
    """One sentence for each alarm, the largest shifts of features first."""
    features = loud[loud["kind"] == "feature"].sort_values("change", ascending=False)
    lines = [
        f"- {row.name!r} has shifted: stability index {row.change:.2f} (limit {row.limit:.2f}), "
        f"median {in_words(row.reference)} before, {in_words(row.now)} now"
        f"{missing_in_words(row.missing_before, row.missing_now)}."
        for row in features.head(_MOST).itertuples(index=False)
    ]
    if len(features) > _MOST:
        lines.append(f"- {len(features) - _MOST} more features have shifted: see the table.")
    for row in loud[loud["kind"] != "feature"].itertuples(index=False):
        lines.append(f"- {_SAYS[str(row.name)].format(row=row)}")
    return lines


def in_words(median: Any) -> str:
    """Median as text."""
    return "none" if median != median else f"{median:.4g}"


def missing_in_words(before: Any, now: Any) -> str:
    """How much is missing, where that has changed."""
    if abs(now - before) < 0.005:
        return ""
    then, since = ("none" if share == 0 else f"{share:.0%}" for share in (before, now))
    return f"; {since} missing now, {then} before"


_SAYS = {
    "score": (
        "The scores have shifted: stability index {row.change:.2f} (limit {row.limit:.2f}), mean "
        "{row.reference:.3f} before, {row.now:.3f} now."
    ),
    "level": (
        "The level is off: {row.reference:.3f} were foretold to churn on average, {row.now:.3f} "
        "did."
    ),
    "gap in groups": (
        "The probabilities are off: churn rates of groups of equal risk differ from them by "
        "{row.now:.3f} on average."
    ),
    "auc": (
        "The order is worse: the area under the curve of these customers should be "
        "{row.reference:.3f} and is {row.now:.3f}."
    ),
    "lift": (
        "The lift of the riskiest of these customers should be {row.reference:.2f} and is "
        "{row.now:.2f}."
    ),
}
